package org.keops.automigrate.postgres.session;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * What JDBC keeps of a connection, as it came: a pool gives the next borrower what the last one has left. Asks the server for
 * nothing where it comes idle. Used by one thread.
 */
final class ConnectionState {
    private static final int NOT_OFFERED = -1;

    private final Connection connection;
    private final boolean autoCommit;
    private final boolean readOnly;
    private final int prepareThreshold;
    private int networkTimeout;

    private ConnectionState(Connection connection) throws SQLException {
        this.connection = connection;
        this.autoCommit = connection.getAutoCommit();
        this.readOnly = isReadOnly(connection);
        this.networkTimeout = networkTimeout(connection);
        PGConnection driver = Wrapped.in(connection, PGConnection.class);
        this.prepareThreshold = driver == null ? 0 : driver.getPrepareThreshold();
    }

    /**
     * Looks at a connection, and bounds the wait for its answers.
     *
     * @throws SQLException if it can not be used, or somebody else works in it; then it is closed
     */
    static ConnectionState of(Connection connection, Duration answerWithin) throws SQLException {
        ConnectionState state = null;
        try {
            state = new ConnectionState(connection);
            state.answerWithin(answerWithin);
            if (!state.isIdle()) {
                OpenTransaction.end(connection);
            }
            return state;
        } catch (SQLException | RuntimeException | Error e) {
            refuse(connection, state);
            throw e;
        }
    }

    /** Whoever works with it goes on doing so, where the data source shares it. */
    private static void refuse(Connection connection, @Nullable ConnectionState state) {
        try (connection) {
            if (state != null) {
                state.setNetworkTimeout(state.networkTimeout);
            }
        } catch (SQLException | RuntimeException | Error e) {
            // why it can not be used matters more
            return;
        }
    }

    /** Whether there is surely no transaction; false where a wrapper hides the driver. */
    boolean isIdle() {
        BaseConnection driver = Wrapped.in(connection, BaseConnection.class);
        return driver != null && driver.getTransactionState() == TransactionState.IDLE;
    }

    /** Puts it into the state that we need. */
    void prepare() throws SQLException {
        if (!autoCommit) {
            connection.setAutoCommit(true);
        }
        if (readOnly) {
            connection.setReadOnly(false);
        }
        // a statement that the driver names in the server would stay behind a pooler, and clash there with others
        setPrepareThreshold(0);
    }

    /** Bounds the wait for bytes; zero waits without end. */
    void answerWithin(Duration bound) throws SQLException {
        setNetworkTimeout((int) Math.min(bound.toMillis(), Integer.MAX_VALUE));
    }

    /** Puts all of it back. */
    void restore() throws SQLException {
        connection.clearWarnings();
        setPrepareThreshold(prepareThreshold);
        if (readOnly) {
            connection.setReadOnly(true);
        }
        connection.setAutoCommit(autoCommit);
        setNetworkTimeout(networkTimeout);
    }

    private void setPrepareThreshold(int threshold) {
        PGConnection driver = Wrapped.in(connection, PGConnection.class);
        if (driver != null) {
            driver.setPrepareThreshold(threshold);
        }
    }

    /** One that can not say is taken for what most are; a transaction that writes would tell. */
    private static boolean isReadOnly(Connection connection) throws SQLException {
        try {
            return connection.isReadOnly();
        } catch (SQLException | RuntimeException | AbstractMethodError e) {
            if (connection.isClosed()) {
                throw e;
            }
            return false;
        }
    }

    private static int networkTimeout(Connection connection) throws SQLException {
        try {
            return connection.getNetworkTimeout();
        } catch (SQLException | RuntimeException | AbstractMethodError e) {
            if (connection.isClosed()) {
                throw e;
            }
            // a wrapper of its own making that does not offer it: then only the driver's settings bound the wait
            return NOT_OFFERED;
        }
    }

    private void setNetworkTimeout(int milliseconds) throws SQLException {
        if (networkTimeout < 0) {
            return;
        }
        try {
            connection.setNetworkTimeout(OnThisThread.INSTANCE, milliseconds);
        } catch (SQLException | RuntimeException | AbstractMethodError e) {
            if (connection.isClosed()) {
                throw e;
            }
            networkTimeout = NOT_OFFERED;
        }
    }
}
