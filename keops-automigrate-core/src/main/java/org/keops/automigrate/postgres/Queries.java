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

    /**
     * Writes parameters into a statement as literals that mean the same whatever the session's kind of strings is. A
     * statement without parameters needs less of the driver.
     *
     * @param sql whose only question marks are its parameters
     */
    static String filled(String sql, String... parameters) {
        StringBuilder text = new StringBuilder(sql.length() + 512);
        int from = 0;
        for (String parameter : parameters) {
            int at = sql.indexOf('?', from);
            text.append(sql, from, at)
                    .append("E'")
                    .append(parameter.replace("\\", "\\\\").replace("'", "''"))
                    .append('\'');
            from = at + 1;
        }
        return text.append(sql, from, sql.length()).toString();
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
