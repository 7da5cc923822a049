package org.keops.automigrate.postgres.session;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Field;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Oid;
import org.postgresql.core.Query;
import org.postgresql.core.QueryExecutor;
import org.postgresql.core.ResultCursor;
import org.postgresql.core.ResultHandlerBase;
import org.postgresql.core.SqlCommand;
import org.postgresql.core.Tuple;

/**
 * One long question of ours, asked as it stands, as {@link Pipeline} does it with scripts. A statement of JDBC looks at
 * each character of the text first, for parameters that are not there: in a process that has just begun, whose code is not
 * compiled yet, that takes as long as the server takes for the answer. Used once.
 */
public final class Question extends ResultHandlerBase {
    private static final int AS_IT_STANDS =
            QueryExecutor.QUERY_ONESHOT | QueryExecutor.QUERY_NO_BINARY_TRANSFER | QueryExecutor.QUERY_SUPPRESS_BEGIN;
    private static final int[] NO_PARAMETERS = {};

    private final int columns;
    private final List<@Nullable String[]> rows = new ArrayList<>();
    private boolean beginsWithText;
    private @Nullable SQLException failure;

    private Question(int columns) {
        this.columns = columns;
    }

    /**
     * Asks.
     *
     * @param connection outside of a transaction
     * @param sql the query, without parameters
     * @param columns how many columns it has
     * @return the answer, which may be that it failed
     */
    public static Question ask(Connection connection, String sql, int columns) {
        Question question = new Question(columns);
        try {
            BaseConnection driver = Wrapped.in(connection, BaseConnection.class);
            if (driver == null) {
                question.byJdbc(connection, sql);
            } else {
                driver.getQueryExecutor().execute(text(driver, sql), null, question, 0, 0, AS_IT_STANDS);
            }
        } catch (SQLException e) {
            question.failure = e;
        }
        return question;
    }

    /** Asks what the server is to remember by a name, or remembers. */
    static Question ask(BaseConnection driver, Query text, int columns) {
        Question question = new Question(columns);
        try {
            driver.getQueryExecutor().execute(text, null, question, 0, 0, AS_IT_STANDS & ~QueryExecutor.QUERY_ONESHOT);
        } catch (SQLException e) {
            question.failure = e;
        }
        return question;
    }

    /** A query in the words of the driver, which has not looked into it. */
    static Query text(BaseConnection driver, String sql) {
        NativeQuery text = new NativeQuery(sql, NO_PARAMETERS, false, SqlCommand.BLANK);
        return driver.getQueryExecutor().wrap(List.of(text));
    }

    /**
     * Why there is no answer.
     *
     * @return that the server does not understand the question, or that the connection has failed; null if neither
     */
    @Nullable
    public SQLException failure() {
        return failure;
    }

    /** The rows, as text. */
    public List<@Nullable String[]> rows() {
        return rows;
    }

    /**
     * Whether the first column is varchar or text. Alembic takes any text type; a padded or numeric column would never
     * match an id.
     */
    public boolean beginsWithText() {
        return beginsWithText;
    }

    private void byJdbc(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            try (ResultSet found = statement.executeQuery(sql)) {
                String type = found.getMetaData().getColumnTypeName(1);
                beginsWithText = type.equals("varchar") || type.equals("text");
                while (found.next()) {
                    @Nullable String[] row = new String[columns];
                    for (int i = 0; i < columns; i++) {
                        row[i] = found.getString(i + 1);
                    }
                    rows.add(row);
                }
            }
        }
    }

    @Override
    public void handleResultRows(Query query, Field[] fields, List<Tuple> found, @Nullable ResultCursor cursor) {
        beginsWithText = fields[0].getOID() == Oid.VARCHAR || fields[0].getOID() == Oid.TEXT;
        for (Tuple tuple : found) {
            @Nullable String[] row = new String[columns];
            for (int i = 0; i < columns; i++) {
                byte[] value = tuple.get(i);
                row[i] = value == null ? null : new String(value, StandardCharsets.UTF_8);
            }
            rows.add(row);
        }
    }

    /** What the server remarks on a question of ours is of no interest. */
    @Override
    public void handleWarning(SQLWarning notice) {}
}
