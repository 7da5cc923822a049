package org.keops.automigrate.model;

import java.util.Objects;

/**
 * A line of a script with a place in it. Immutable and thread-safe.
 *
 * @param text the line as far as it belongs to the statement, each literal and each comment replaced by an ellipsis
 * @param caret how many characters (code points) of the text stand before the place
 */
public record SourceLine(String text, int caret) {

    /**
     * Checks that the text is there.
     *
     * @param text the component of this name
     * @param caret the component of this name
     */
    public SourceLine {
        Objects.requireNonNull(text, "text");
    }

    /** The line, and below it a {@code ^} under the place; tabs stay tabs. */
    @Override
    public String toString() {
        StringBuilder lines = new StringBuilder(text).append('\n');
        text.codePoints().limit(caret).forEach(c -> lines.append(c == '\t' ? '\t' : ' '));
        return lines.append('^').toString();
    }
}
