package org.keops.automigrate.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** The few shapes of JDBC that our own statements need. Stateless. */
final class Queries {

    private Queries() {}

    /** Executes one statement as it stands: no JDBC escapes, no parameters. */
    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }

    /** Executes a statement with text parameters and tells how many rows it touched. */
    static int update(Connection connection, String sql, @Nullable String... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(connection, sql, parameters)) {
            return statement.executeUpdate();
        }
    }

    /** Reads all rows of a query with text parameters. */
    static <T> T query(Connection connection, String sql, Reader<T> reader, @Nullable String... parameters)
            throws SQLException {
        try (PreparedStatement statement = prepare(connection, sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            return reader.read(rows);
        }
    }

    private static PreparedStatement prepare(Connection connection, String sql, @Nullable String... parameters)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setString(i + 1, parameters[i]);
        }
        return statement;
    }

    /** Turns a result into a value. */
    interface Reader<T> {
        T read(ResultSet rows) throws SQLException;
    }
}
