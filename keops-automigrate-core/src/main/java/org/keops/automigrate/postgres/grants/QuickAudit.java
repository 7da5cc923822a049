package org.keops.automigrate.postgres.grants;

import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.SqlNames;

/**
 * What {@link AuditSql} asks, put so that a server process that has just begun plans it in a fraction of the time: a boot that
 * finds nothing to do asks nothing else. Access lists are compared as they stand, {@code role=arwdDxt/owner}; where that
 * does not tell, the answer is that something may lack, and the audit has to tell. It never says that nothing lacks where
 * something does. See {@code docs/decisions/0022-a-quick-look-first.md} and {@code 0027-what-the-quick-look-is-made-of.md}.
 *
 * <p>The text is written as it is sent, operators pinned, and put together without a pass over it: every boot does that
 * in code that runs for the first time. Immutable and thread-safe.
 */
public final class QuickAudit {
    private static final String ALL_BEFORE_17 =
            "CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN '=rwU/' ELSE '=rawdDxt/' END";

    private static final String ALL =
            "CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN '=rwU/' ELSE '=rawdDxtm/' END";

    static final String OF_RELATIONS = " END FROM pg_catalog.pg_class c";

    /** In a CASE, so that the planner does not look for statistics; apart, so that it is all that is read of other rows. */
    static final String IN_SCHEMA = " WHERE CASE WHEN c.relnamespace OPERATOR(pg_catalog.=) ";

    /** KEOPS's role and schema, where its policy is meant. */
    private final @Nullable String keopsRole;

    private final @Nullable String keopsSchema;
    /** Any other policy. */
    private final @Nullable PermissionPolicy policy;

    private QuickAudit(@Nullable String keopsRole, @Nullable String keopsSchema, @Nullable PermissionPolicy policy) {
        this.keopsRole = keopsRole;
        this.keopsSchema = keopsSchema;
        this.policy = policy;
    }

    /** For nobody's permissions. */
    public static QuickAudit ofNothing() {
        return new QuickAudit(null, null, null);
    }

    /**
     * For a policy.
     *
     * @param policy what is wanted
     */
    public static QuickAudit of(PermissionPolicy policy) {
        return new QuickAudit(null, null, policy);
    }

    /** For {@link PermissionPolicy#keops}, but without a policy: most boots would load it for nothing. */
    public static QuickAudit ofKeops(String role, String schema) {
        return new QuickAudit(role, schema, null);
    }

    /**
     * Makes an expression.
     *
     * @param versionTable the version table's name
     * @param serverMajorVersion the server's major version
     * @return whether anything may lack: false only if nothing does
     */
    public String sql(String versionTable, int serverMajorVersion) {
        if (keopsRole != null && keopsSchema != null) {
            return keops(keopsRole, keopsSchema, SqlNames.literal(versionTable), serverMajorVersion);
        }
        return policy == null || policy.isNone()
                ? "false"
                : QuickPolicyAudit.sql(policy, SqlNames.literal(versionTable), serverMajorVersion);
    }

    private static String keops(String name, String schemaName, String table, int version) {
        String role = SqlNames.literal(name);
        String quoted = SqlNames.literal(SqlNames.identifier(name));
        String namespace = "CAST(pg_catalog.to_regnamespace(" + SqlNames.literal(SqlNames.identifier(schemaName))
                + ") AS pg_catalog.oid)";
        StringBuilder sql = new StringBuilder(1 << 12);
        sql.append("CASE WHEN pg_catalog.to_regrole(").append(quoted).append(") IS NULL THEN true ELSE ");
        appendConnectAndUsage(sql, role, quoted, SqlNames.literal(schemaName), "", true);
        appendRelations(sql, role, table, "false");
        sql.append("WHEN ");
        appendHeld(sql, "c.relacl", quoted, version < 17 ? ALL_BEFORE_17 : ALL, "c.relowner");
        // who may not act as the owner has nothing to repair; what else gives the role its privileges the audit knows
        sql.append(" THEN false WHEN c.relacl IS NOT NULL OR pg_catalog.pg_has_role(c.relowner, 'USAGE') THEN true")
                .append(" ELSE NOT pg_catalog.pg_has_role(")
                .append(role)
                .append(", c.relowner, 'USAGE')")
                .append(OF_RELATIONS)
                .append(IN_SCHEMA)
                .append("(SELECT ")
                .append(namespace)
                .append(") THEN true END) OR ");
        appendKeopsDefaults(sql, role, quoted, namespace, version);
        return sql.append(" END").toString();
    }

    /**
     * Whether the role lacks its CONNECT or its USAGE.
     *
     * @param role an expression for its name
     * @param quoted one for its name as it is written in an access list
     * @param schema one for the schema's name
     * @param direct what else has to be so that only what the owner granted counts, with AND
     * @param exclusive whether PUBLIC is to have no CONNECT
     */
    static void appendConnectAndUsage(
            StringBuilder sql, String role, String quoted, String schema, String direct, boolean exclusive) {
        sql.append("NOT EXISTS (SELECT FROM pg_catalog.pg_database o WHERE CASE WHEN o.datname")
                .append(" OPERATOR(pg_catalog.=) pg_catalog.current_database() THEN CASE WHEN ");
        if (exclusive) {
            sql.append("pg_catalog.has_database_privilege('public', o.oid, 'CONNECT') THEN false WHEN ");
        }
        appendHeld(sql, "o.datacl", quoted, "'=c/'", "o.datdba");
        sql.append(" THEN true WHEN ").append(direct).append("pg_catalog.pg_has_role(o.datdba, 'USAGE') THEN false");
        sql.append(" ELSE pg_catalog.has_database_privilege(").append(role).append(", o.oid, 'CONNECT') END END)");
        sql.append(" OR NOT EXISTS (SELECT FROM pg_catalog.pg_namespace o WHERE CASE WHEN o.nspname")
                .append(" OPERATOR(pg_catalog.=) ")
                .append(schema)
                .append(" THEN CASE WHEN ");
        appendHeld(sql, "o.nspacl", quoted, "'=U/'", "o.nspowner");
        sql.append(" THEN true WHEN ").append(direct).append("pg_catalog.pg_has_role(o.nspowner, 'USAGE') THEN false");
        sql.append(" ELSE pg_catalog.has_schema_privilege(").append(role).append(", o.oid, 'USAGE') END END)");
    }

    /**
     * The start of a question about each relation of a schema, up to what it is to grant.
     *
     * @param spoilt whether the version table is as it should not be
     */
    static void appendRelations(StringBuilder sql, String role, String table, String spoilt) {
        sql.append(" OR true OPERATOR(pg_catalog.=) ANY (SELECT CASE WHEN c.relname OPERATOR(pg_catalog.=) ")
                .append(table)
                .append(" THEN ")
                .append(spoilt)
                .append(" WHEN NOT c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,v,m,f,S}') THEN false")
                .append(" WHEN c.relrowsecurity AND (c.relforcerowsecurity OR NOT pg_catalog.pg_has_role(")
                .append(role)
                .append(", c.relowner, 'USAGE')) THEN true ");
    }

    /** Whether an access list has an entry of the owner for the role; null where there is no list. */
    static void appendHeld(StringBuilder sql, String list, String quoted, String privileges, String owner) {
        sql.append("pg_catalog.aclcontains(")
                .append(list)
                .append(", CAST(pg_catalog.concat(")
                .append(quoted)
                .append(", ")
                .append(privileges)
                .append(", CAST(")
                .append(owner)
                .append(" AS pg_catalog.regrole)) AS pg_catalog.aclitem))");
    }

    /** KEOPS's two default privileges. Before 16 a member may speak for a role, from then on one that inherits. */
    static void appendKeopsDefaults(StringBuilder sql, String role, String quoted, String namespace, int version) {
        sql.append("pg_catalog.pg_has_role(")
                .append(role)
                .append(version < 16 ? ", 'MEMBER')" : ", 'USAGE')")
                .append(" AND NOT EXISTS (SELECT FROM pg_catalog.pg_default_acl o WHERE CASE")
                .append(
                        " WHEN o.defaclobjtype OPERATOR(pg_catalog.=) 'r' AND o.defaclnamespace OPERATOR(pg_catalog.=) ")
                .append(namespace)
                .append(" THEN pg_catalog.aclcontains(o.defaclacl, CAST(pg_catalog.concat(")
                .append(quoted)
                .append(", '=arwd/', ")
                .append(quoted)
                .append(") AS pg_catalog.aclitem)) END)");
        sql.append(" OR NOT CASE WHEN current_user OPERATOR(pg_catalog.=) ")
                .append(role)
                .append(" THEN true ELSE EXISTS (SELECT FROM pg_catalog.pg_default_acl o WHERE CASE")
                .append(" WHEN o.defaclobjtype OPERATOR(pg_catalog.=) 'S'")
                .append(" AND o.defaclnamespace OPERATOR(pg_catalog.=) CAST(0 AS pg_catalog.oid)")
                .append(" AND pg_catalog.pg_get_userbyid(o.defaclrole) OPERATOR(pg_catalog.=) current_user THEN ");
        appendHeld(sql, "o.defaclacl", quoted, "'=rwU/'", "o.defaclrole");
        sql.append(" END) END");
    }
}
