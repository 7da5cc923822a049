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
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Field;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Query;
import org.postgresql.core.QueryExecutor;
import org.postgresql.core.ResultCursor;
import org.postgresql.core.ResultHandlerBase;
import org.postgresql.core.SqlCommand;
import org.postgresql.core.Tuple;
import org.postgresql.jdbc.PreferQueryMode;

/**
 * Sends the statements of a transaction without waiting for each answer, and tells each what became of it.
 *
 * <p>The driver gets every statement as it stands, one message each, and does not look for parameters, escapes or
 * semicolons in it. A batch is small enough to fit into the buffers between us and the server: with answers that nobody
 * reads yet and a batch that is not sent yet, both sides would wait for ever. Outside of a transaction each statement
 * travels alone, because several in one message are one transaction. Used by one thread.
 */
public final class Pipeline {
    /** Less than the 64 KiB that a receiver takes before anybody reads. */
    private static final int MOST_BYTES = 3 << 14;

    /** The driver looks for answers by itself at the 256th statement: 64,000 bytes of answers, of which it expects 250 each. */
    private static final int MOST_STATEMENTS = 250;

    private static final int FEW_STATEMENTS = 32;

    private static final int GROWTH = 4;

    /** What a statement needs beside its text: 9 bytes of Parse, 13 of Bind, 7 of Describe and 10 of Execute. */
    private static final int BYTES_AROUND = 40;

    private static final int ROWS_AT_A_TIME = 1000;
    private static final int[] NO_PARAMETERS = {};

    private final Connection connection;
    private final @Nullable QueryExecutor executor;
    private final boolean oneAtATime;
    private final List<Sent> waiting = new ArrayList<>();
    private int bytes;
    private int most = MOST_STATEMENTS;

    /**
     * Nothing is sent yet.
     *
     * @param connection where to
     * @param oneAtATime whether each statement waits for the answer to the one before; so they do also where a wrapper hides
     *     the driver, and with preferQueryMode=simple
     * @throws SQLException if the connection is closed
     */
    public Pipeline(Connection connection, boolean oneAtATime) throws SQLException {
        this.connection = connection;
        BaseConnection driver = Wrapped.in(connection, BaseConnection.class);
        this.executor = driver == null ? null : driver.getQueryExecutor();
        this.oneAtATime = oneAtATime || executor == null || executor.getPreferQueryMode() == PreferQueryMode.SIMPLE;
    }

    /** Sends a statement of ours whose answer tells nothing, unless it fails. */
    public void send(String sql) throws SQLException, StepFailedException {
        send(sql, new Reply() {});
    }

    /**
     * Sends a statement, now or together with those that follow.
     *
     * @throws StepFailedException if it, or one before it, is a script's and failed
     * @throws SQLException if it, or one before it, is ours and failed
     */
    public void send(String sql, Reply reply) throws SQLException, StepFailedException {
        send(sql, false, reply);
    }

    /** The same, of which it is known whether it surely returns no rows. */
    public void send(String sql, boolean rowless, Reply reply) throws SQLException, StepFailedException {
        send(sql, sql.getBytes(StandardCharsets.UTF_8).length, rowless, reply);
    }

    /**
     * The same, of a text that may be long.
     *
     * @param length how many bytes of UTF-8 it takes
     * @param rowless whether it surely returns no rows; where that is so of a whole batch, nobody asks what they would look like
     */
    public void send(String sql, int length, boolean rowless, Reply reply) throws SQLException, StepFailedException {
        int size = length + BYTES_AROUND;
        if (bytes + size > MOST_BYTES || waiting.size() >= most) {
            flush();
        }
        waiting.add(new Sent(sql, rowless, reply));
        bytes += size;
        if (oneAtATime || connection.getAutoCommit()) {
            flush();
        }
    }

    /** Sends a query whose result may be large: alone, and its rows come in portions. */
    public void sendQuery(String sql, Reply reply) throws SQLException, StepFailedException {
        flush();
        waiting.add(new Sent(sql, false, reply));
        flush(ROWS_AT_A_TIME);
    }

    /**
     * Says how many statements are coming. Where they do not fit into one batch, the next one is small, and each larger than
     * that before, up to what fits: the server is at work while the rest is put together. Two round trips more.
     *
     * @param statements how many at least
     */
    public void expect(int statements) {
        if (statements >= MOST_STATEMENTS) {
            most = FEW_STATEMENTS;
        }
    }

    /** Whether statements of ours may be put in front of a transaction's, to travel with them. */
    public boolean joins() {
        return !oneAtATime;
    }

    /**
     * Whether the server may have this value of {@code standard_conforming_strings}: it reports each change, with the answer
     * to the statement that made it. Where a wrapper hides the driver, nobody hears of it.
     */
    public boolean mayHaveStandardStrings(boolean on) {
        return executor == null || executor.getStandardConformingStrings() == on;
    }

    /** Waits for all answers. */
    public void flush() throws SQLException, StepFailedException {
        flush(0);
    }

    /** Forgets what was not sent yet, for a transaction that is rolled back. */
    public void clear() {
        waiting.clear();
        bytes = 0;
    }

    private void flush(int rowsAtATime) throws SQLException, StepFailedException {
        if (waiting.isEmpty()) {
            return;
        }
        List<Sent> batch = List.copyOf(waiting);
        clear();
        most = Math.min(MOST_STATEMENTS, most * GROWTH);
        Replies replies = new Replies(batch);
        for (Sent sent : batch) {
            sent.reply().sent();
        }
        batch.get(0).reply().begins();
        try {
            if (executor == null) {
                byJdbc(batch, replies, rowsAtATime == 0);
            } else {
                byDriver(executor, batch, replies, rowsAtATime);
            }
        } catch (SQLException e) {
            batch.get(Math.min(replies.done, batch.size() - 1)).reply().failed(e);
        }
        if (replies.unexpected != null) {
            throw replies.unexpected;
        }
    }

    private void byDriver(QueryExecutor driver, List<Sent> batch, Replies replies, int rowsAtATime)
            throws SQLException {
        List<NativeQuery> texts = new ArrayList<>(batch.size());
        boolean rowless = true;
        for (Sent sent : batch) {
            rowless &= sent.rowless();
            texts.add(new NativeQuery(sent.sql(), NO_PARAMETERS, false, SqlCommand.BLANK));
        }
        boolean inTransaction = !connection.getAutoCommit();
        int flags = QueryExecutor.QUERY_ONESHOT | QueryExecutor.QUERY_NO_BINARY_TRANSFER;
        flags |= inTransaction ? 0 : QueryExecutor.QUERY_SUPPRESS_BEGIN;
        flags |= inTransaction && rowsAtATime > 0 ? QueryExecutor.QUERY_FORWARD_CURSOR : 0;
        flags |= rowless ? QueryExecutor.QUERY_NO_METADATA : 0;
        Query query = driver.wrap(texts);
        driver.execute(query, null, replies, 0, inTransaction ? rowsAtATime : 0, flags);
        for (ResultCursor more = replies.takeMore(); more != null; more = replies.takeMore()) {
            driver.fetch(more, replies, rowsAtATime, false);
        }
    }

    private void byJdbc(List<Sent> batch, Replies replies, boolean tellRows) throws SQLException {
        for (Sent sent : batch) {
            try (Statement statement = connection.createStatement()) {
                statement.setEscapeProcessing(false);
                boolean hasRows = statement.execute(sent.sql());
                for (SQLWarning notice = statement.getWarnings(); notice != null; notice = notice.getNextWarning()) {
                    replies.handleWarning(notice);
                }
                if (hasRows && tellRows) {
                    sent.reply().rows(texts(statement.getResultSet()));
                }
                replies.next(Math.max(0, statement.getUpdateCount()));
            }
        }
    }

    private static List<Tuple> texts(ResultSet rows) throws SQLException {
        List<Tuple> texts = new ArrayList<>();
        while (rows.next()) {
            byte[][] columns = new byte[rows.getMetaData().getColumnCount()][];
            for (int i = 0; i < columns.length; i++) {
                String text = rows.getString(i + 1);
                columns[i] = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
            }
            texts.add(new Tuple(columns));
        }
        return texts;
    }

    private record Sent(String sql, boolean rowless, Reply reply) {}

    /** Counts the answers, so that it is known whose each one is; keeps none. */
    private static final class Replies extends ResultHandlerBase {
        private final List<Sent> batch;
        private int done;
        private @Nullable ResultCursor more;
        private @Nullable SQLException unexpected;

        Replies(List<Sent> batch) {
            this.batch = batch;
        }

        @Override
        public void handleResultRows(Query query, Field[] fields, List<Tuple> rows, @Nullable ResultCursor cursor) {
            more = cursor;
            if (cursor == null) {
                if (done < batch.size()) {
                    batch.get(done).reply().rows(rows);
                }
                next(0);
            }
        }

        @Override
        public void handleCommandStatus(String status, long rows, long insertedOid) {
            next(rows);
        }

        @Override
        public void handleWarning(SQLWarning notice) {
            batch.get(Math.min(done, batch.size() - 1)).reply().said(notice);
        }

        @Nullable
        ResultCursor takeMore() {
            ResultCursor cursor = more;
            more = null;
            return cursor;
        }

        void next(long rows) {
            if (done == batch.size()) {
                return;
            }
            try {
                batch.get(done).reply().done(rows);
            } catch (SQLException e) {
                unexpected = unexpected == null ? e : unexpected;
            }
            done++;
            if (done < batch.size()) {
                batch.get(done).reply().begins();
            }
        }
    }
}
