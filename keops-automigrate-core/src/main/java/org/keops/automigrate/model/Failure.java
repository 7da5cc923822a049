package org.keops.automigrate.model;

import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong while a plan was carried out. Immutable and thread-safe.
 *
 * @param where the place in the script, or null if it was not a script's statement that failed
 * @param message what was seen, without literals of the statement
 * @param sqlState PostgreSQL's or the driver's SQLSTATE, or null where there is none
 * @param revisions the revisions recorded in the database afterwards, as far as is known
 * @param consequence what is rolled back and what is committed
 */
public record Failure(
        @Nullable Location where,
        String message,
        @Nullable String sqlState,
        SortedSet<RevisionId> revisions,
        String consequence) {

    /**
     * The same with another message.
     *
     * @param otherwise what is to be said
     * @return a new failure
     */
    public Failure saying(String otherwise) {
        return new Failure(where, otherwise, sqlState, revisions, consequence);
    }

    /** {@code file:line:column: message [SQLSTATE]; consequence}. */
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
        return text.append("; ").append(consequence).toString();
    }
}
