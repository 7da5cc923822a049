package org.keops.automigrate.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.SqlNames;
import org.postgresql.PGConnection;

/**
 * The role that a session acts as, so that what it makes belongs to that role. Put back when it is closed: a pool's
 * {@code close()} keeps it, and the next borrower would act as the owner. Used by one thread.
 */
public final class OwnerRole implements AutoCloseable {
    /** Behind a pooler another server session would keep the role; then it is not set. */
    private static final String ASSUME = CatalogSql.pinned("""
            SELECT pg_catalog.current_setting('role'),
                   CASE WHEN CAST(? AS text) = '' OR CAST(? AS text) = CAST(pg_catalog.pg_backend_pid() AS text)
                        THEN pg_catalog.set_config('role', ?, false) END
            """);

    private static final String RESTORE = "SELECT pg_catalog.set_config('role', ?, false)";

    private final Session session;
    private final @Nullable String before;
    private final @Nullable Inaccessible obstacle;

    private OwnerRole(Session session, @Nullable String before, @Nullable Inaccessible obstacle) {
        this.session = session;
        this.before = before;
        this.obstacle = obstacle;
    }

    /**
     * Acts as a role from now on.
     *
     * @param session the session
     * @param role the role, or null to stay who one is
     * @return what to close in the end; see {@link #obstacle} first
     * @throws SQLException if the connection fails
     */
    public static OwnerRole assume(Session session, @Nullable String role) throws SQLException {
        if (role == null) {
            return new OwnerRole(session, null, null);
        }
        String backend = backend(session.connection());
        try {
            return Queries.query(session.connection(), ASSUME, rows -> read(session, rows), backend, backend, role);
        } catch (SQLException e) {
            if (session.connection().isClosed()) {
                throw e;
            }
            return new OwnerRole(
                    session,
                    null,
                    new Inaccessible(
                            Obstacle.OWNER_ROLE,
                            "can not act as the owner role: " + PermissionRepair.shown(e) + "; GRANT "
                                    + SqlNames.identifier(role) + " TO the role that migrates"));
        }
    }

    /**
     * Why the role could not be assumed.
     *
     * @return the obstacle, or null
     */
    public @Nullable Inaccessible obstacle() {
        return obstacle;
    }

    @Override
    public void close() {
        if (before == null) {
            return;
        }
        session.rollback();
        try {
            Queries.query(session.connection(), RESTORE, ResultSet::next, before);
        } catch (SQLException e) {
            session.discard();
        }
    }

    private static OwnerRole read(Session session, ResultSet row) throws SQLException {
        row.next();
        if (row.getString(2) == null) {
            return new OwnerRole(
                    session,
                    null,
                    new Inaccessible(
                            Obstacle.POOLER,
                            "a pooler stands between, where ownerRole would stay with the server's session; connect"
                                    + " directly, or leave ownerRole out and ALTER ROLE … SET role for the role that"
                                    + " migrates"));
        }
        return new OwnerRole(session, row.getString(1), null);
    }

    private static String backend(Connection connection) throws SQLException {
        return connection.isWrapperFor(PGConnection.class)
                ? String.valueOf(connection.unwrap(PGConnection.class).getBackendPID())
                : "";
    }
}
