package org.keops.automigrate.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.script.Dialect;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * One borrowed connection: put into the state that we need, given back as it came.
 *
 * <p>Outside of {@link #begin} and {@link #commit} it is in autocommit with nothing open in between: an open transaction
 * would hold a snapshot, and {@code CREATE INDEX CONCURRENTLY} of any other session would wait for it. Used by one
 * thread.
 */
public final class Session implements AutoCloseable {
    private final Connection connection;
    private final boolean autoCommit;
    private final boolean readOnly;
    private final int networkTimeout;
    private final int prepareThreshold;
    private final Duration answerWithin;
    private final StopSignal stop;
    private @Nullable Settings settings;
    private @Nullable String roleBefore;

    private Session(Connection connection, Duration answerWithin, StopSignal stop) throws SQLException {
        this.connection = connection;
        this.answerWithin = answerWithin;
        this.stop = stop;
        this.autoCommit = connection.getAutoCommit();
        this.readOnly = connection.isReadOnly();
        this.networkTimeout = networkTimeout(connection);
        this.prepareThreshold = isOfDriver() ? driver().getPrepareThreshold() : 0;
    }

    /**
     * Takes over a connection.
     *
     * @param connection open and without a transaction of somebody else's
     * @param answerWithin how long a short statement of ours may take before the server counts as silent
     * @param stop tells when to stop
     * @return the session; close it to give the connection back
     * @throws SQLException if the connection can not be used
     */
    public static Session adopt(Connection connection, Duration answerWithin, StopSignal stop) throws SQLException {
        Session session;
        try {
            requireNoTransaction(connection);
            session = new Session(connection, answerWithin, stop);
        } catch (SQLException | RuntimeException | LinkageError e) {
            connection.close();
            throw e;
        }
        try {
            session.prepare();
            return session;
        } catch (SQLException | RuntimeException | LinkageError e) {
            session.close();
            throw e;
        }
    }

    private void prepare() throws SQLException {
        answerWithin(answerWithin);
        if (!autoCommit) {
            connection.setAutoCommit(true);
        }
        if (readOnly) {
            connection.setReadOnly(false);
        }
        // a statement that the driver names in the server would stay behind a pooler, and clash there with others
        setPrepareThreshold(0);
    }

    /** What was said in it would be committed by the first thing that we do. */
    private static void requireNoTransaction(Connection connection) throws SQLException {
        if (connection.isWrapperFor(BaseConnection.class)
                && connection.unwrap(BaseConnection.class).getTransactionState() != TransactionState.IDLE) {
            throw new SQLException("the connection is inside a transaction that somebody else has begun");
        }
    }

    Connection connection() {
        return connection;
    }

    /**
     * Bounds the wait for an answer, also of a server that has gone away without a word.
     *
     * @param bound how long to wait for bytes; zero waits as long as the statement takes, also where the URL says
     *     otherwise: an interrupted DDL statement would go on in the server
     */
    void answerWithin(Duration bound) throws SQLException {
        setNetworkTimeout((int) Math.min(bound.toMillis(), Integer.MAX_VALUE));
    }

    /**
     * The server's major version, known since the connection was made.
     *
     * @return for example 17
     * @throws SQLException if the connection is closed
     */
    public int serverMajorVersion() throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion();
    }

    /**
     * How this session reads a script; the driver knows it without asking.
     *
     * @return the server's version and the session's kind of strings
     * @throws SQLException if the connection is closed
     */
    public Dialect dialect() throws SQLException {
        boolean plain = !connection.isWrapperFor(BaseConnection.class)
                || connection.unwrap(BaseConnection.class).getStandardConformingStrings();
        return new Dialect(serverMajorVersion(), plain);
    }

    /**
     * Whether a pooler stands between: the process that we were told to cancel is not the one that answers.
     *
     * @param answering {@code pg_backend_pid()} of this session
     */
    boolean isPooled(int answering) throws SQLException {
        return isOfDriver() && driver().getBackendPID() != answering;
    }

    /** Where nothing new is to be begun, says so with a failure. */
    void requireGoing() throws SQLException {
        stop.check();
    }

    /** What comes now is cleaning up or the last word, and is not cancelled any more. */
    void finishing() {
        stop.finishing();
    }

    boolean inTransaction() throws SQLException {
        return !connection.getAutoCommit();
    }

    /**
     * Ends a transaction that a script has begun by itself.
     *
     * @return whether there was one
     */
    boolean endStrayTransaction() throws SQLException {
        if (connection.isClosed()
                || !connection.isWrapperFor(BaseConnection.class)
                || connection.unwrap(BaseConnection.class).getTransactionState() == TransactionState.IDLE) {
            return false;
        }
        Queries.execute(connection, "ROLLBACK");
        return true;
    }

    /** Starts a transaction; statements see what others have committed meanwhile, whatever the pool's default is. */
    void begin() throws SQLException {
        requireGoing();
        connection.setAutoCommit(false);
        Queries.execute(connection, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    }

    void commit() throws SQLException {
        connection.commit();
        connection.setAutoCommit(true);
    }

    /** Ends the transaction if there is one, promptly; a connection that is lost has none any more. */
    void rollback() {
        finishing();
        try {
            if (connection.isClosed()) {
                return;
            }
            answerWithin(answerWithin);
            if (inTransaction()) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException | RuntimeException e) {
            discard();
        }
    }

    /**
     * What scripts may change, as it is before the first of them; {@link #close} puts it back.
     *
     * @param pooled whether a pooler stands between: then every transaction meets another session of the server, has to
     *     look for itself, and has to put back before it commits
     */
    Settings settings(boolean pooled) throws SQLException {
        if (pooled) {
            return Settings.read(connection);
        }
        if (settings == null) {
            settings = Settings.read(connection);
        }
        return settings;
    }

    /** The role to go back to in the end: after what scripts have changed, which is put back to what it was before them. */
    void goBackTo(String role) {
        roleBefore = role;
    }

    /** Makes sure that nobody else gets this connection: a pool drops one that is aborted. */
    void discard() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException | RuntimeException e) {
            // it is as good as gone already
            return;
        }
    }

    /** Gives the connection back as it came; where that fails, it is discarded instead. Never throws. */
    @Override
    public void close() {
        rollback();
        try (connection) {
            if (connection.isClosed()) {
                return;
            }
            if (settings != null && !settings.restore(connection)) {
                discard();
                return;
            }
            if (roleBefore != null) {
                Queries.query(connection, OwnerRole.RESTORE, ResultSet::next, roleBefore);
            }
            connection.clearWarnings();
            setPrepareThreshold(prepareThreshold);
            if (readOnly) {
                connection.setReadOnly(true);
            }
            connection.setAutoCommit(autoCommit);
            setNetworkTimeout(networkTimeout);
        } catch (SQLException | RuntimeException e) {
            discard();
        }
    }

    private boolean isOfDriver() throws SQLException {
        return connection.isWrapperFor(PGConnection.class);
    }

    private PGConnection driver() throws SQLException {
        return connection.unwrap(PGConnection.class);
    }

    private void setPrepareThreshold(int threshold) throws SQLException {
        if (isOfDriver()) {
            driver().setPrepareThreshold(threshold);
        }
    }

    private static int networkTimeout(Connection connection) throws SQLException {
        try {
            return connection.getNetworkTimeout();
        } catch (SQLException | AbstractMethodError e) {
            if (connection.isClosed()) {
                throw e;
            }
            // a wrapper of its own making that does not offer it: then only the driver's settings bound the wait
            return -1;
        }
    }

    private void setNetworkTimeout(int milliseconds) throws SQLException {
        if (networkTimeout >= 0) {
            connection.setNetworkTimeout(Runnable::run, milliseconds);
        }
    }
}
