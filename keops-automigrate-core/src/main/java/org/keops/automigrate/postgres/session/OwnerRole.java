package org.keops.automigrate.postgres.session;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.postgres.failure.ServerMessage;
import org.postgresql.PGConnection;

/**
 * The role that a session acts as, so that what it makes belongs to that role. The session goes back to who it was when it
 * is closed: a pool's {@code close()} would keep the role, and the next borrower would act as the owner. Stateless.
 */
public final class OwnerRole {
    static final String RESTORE = "SELECT pg_catalog.set_config('role', ?, false)";

    /** Behind a pooler another server session would keep the role; then it is not set. */
    private static final String ASSUME = CatalogSql.pinned("""
            SELECT pg_catalog.current_setting('role'),
                   CASE WHEN CAST(? AS text) = '' OR CAST(? AS text) = CAST(pg_catalog.pg_backend_pid() AS text)
                        THEN pg_catalog.set_config('role', ?, false) END
            """);

    /** What {@code SET ROLE} says of a name that nobody has. */
    private static final String NO_SUCH_ROLE = "22023";

    private OwnerRole() {}

    /**
     * Acts as a role from now on.
     *
     * @param session the session
     * @param role the role
     * @return why that can not be, or null
     * @throws SQLException if the connection fails
     */
    public static @Nullable Inaccessible assume(Session session, String role) throws SQLException {
        Connection connection = session.connection();
        String backend = backend(connection);
        try {
            return Queries.query(connection, ASSUME, rows -> read(session, rows), backend, backend, role)
                    .orElse(null);
        } catch (SQLException e) {
            if (connection.isClosed()) {
                throw e;
            }
            if (NO_SUCH_ROLE.equals(e.getSQLState())) {
                return new Inaccessible(
                        Obstacle.OWNER_ROLE,
                        "the owner role " + SqlNames.identifier(role) + " does not exist; create it, or name another");
            }
            return new Inaccessible(
                    Obstacle.OWNER_ROLE,
                    "can not act as the owner role: " + ServerMessage.withState(e) + "; GRANT "
                            + SqlNames.identifier(role) + " TO the role that migrates");
        }
    }

    private static Optional<Inaccessible> read(Session session, ResultSet row) throws SQLException {
        row.next();
        if (row.getString(2) == null) {
            return Optional.of(new Inaccessible(
                    Obstacle.POOLER,
                    "a pooler stands between, where ownerRole would stay with the server's session; connect directly, or"
                            + " leave ownerRole out and ALTER ROLE … SET role for the role that migrates"));
        }
        session.goBackTo(row.getString(1));
        return Optional.empty();
    }

    private static String backend(Connection connection) {
        PGConnection driver = Wrapped.in(connection, PGConnection.class);
        return driver == null ? "" : String.valueOf(driver.getBackendPID());
    }
}
