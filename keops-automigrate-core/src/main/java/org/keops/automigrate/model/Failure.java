package org.keops.automigrate.model;

import java.util.Objects;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong while a plan was carried out. Immutable and thread-safe.
 *
 * @param where the place in the script, or null if it was not a script's statement that failed
 * @param message what was seen, without literals of the statement
 * @param sqlState PostgreSQL's or the driver's SQLSTATE, or null where there is none
 * @param particulars what else the server said, and the line of the script
 * @param revisions the revisions recorded in the database afterwards, as far as is known
 * @param consequence what is rolled back and what is committed
 */
public record Failure(
        @Nullable Location where,
        String message,
        @Nullable String sqlState,
        Particulars particulars,
        SortedSet<RevisionId> revisions,
        String consequence) {

    /**
     * Checks that what else is known is there.
     *
     * @param where the component of this name
     * @param message the component of this name
     * @param sqlState the component of this name
     * @param particulars the component of this name
     * @param revisions the component of this name
     * @param consequence the component of this name
     */
    public Failure {
        Objects.requireNonNull(particulars, "particulars");
    }

    /**
     * A failure of which no more is known.
     *
     * @param where the component of this name
     * @param message the component of this name
     * @param sqlState the component of this name
     * @param revisions the component of this name
     * @param consequence the component of this name
     */
    public Failure(
            @Nullable Location where,
            String message,
            @Nullable String sqlState,
            SortedSet<RevisionId> revisions,
            String consequence) {
        this(where, message, sqlState, Particulars.NONE, revisions, consequence);
    }

    /**
     * The same with another message.
     *
     * @param otherwise what is to be said
     * @return a new failure
     */
    public Failure saying(String otherwise) {
        return new Failure(where, otherwise, sqlState, particulars, revisions, consequence);
    }

    /** One line: {@code file:line:column: message [SQLSTATE]; consequence}, then the server's detail and hint. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (where != null) {
            text.append(where).append(": ");
        }
        text.append(message);
        if (sqlState != null) {
            text.append(" [").append(sqlState).append(']');
        }
        text.append("; ").append(consequence);
        append(text, "DETAIL", particulars.detail());
        append(text, "HINT", particulars.hint());
        append(text, "CONTEXT", particulars.context());
        return text.toString();
    }

    private static void append(StringBuilder text, String name, @Nullable String what) {
        if (what != null) {
            text.append("; ").append(name).append(": ").append(what.replaceAll("\\s*\\R\\s*", " | "));
        }
    }
}
