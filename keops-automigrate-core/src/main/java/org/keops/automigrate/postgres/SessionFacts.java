package org.keops.automigrate.postgres;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.permissions.PermissionTarget;

/**
 * What one row of facts says about the session and the application's role.
 *
 * @param backend the process that answers
 * @param standby whether the server is a standby
 * @param readOnly whether transactions are read-only by default
 * @param roleExists whether the application's role exists
 * @param schemaExists whether the application's schema exists
 * @param lacks whether the role lacks anything
 */
record SessionFacts(
        int backend, boolean standby, boolean readOnly, boolean roleExists, boolean schemaExists, boolean lacks) {

    private static final String SESSION = """
            SELECT pg_catalog.pg_backend_pid() AS backend,
                   pg_catalog.pg_is_in_recovery() AS standby,
                   pg_catalog.current_setting('transaction_read_only') AS read_only,
            """;
    private static final String WITHOUT_PERMISSIONS = "true AS role_exists, true AS schema_exists, false AS lacks";
    private static final String WITH_PERMISSIONS =
            CatalogSql.pinned("""
                    EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.rolname = CAST(? AS name)) AS role_exists,
                    EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = CAST(? AS name)) AS schema_exists,
                    """) + "EXISTS (" + PermissionCatalog.LACKING + ") AS lacks";

    /** The query for one row of facts. */
    static String sql(@Nullable PermissionTarget target) {
        return SESSION + (target == null ? WITHOUT_PERMISSIONS : WITH_PERMISSIONS);
    }

    /** The parameters of {@link #sql}. */
    static String[] parameters(@Nullable PermissionTarget target, String versionTable, int serverMajorVersion) {
        if (target == null) {
            return new String[0];
        }
        String[] lacking = PermissionCatalog.parameters(target, versionTable, serverMajorVersion);
        String[] all = new String[lacking.length + 2];
        all[0] = target.role();
        all[1] = target.schema();
        System.arraycopy(lacking, 0, all, 2, lacking.length);
        return all;
    }

    /** Reads the row that the result stands on. */
    static SessionFacts read(ResultSet row) throws SQLException {
        return new SessionFacts(
                row.getInt("backend"),
                row.getBoolean("standby"),
                "on".equals(row.getString("read_only")),
                row.getBoolean("role_exists"),
                row.getBoolean("schema_exists"),
                row.getBoolean("lacks"));
    }

    /** Why nothing can be written here, or null. A standby grants advisory locks that exclude nobody. */
    @Nullable
    Inaccessible obstacle() {
        if (standby) {
            return new Inaccessible(
                    Obstacle.STANDBY, "the server is a standby and can only be read; connect to the primary");
        }
        if (readOnly) {
            return new Inaccessible(
                    Obstacle.READ_ONLY,
                    "transactions are read-only by default; see default_transaction_read_only of the role, the database"
                            + " and the URL");
        }
        return null;
    }

    /** What is wrong with the application's role or schema. */
    List<String> findings(@Nullable PermissionTarget target) {
        if (target == null || (roleExists && schemaExists)) {
            return List.of();
        }
        return List.of(
                roleExists
                        ? "permissions: there is no schema " + SqlNames.identifier(target.schema())
                                + "; create it or configure the application's schema"
                        : "permissions not repaired: there is no role " + SqlNames.identifier(target.role())
                                + "; create it or configure the application's role");
    }
}
