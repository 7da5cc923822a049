package org.keops.automigrate.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * One script: a name for messages and a way to read it, as often as needed.
 *
 * @param place what a person would look for, for example {@code alembic/versions/84c03f89212d_add_feedback_table.sql}
 * @param content opens the script from its beginning
 */
public record ScriptFile(String place, Content content) {

    /**
     * Checks that both parts are there.
     *
     * @param place the component of this name
     * @param content the component of this name
     */
    public ScriptFile {
        Objects.requireNonNull(place, "place");
        Objects.requireNonNull(content, "content");
    }

    /**
     * Opens the script.
     *
     * @return its bytes from the beginning; the caller closes the stream
     * @throws IOException if it can not be read
     */
    public InputStream open() throws IOException {
        return content.open();
    }

    /** Opens a script's bytes. */
    @FunctionalInterface
    public interface Content {

        /**
         * Opens the script.
         *
         * @return a new stream from the beginning
         * @throws IOException if it can not be read
         */
        InputStream open() throws IOException;
    }
}
