package org.keops.automigrate.postgres.grants;

import java.util.Set;
import org.keops.automigrate.model.DefaultPrivileges;
import org.keops.automigrate.model.Entitlement;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.Privilege;
import org.keops.automigrate.model.SqlNames;

/** The text of a {@link QuickAudit} for a policy of any kind; a class of its own because most boots do not need it. Stateless. */
final class QuickPolicyAudit {
    /** No row of it is pulled up into the rest, where each use would look the role up again. */
    private static final String GRANTEES = """
            EXISTS (SELECT FROM (SELECT CAST(pg_catalog.to_regrole(w.quoted) AS pg_catalog.oid) AS role_oid,
             CAST(pg_catalog.to_regnamespace(w.quoted_nsp) AS pg_catalog.oid) AS nsp_oid, w.* FROM (VALUES\s""";

    private static final String COLUMNS = """
            ) w(role, quoted, nsp, quoted_nsp, tables, matviews, sequences, routines, types, direct, defaults) OFFSET 0) g
             WHERE CASE WHEN g.role_oid IS NULL OR g.nsp_oid IS NULL THEN true ELSE\s""";

    /** Whatever way the role may come by its privileges, each is asked for where that counts. */
    private static final String OTHERWISE = """

            THEN false WHEN g.direct AND pg_catalog.pg_has_role(c.relowner, 'USAGE') THEN true
             WHEN c.relacl IS NULL THEN NOT pg_catalog.pg_has_role(g.role_oid, c.relowner, 'USAGE')
             ELSE EXISTS (SELECT FROM pg_catalog.aclexplode(ARRAY[CAST(pg_catalog.concat(
              g.quoted, w.wanted, g.quoted) AS pg_catalog.aclitem)]) a
              WHERE NOT CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'S'
              THEN pg_catalog.has_sequence_privilege(g.role_oid, c.oid, a.privilege_type)
              ELSE pg_catalog.has_table_privilege(g.role_oid, c.oid, a.privilege_type) END)""";

    private static final String WANTED = """

            CROSS JOIN LATERAL (SELECT CASE WHEN c.relkind OPERATOR(pg_catalog.=) 'S' THEN g.sequences
              WHEN c.relkind OPERATOR(pg_catalog.=) 'm' THEN g.matviews ELSE g.tables END) w(wanted)""";

    private static final String ROUTINES = """

            OR g.routines OPERATOR(pg_catalog.<>) '' AND true OPERATOR(pg_catalog.=) ANY (SELECT
             CASE WHEN p.proacl IS NULL THEN false
              ELSE NOT pg_catalog.has_function_privilege(g.role_oid, p.oid, 'EXECUTE') END
             FROM pg_catalog.pg_proc p WHERE CASE WHEN p.pronamespace OPERATOR(pg_catalog.=) g.nsp_oid THEN true END)""";

    private static final String TYPES = """

            OR g.types OPERATOR(pg_catalog.<>) '' AND true OPERATOR(pg_catalog.=) ANY (SELECT
             CASE WHEN t.typacl IS NULL THEN false
              ELSE NOT pg_catalog.has_type_privilege(g.role_oid, t.oid, 'USAGE') END
             FROM pg_catalog.pg_type t WHERE CASE WHEN t.typnamespace OPERATOR(pg_catalog.=) g.nsp_oid THEN true END)""";

    /** Where default privileges reach the version table they have given what is not the application's. */
    private static final String WRITABLE = """
            g.defaults OPERATOR(pg_catalog.=) 'FOR_CREATOR' AND c.relowner OPERATOR(pg_catalog.<>) g.role_oid
             AND EXISTS (SELECT FROM pg_catalog.aclexplode(c.relacl) a WHERE a.grantee OPERATOR(pg_catalog.=) g.role_oid
              AND a.privilege_type OPERATOR(pg_catalog.=) ANY ('{INSERT,UPDATE,DELETE,TRUNCATE}'))""";

    /**
     * Defaults that are written down, or else the built-in ones, by which an owner may do everything, and PUBLIC use what
     * is no relation.
     */
    private static final String DEFAULTS = """

            OR g.defaults OPERATOR(pg_catalog.=) 'FOR_CREATOR' AND EXISTS (SELECT FROM (VALUES
              (CAST('r' AS pg_catalog."char"), g.tables), ('S', g.sequences), ('f', g.routines), ('T', g.types))
               k(type, wanted)
             WHERE CASE WHEN k.wanted OPERATOR(pg_catalog.=) '' OR EXISTS (
              SELECT FROM pg_catalog.pg_default_acl d WHERE CASE WHEN d.defaclobjtype OPERATOR(pg_catalog.=) k.type
               AND pg_catalog.pg_get_userbyid(d.defaclrole) OPERATOR(pg_catalog.=) current_user
               AND d.defaclnamespace OPERATOR(pg_catalog.=) ANY (ARRAY[CAST(0 AS pg_catalog.oid), g.nsp_oid])
               THEN pg_catalog.aclcontains(d.defaclacl, CAST(pg_catalog.concat(
                g.quoted, k.wanted, CAST(d.defaclrole AS pg_catalog.regrole)) AS pg_catalog.aclitem)) END) THEN false
              WHEN k.type OPERATOR(pg_catalog.=) ANY ('{r,S}')
               AND NOT pg_catalog.pg_has_role(g.role_oid, current_user, 'USAGE') THEN true
              ELSE EXISTS (SELECT FROM pg_catalog.pg_default_acl d WHERE CASE
               WHEN d.defaclobjtype OPERATOR(pg_catalog.=) k.type
               AND d.defaclnamespace OPERATOR(pg_catalog.=) CAST(0 AS pg_catalog.oid)
               THEN pg_catalog.pg_get_userbyid(d.defaclrole) OPERATOR(pg_catalog.=) current_user END) END)""";

    private QuickPolicyAudit() {}

    /** As {@link QuickAudit#sql}, for a policy that wants something. */
    static String sql(PermissionPolicy policy, String table, int serverMajorVersion) {
        StringBuilder sql = new StringBuilder(1 << 13).append(GRANTEES);
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
        sql.append(COLUMNS);
        QuickAudit.appendConnectAndUsage(
                sql, "g.role_oid", "g.quoted", "g.nsp", "g.direct AND ", policy.connectRevokedFromPublic());
        appendRelations(sql, table, creator ? WRITABLE : "false");
        if (keops) {
            sql.append(" OR g.defaults OPERATOR(pg_catalog.=) 'AS_KEOPS' AND (");
            QuickAudit.appendKeopsDefaults(sql, "g.role", "g.quoted", "g.nsp_oid", serverMajorVersion);
            sql.append(')');
        }
        sql.append(routines ? ROUTINES : "").append(types ? TYPES : "").append(creator ? DEFAULTS : "");
        return sql.append(" END)").toString();
    }

    private static void appendRelations(StringBuilder sql, String table, String spoilt) {
        QuickAudit.appendRelations(sql, "g.role_oid", table, spoilt);
        sql.append("WHEN w.wanted OPERATOR(pg_catalog.=) '' THEN false WHEN ");
        QuickAudit.appendHeld(sql, "c.relacl", "g.quoted", "w.wanted", "c.relowner");
        sql.append(' ')
                .append(OTHERWISE)
                .append(QuickAudit.OF_RELATIONS)
                .append(WANTED)
                .append(QuickAudit.IN_SCHEMA)
                .append("g.nsp_oid THEN true END)");
    }

    private static void append(StringBuilder sql, Entitlement entitlement, int serverMajorVersion) {
        sql.append('(');
        appendName(sql, entitlement.role());
        sql.append(", ");
        appendName(sql, entitlement.schema());
        append(sql, entitlement, ObjectKind.TABLE, serverMajorVersion);
        append(sql, entitlement, ObjectKind.MATERIALIZED_VIEW, serverMajorVersion);
        append(sql, entitlement, ObjectKind.SEQUENCE, serverMajorVersion);
        append(sql, entitlement, ObjectKind.ROUTINE, serverMajorVersion);
        append(sql, entitlement, ObjectKind.TYPE, serverMajorVersion);
        sql.append(entitlement.direct() ? ", true, '" : ", false, '")
                .append(entitlement.defaults().name())
                .append("')");
    }

    /** As a name, and as it is written in SQL and in an access list. */
    private static void appendName(StringBuilder sql, String name) {
        sql.append("CAST(")
                .append(SqlNames.literal(name))
                .append(" AS pg_catalog.name), ")
                .append(SqlNames.literal(SqlNames.identifier(name)));
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
}
