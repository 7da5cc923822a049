package org.keops.automigrate.postgres.grants;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DefaultPrivileges;
import org.keops.automigrate.model.Entitlement;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.Privilege;
import org.keops.automigrate.model.SqlNames;

/**
 * What {@link AuditSql} asks, put so that a server process that has just begun plans it in a fraction of the time: a boot that
 * finds nothing to do asks nothing else. Access lists are compared as they stand, {@code role=arwdDxt/owner}; where that
 * does not tell, the answer is that something may lack, and the audit has to tell. It never says that nothing lacks where
 * something does. See {@code docs/decisions/0022-a-quick-look-first.md}.
 *
 * <p>The text is written as it is sent, operators pinned, and put together without a pass over it: every boot does that
 * in code that runs for the first time. Immutable and thread-safe.
 */
public final class QuickAudit {
    private static final String ME =
            "CAST(pg_catalog.to_regrole(pg_catalog.quote_ident(current_user)) AS pg_catalog.oid)";

    private static final String PUBLIC_MAY_CONNECT =
            "pg_catalog.has_database_privilege('public', pg_catalog.current_database(), 'CONNECT') OR ";

    private static final String WANTED = "EXISTS (SELECT FROM (SELECT"
            + " CAST(pg_catalog.to_regrole(q.name) AS pg_catalog.oid) AS role_oid,"
            + " CAST(pg_catalog.to_regnamespace(pg_catalog.quote_ident(w.nsp)) AS pg_catalog.oid) AS nsp_oid,"
            + " q.name, w.* FROM (VALUES ";

    private static final String END = " END)";

    /** No row of it is pulled up into the rest, where each use would look the role up again. */
    private static final String GRANTEES = """
            ) w(role, nsp, tables, matviews, sequences, routines, types, direct, defaults)
             CROSS JOIN LATERAL pg_catalog.quote_ident(w.role) q(name) OFFSET 0) g
             WHERE CASE WHEN g.role_oid IS NULL OR g.nsp_oid IS NULL THEN true ELSE
            """;

    private static final String CONNECT_AND_USAGE = """
            NOT EXISTS (SELECT FROM pg_catalog.pg_database d
              WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
             AND CASE WHEN pg_catalog.aclcontains(d.datacl,
              pg_catalog.makeaclitem(g.role_oid, d.datdba, 'CONNECT', false)) THEN true
              WHEN g.direct AND pg_catalog.pg_has_role(d.datdba, 'USAGE') THEN false
              ELSE pg_catalog.has_database_privilege(g.role_oid, d.oid, 'CONNECT') END)
             OR NOT EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.oid OPERATOR(pg_catalog.=) g.nsp_oid
             AND CASE WHEN pg_catalog.aclcontains(n.nspacl,
              pg_catalog.makeaclitem(g.role_oid, n.nspowner, 'USAGE', false)) THEN true
              WHEN g.direct AND pg_catalog.pg_has_role(n.nspowner, 'USAGE') THEN false
              ELSE pg_catalog.has_schema_privilege(g.role_oid, n.oid, 'USAGE') END)
            """;

    /** The tests stand in one CASE: planned one by one, each would look for statistics first. */
    private static final String RELATIONS = """
             OR EXISTS (SELECT FROM pg_catalog.pg_class c
             CROSS JOIN LATERAL (SELECT CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN g.sequences
              WHEN c.relkind OPERATOR(pg_catalog.=) 'm' THEN g.matviews
              ELSE g.tables END) w(wanted)
             WHERE CASE WHEN c.relnamespace OPERATOR(pg_catalog.<>) g.nsp_oid
              OR c.relkind OPERATOR(pg_catalog.<>) ALL ('{r,p,v,m,f,S}')
              OR c.relname OPERATOR(pg_catalog.=) :version_table THEN false
              WHEN c.relrowsecurity AND (c.relforcerowsecurity
              OR NOT pg_catalog.pg_has_role(g.role_oid, c.relowner, 'USAGE')) THEN true
              WHEN w.wanted OPERATOR(pg_catalog.=) '' THEN false
              WHEN pg_catalog.aclcontains(c.relacl, CAST(pg_catalog.concat(g.name, w.wanted, pg_catalog.quote_ident(
              CAST(pg_catalog.pg_get_userbyid(c.relowner) AS pg_catalog.text))) AS pg_catalog.aclitem))
              THEN false
              WHEN g.direct AND pg_catalog.pg_has_role(c.relowner, 'USAGE') THEN true
              WHEN c.relacl IS NULL THEN NOT pg_catalog.pg_has_role(g.role_oid, c.relowner, 'USAGE')
              ELSE EXISTS (SELECT FROM pg_catalog.aclexplode(ARRAY[CAST(pg_catalog.concat(
              g.name, w.wanted, g.name) AS pg_catalog.aclitem)]) a
              WHERE NOT CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'S'
              THEN pg_catalog.has_sequence_privilege(g.role_oid, c.oid, a.privilege_type)
              ELSE pg_catalog.has_table_privilege(g.role_oid, c.oid, a.privilege_type) END) END)
            """;

    private static final String ROUTINES = """
             OR g.routines OPERATOR(pg_catalog.<>) '' AND EXISTS (SELECT FROM pg_catalog.pg_proc p
             WHERE CASE WHEN p.pronamespace OPERATOR(pg_catalog.<>) g.nsp_oid OR p.proacl IS NULL THEN false
              ELSE NOT pg_catalog.has_function_privilege(g.role_oid, p.oid, 'EXECUTE') END)
            """;

    private static final String TYPES = """
             OR g.types OPERATOR(pg_catalog.<>) '' AND EXISTS (SELECT FROM pg_catalog.pg_type t
             WHERE CASE WHEN t.typnamespace OPERATOR(pg_catalog.<>) g.nsp_oid OR t.typacl IS NULL THEN false
              ELSE NOT pg_catalog.has_type_privilege(g.role_oid, t.oid, 'USAGE') END)
            """;

    /** Before 16 a member may speak for a role, from then on one that inherits. */
    private static final String KEOPS_DEFAULTS = """
             OR g.defaults OPERATOR(pg_catalog.=) 'AS_KEOPS'
             AND (pg_catalog.pg_has_role(g.role_oid, :speaks) AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_default_acl d
              WHERE d.defaclrole OPERATOR(pg_catalog.=) g.role_oid
              AND d.defaclnamespace OPERATOR(pg_catalog.=) g.nsp_oid
              AND d.defaclobjtype OPERATOR(pg_catalog.=) 'r' AND pg_catalog.aclcontains(d.defaclacl,
              CAST(pg_catalog.concat(g.name, '=arwd/', g.name) AS pg_catalog.aclitem)))
             OR g.role_oid OPERATOR(pg_catalog.<>) :me AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_default_acl d
              WHERE d.defaclrole OPERATOR(pg_catalog.=) :me
              AND d.defaclnamespace OPERATOR(pg_catalog.=) CAST(0 AS pg_catalog.oid)
              AND d.defaclobjtype OPERATOR(pg_catalog.=) 'S' AND pg_catalog.aclcontains(d.defaclacl,
              CAST(pg_catalog.concat(g.name, '=rwU/', pg_catalog.quote_ident(current_user))
              AS pg_catalog.aclitem))))
            """;

    /** Where default privileges reach the version table they have given what is not the application's. */
    private static final String VERSION_TABLE = """
             OR g.defaults OPERATOR(pg_catalog.=) 'FOR_CREATOR' AND EXISTS (SELECT FROM pg_catalog.pg_class c
             CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a
             WHERE c.relname OPERATOR(pg_catalog.=) :version_table AND c.relnamespace OPERATOR(pg_catalog.=) g.nsp_oid
             AND c.relowner OPERATOR(pg_catalog.<>) g.role_oid AND a.grantee OPERATOR(pg_catalog.=) g.role_oid
             AND a.privilege_type OPERATOR(pg_catalog.=) ANY ('{INSERT,UPDATE,DELETE,TRUNCATE}'))
            """;

    /** Defaults that are written down, or else the built-in ones, by which an owner may do everything. */
    private static final String DEFAULTS = """
             OR g.defaults OPERATOR(pg_catalog.=) 'FOR_CREATOR' AND g.:wanted OPERATOR(pg_catalog.<>) ''
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_default_acl d
              WHERE d.defaclrole OPERATOR(pg_catalog.=) :me AND d.defaclobjtype OPERATOR(pg_catalog.=) :type
              AND d.defaclnamespace OPERATOR(pg_catalog.=) ANY (ARRAY[CAST(0 AS pg_catalog.oid), g.nsp_oid])
              AND pg_catalog.aclcontains(d.defaclacl, CAST(pg_catalog.concat(
              g.name, g.:wanted, pg_catalog.quote_ident(current_user)) AS pg_catalog.aclitem)))
             AND NOT (:builtin AND NOT EXISTS (SELECT FROM pg_catalog.pg_default_acl d
              WHERE d.defaclrole OPERATOR(pg_catalog.=) :me AND d.defaclobjtype OPERATOR(pg_catalog.=) :type
              AND d.defaclnamespace OPERATOR(pg_catalog.=) CAST(0 AS pg_catalog.oid)))
            """;

    private static final String OWNER_MAY = "pg_catalog.pg_has_role(g.role_oid, current_user, 'USAGE')";
    private static final String PUBLIC_MAY = "true";

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

    /** For {@link PermissionPolicy#keops}, with the same text, but without a policy: most boots would load it for nothing. */
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
                : sql(policy, SqlNames.literal(versionTable), serverMajorVersion);
    }

    private static String keops(String role, String schema, String table, int serverMajorVersion) {
        StringBuilder sql = new StringBuilder(1 << 13);
        sql.append(PUBLIC_MAY_CONNECT).append(WANTED);
        String relations = serverMajorVersion < 17 ? ", '=rawdDxt/'" : ", '=rawdDxtm/'";
        sql.append('(').append(SqlNames.literal(role)).append(", ").append(SqlNames.literal(schema));
        sql.append(relations).append(relations).append(", '=rwU/', '', '', true, 'AS_KEOPS')");
        appendRelations(sql, table);
        appendKeopsDefaults(sql, serverMajorVersion);
        return sql.append(END).toString();
    }

    private static String sql(PermissionPolicy policy, String table, int serverMajorVersion) {
        StringBuilder sql = new StringBuilder(1 << 13);
        if (policy.connectRevokedFromPublic()) {
            sql.append(PUBLIC_MAY_CONNECT);
        }
        sql.append(WANTED);
        boolean keops = false;
        boolean creator = false;
        boolean routines = false;
        boolean types = false;
        String separator = "";
        for (Entitlement entitlement : policy.entitlements()) {
            sql.append(separator);
            append(sql, entitlement, serverMajorVersion);
            separator = ", ";
            keops |= entitlement.defaults() == DefaultPrivileges.AS_KEOPS;
            creator |= entitlement.defaults() == DefaultPrivileges.FOR_CREATOR;
            routines |= !entitlement.on(ObjectKind.ROUTINE).isEmpty();
            types |= !entitlement.on(ObjectKind.TYPE).isEmpty();
        }
        appendRelations(sql, table);
        if (keops) {
            appendKeopsDefaults(sql, serverMajorVersion);
        }
        if (creator) {
            append(sql, VERSION_TABLE, ":version_table", table);
            appendDefaults(sql, "tables", "'r'", OWNER_MAY);
            appendDefaults(sql, "sequences", "'S'", OWNER_MAY);
        }
        if (routines) {
            sql.append(ROUTINES);
            appendDefaults(sql, "routines", "'f'", PUBLIC_MAY);
        }
        if (types) {
            sql.append(TYPES);
            appendDefaults(sql, "types", "'T'", PUBLIC_MAY);
        }
        return sql.append(END).toString();
    }

    private static void appendRelations(StringBuilder sql, String table) {
        sql.append(GRANTEES).append(CONNECT_AND_USAGE);
        append(sql, RELATIONS, ":version_table", table);
    }

    private static void appendKeopsDefaults(StringBuilder sql, int serverMajorVersion) {
        String speaks = serverMajorVersion < 16 ? "'MEMBER'" : "'USAGE'";
        append(sql, KEOPS_DEFAULTS.replace(":me", ME), ":speaks", speaks);
    }

    private static void append(StringBuilder sql, Entitlement entitlement, int serverMajorVersion) {
        sql.append('(')
                .append(SqlNames.literal(entitlement.role()))
                .append(", ")
                .append(SqlNames.literal(entitlement.schema()));
        append(sql, entitlement, ObjectKind.TABLE, serverMajorVersion);
        append(sql, entitlement, ObjectKind.MATERIALIZED_VIEW, serverMajorVersion);
        append(sql, entitlement, ObjectKind.SEQUENCE, serverMajorVersion);
        append(sql, entitlement, ObjectKind.ROUTINE, serverMajorVersion);
        append(sql, entitlement, ObjectKind.TYPE, serverMajorVersion);
        sql.append(entitlement.direct() ? ", true, '" : ", false, '")
                .append(entitlement.defaults().name())
                .append("')");
    }

    /** What stands in an access list between the two roles, or nothing. */
    private static void append(StringBuilder sql, Entitlement entitlement, ObjectKind kind, int serverMajorVersion) {
        sql.append(", '");
        int empty = sql.length();
        Set<Privilege> wanted = entitlement.on(kind);
        for (Privilege privilege : Privilege.values()) {
            if (wanted.contains(privilege) && privilege.isKnownTo(serverMajorVersion)) {
                sql.append(sql.length() == empty ? "=" : "").append(privilege.letter());
            }
        }
        sql.append(sql.length() == empty ? "'" : "/'");
    }

    private static void append(StringBuilder sql, String part, String name, String value) {
        int at = part.indexOf(name);
        sql.append(part, 0, at).append(value).append(part, at + name.length(), part.length());
    }

    private static void appendDefaults(StringBuilder sql, String wanted, String type, String builtin) {
        sql.append(DEFAULTS.replace(":wanted", wanted)
                .replace(":type", type)
                .replace(":builtin", builtin)
                .replace(":me", ME));
    }
}
