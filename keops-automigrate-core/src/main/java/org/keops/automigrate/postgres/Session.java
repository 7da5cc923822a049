package org.keops.automigrate.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.PGConnection;

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

    private Session(Connection connection) throws SQLException {
        this.connection = connection;
        this.autoCommit = connection.getAutoCommit();
        this.readOnly = connection.isReadOnly();
        this.networkTimeout = networkTimeout(connection);
    }

    /**
     * Takes over a connection.
     *
     * @param connection open and without a transaction of somebody else's
     * @param answerWithin how long a short statement of ours may take before the server counts as silent
     * @return the session; close it to give the connection back
     * @throws SQLException if the connection can not be used
     */
    public static Session adopt(Connection connection, Duration answerWithin) throws SQLException {
        Session session;
        try {
            session = new Session(connection);
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
        try {
            if (!session.autoCommit) {
                connection.setAutoCommit(true);
            }
            if (session.readOnly) {
                connection.setReadOnly(false);
            }
            session.answerWithin(answerWithin);
            return session;
        } catch (SQLException | RuntimeException e) {
            session.close();
            throw e;
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
     * Whether a pooler stands between: the process that we were told to cancel is not the one that answers.
     *
     * @param answering {@code pg_backend_pid()} of this session
     */
    boolean isPooled(int answering) throws SQLException {
        return connection.isWrapperFor(PGConnection.class)
                && connection.unwrap(PGConnection.class).getBackendPID() != answering;
    }

    boolean inTransaction() throws SQLException {
        return !connection.getAutoCommit();
    }

    /** Starts a transaction; statements see what others have committed meanwhile, whatever the pool's default is. */
    void begin() throws SQLException {
        connection.setAutoCommit(false);
        Queries.execute(connection, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    }

    void commit() throws SQLException {
        connection.commit();
        connection.setAutoCommit(true);
    }

    /** Ends the transaction if there is one; a connection that is lost has none any more. */
    void rollback() {
        try {
            if (!connection.isClosed() && inTransaction()) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            discard();
        }
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

    /** Gives the connection back as it came; where that fails, it is discarded instead. */
    @Override
    public void close() {
        rollback();
        try (connection) {
            if (connection.isClosed()) {
                return;
            }
            connection.clearWarnings();
            setNetworkTimeout(networkTimeout);
            if (readOnly) {
                connection.setReadOnly(true);
            }
            connection.setAutoCommit(autoCommit);
        } catch (SQLException e) {
            discard();
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
