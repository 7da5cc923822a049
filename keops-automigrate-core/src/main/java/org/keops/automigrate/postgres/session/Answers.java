package org.keops.automigrate.postgres.session;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The answers to statements that travelled together, in their order; those without rows are stepped over. Used by one thread. */
public final class Answers {
    private final Statement statement;
    private boolean hasRows;

    Answers(Statement statement, boolean hasRows) {
        this.statement = statement;
        this.hasRows = hasRows;
    }

    /** Reads the next answer that has rows. */
    public <T> T next(Queries.Reader<T> reader) throws SQLException {
        while (!hasRows) {
            if (statement.getUpdateCount() < 0) {
                throw new SQLException("the server has answered less than it was asked");
            }
            hasRows = statement.getMoreResults();
        }
        try (ResultSet rows = statement.getResultSet()) {
            T value = reader.read(rows);
            hasRows = statement.getMoreResults();
            return value;
        }
    }

    /** Turns answers into a value. */
    @FunctionalInterface
    public interface Reader<T> {
        T read(Answers answers) throws SQLException;
    }
}
