package org.keops.automigrate.postgres.session;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.SqlNames;

/** The few shapes of JDBC that our own statements need. Stateless. */
public final class Queries {

    private Queries() {}

    /** Executes one statement as it stands: no JDBC escapes, no parameters. */
    public static void execute(Connection connection, String sql) throws SQLException {
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
    public static <T> T query(Connection connection, String sql, Reader<T> reader, @Nullable String... parameters)
            throws SQLException {
        try (PreparedStatement statement = prepare(connection, sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            return reader.read(rows);
        }
    }

    /**
     * Executes a few statements in one round trip. Outside of a transaction they are one.
     *
     * @param reader reads the answers
     * @param statements without parameters
     * @throws SQLException if one fails, and then none of the others has happened outside of a transaction
     */
    public static <T> T together(Connection connection, Answers.Reader<T> reader, String... statements)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            return reader.read(new Answers(statement, statement.execute(String.join(";\n", statements))));
        }
    }

    /** The same, where both belong together. */
    public static <T> T together(Connection connection, Asked<T> asked) throws SQLException {
        return together(connection, asked.reader(), asked.statements().toArray(new String[0]));
    }

    /**
     * Writes parameters into a statement as literals that mean the same whatever the session's kind of strings is. A
     * statement without parameters needs less of the driver.
     *
     * @param sql whose only question marks are its parameters
     */
    public static String filled(String sql, String... parameters) {
        StringBuilder text = new StringBuilder(sql.length() + 512);
        int from = 0;
        for (String parameter : parameters) {
            int at = sql.indexOf('?', from);
            text.append(sql, from, at).append(SqlNames.literal(parameter));
            from = at + 1;
        }
        return text.append(sql, from, sql.length()).toString();
    }

    /** A statement with text parameters, to be closed by the caller. */
    public static PreparedStatement prepare(Connection connection, String sql, @Nullable String... parameters)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            statement.setString(i + 1, parameters[i]);
        }
        return statement;
    }

    /** Strings as PostgreSQL writes an array of them. */
    public static String array(Collection<String> strings) {
        StringBuilder array = new StringBuilder("{");
        for (String string : strings) {
            append(array, string);
        }
        return array.append('}').toString();
    }

    /** Adds a string to an array that is being written; its brace is open. */
    public static void append(StringBuilder array, String value) {
        array.append(array.length() == 1 ? "\"" : ",\"")
                .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                .append('"');
    }

    /** The strings of an array as PostgreSQL writes one, of one dimension and without nulls; none where it is null. */
    public static List<String> strings(@Nullable String array) {
        List<String> strings = new ArrayList<>();
        StringBuilder string = new StringBuilder();
        boolean quoted = false;
        int end = array == null ? 0 : array.length();
        for (int i = 1; array != null && i < end && end > 2; i++) {
            char c = array.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == '\\') {
                string.append(array.charAt(++i));
            } else if (quoted || (c != ',' && c != '}')) {
                string.append(c);
            } else {
                strings.add(string.toString());
                string.setLength(0);
            }
        }
        return strings;
    }

    /** Turns a result into a value. */
    public interface Reader<T> {
        T read(ResultSet rows) throws SQLException;
    }
}
