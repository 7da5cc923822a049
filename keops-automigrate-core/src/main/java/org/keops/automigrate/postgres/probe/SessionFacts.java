package org.keops.automigrate.postgres.probe;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.postgres.grants.AuditSql;
import org.keops.automigrate.postgres.grants.PermissionCatalog;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.Queries;

/**
 * What one row of facts says about the session and the roles of the policy.
 *
 * @param backend the process that answers
 * @param standby whether the server is a standby
 * @param readOnly whether transactions are read-only by default
 * @param rolesMissing roles of the policy that do not exist
 * @param schemasMissing schemas of the policy that do not exist
 * @param lacks whether any role lacks anything
 */
public record SessionFacts(
        int backend,
        boolean standby,
        boolean readOnly,
        List<String> rolesMissing,
        List<String> schemasMissing,
        boolean lacks) {

    private static final String SESSION = """
            SELECT pg_catalog.pg_backend_pid() AS backend,
                   pg_catalog.pg_is_in_recovery() AS standby,
                   pg_catalog.current_setting('transaction_read_only') AS read_only,
            """;
    private static final String WITHOUT_PERMISSIONS = CatalogSql.pinned(
            "CAST(NULL AS text[]) AS roles_missing, CAST(NULL AS text[]) AS schemas_missing, false AS lacks");
    private static final String MISSING = CatalogSql.pinned("""
            ARRAY(SELECT n FROM pg_catalog.unnest(CAST(? AS text[])) n
                   WHERE pg_catalog.to_regrole(pg_catalog.quote_ident(n)) IS NULL) AS roles_missing,
            ARRAY(SELECT n FROM pg_catalog.unnest(CAST(? AS text[])) n
                   WHERE pg_catalog.to_regnamespace(pg_catalog.quote_ident(n)) IS NULL) AS schemas_missing,
            """);

    /** The query for one row of facts. */
    public static String sql(PermissionPolicy policy) {
        return SESSION
                + (policy.isNone()
                        ? WITHOUT_PERMISSIONS
                        : MISSING + AuditSql.of(policy).anything() + " AS lacks");
    }

    /** The parameters of {@link #sql}. */
    public static String[] parameters(PermissionPolicy policy, String versionTable, int serverMajorVersion) {
        if (policy.isNone()) {
            return new String[0];
        }
        List<String> all = new ArrayList<>(List.of(parametersBeforeWork(policy)));
        all.addAll(Arrays.asList(PermissionCatalog.parameters(policy, versionTable, serverMajorVersion)));
        return all.toArray(new String[0]);
    }

    /** The same where the permissions are looked at after the work, whatever they are now: taken to lack something. */
    static String sqlBeforeWork(PermissionPolicy policy) {
        return SESSION + (policy.isNone() ? WITHOUT_PERMISSIONS : MISSING + "true AS lacks");
    }

    /** The parameters of {@link #sqlBeforeWork}. */
    static String[] parametersBeforeWork(PermissionPolicy policy) {
        return policy.isNone()
                ? new String[0]
                : new String[] {PermissionCatalog.roles(policy), PermissionCatalog.schemas(policy)};
    }

    /** Reads the only row. */
    static SessionFacts readOnly(ResultSet rows) throws SQLException {
        rows.next();
        return read(rows);
    }

    /** Reads the row that the result stands on. */
    public static SessionFacts read(ResultSet row) throws SQLException {
        return new SessionFacts(
                row.getInt("backend"),
                row.getBoolean("standby"),
                "on".equals(row.getString("read_only")),
                missing(row, "roles_missing"),
                missing(row, "schemas_missing"),
                row.getBoolean("lacks"));
    }

    /** The driver is not asked for arrays: the first of a process is dear. */
    private static List<String> missing(ResultSet row, String column) throws SQLException {
        return Queries.strings(row.getString(column));
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

    /** What is wrong with the roles and schemas of the policy. */
    public List<String> findings() {
        if (rolesMissing.isEmpty() && schemasMissing.isEmpty()) {
            return List.of();
        }
        List<String> findings = new ArrayList<>();
        for (String role : new LinkedHashSet<>(rolesMissing)) {
            findings.add("permissions: there is no role " + SqlNames.identifier(role)
                    + "; create it or configure the application's role");
        }
        for (String schema : new LinkedHashSet<>(schemasMissing)) {
            findings.add("permissions: there is no schema " + SqlNames.identifier(schema)
                    + "; create it or configure the application's schema");
        }
        return findings;
    }
}
