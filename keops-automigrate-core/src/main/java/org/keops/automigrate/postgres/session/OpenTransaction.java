package org.keops.automigrate.postgres.session;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * A transaction that is open when a connection comes: somebody's work, which the first thing that we do would commit, or
 * only what a pool has set. With auto-commit off, HikariCP leaves its {@code schema} and its {@code connectionInitSql} to a new
 * connection in a transaction, and so do others. Stateless.
 */
final class OpenTransaction {
    /** A transaction that has read or written anything holds a lock; the function, as the view would be such a thing. */
    private static final String HAS_WORKED = CatalogSql.pinned("""
            SELECT pg_catalog.count(*) FROM pg_catalog.pg_lock_status() l
             WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype <> 'virtualxid'
            """);

    private OpenTransaction() {}

    /**
     * Of a connection that is not surely idle: commits what was only set, as the first who works with the connection would.
     *
     * @throws SQLException if somebody has worked in it: then it is left as it is
     */
    static void end(Connection connection) throws SQLException {
        BaseConnection driver = Wrapped.in(connection, BaseConnection.class);
        if (connection.getAutoCommit()) {
            // who hides the driver can not be asked, and then auto-commit is taken to mean what it says
            if (driver != null) {
                throw somebodyElses();
            }
            return;
        }
        boolean failed = driver != null && driver.getTransactionState() == TransactionState.FAILED;
        if (failed || Queries.query(connection, HAS_WORKED, OpenTransaction::isNotZero)) {
            throw somebodyElses();
        }
        connection.commit();
    }

    private static boolean isNotZero(ResultSet rows) throws SQLException {
        return rows.next() && rows.getLong(1) != 0;
    }

    private static SQLException somebodyElses() {
        return new SQLException(
                "the connection is inside a transaction in which somebody else has worked; call run outside"
                        + " of it, with a connection of its own");
    }
}
