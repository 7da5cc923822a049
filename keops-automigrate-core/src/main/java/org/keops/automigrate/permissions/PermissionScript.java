package org.keops.automigrate.permissions;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DefaultPrivileges;
import org.keops.automigrate.model.Entitlement;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.SqlNames;

/**
 * A policy as a script that a person may run by hand, on whatever database and whatever is granted there already:
 * {@code fix-permissions.sql}.
 *
 * <p>It grants everything, and therefore rewrites the catalog rows of what is granted already; a migrator grants only what
 * lacks. Stateless.
 */
public final class PermissionScript {
    private static final Map<ObjectKind, String> OBJECTS = new EnumMap<>(Map.of(
            ObjectKind.TABLE, "TABLES",
            ObjectKind.SEQUENCE, "SEQUENCES",
            ObjectKind.ROUTINE, "ROUTINES",
            ObjectKind.TYPE, "TYPES"));

    private static final String MAINTAIN = "MAINTAIN";
    private static final String KNOWS_MAINTAIN =
            "CAST(pg_catalog.current_setting('server_version_num') AS int)" + " OPERATOR(pg_catalog.>=) 170000";

    private final PermissionPolicy policy;
    private final @Nullable String creator;
    private final String versionTable;

    /** Policies of several roles say some things more than once. */
    private final Set<String> statements = new LinkedHashSet<>();

    private PermissionScript(PermissionPolicy policy, @Nullable String creator, String versionTable) {
        this.policy = policy;
        this.creator = creator;
        this.versionTable = versionTable;
    }

    /**
     * Writes the script.
     *
     * @param policy the policy
     * @param creator the role that makes objects, for default privileges; null for the role that runs the script
     * @param versionTable the version table's name: in no schema of the policy is it the application's to write
     * @return statements for psql or any other client; harmless to run again
     */
    public static String of(PermissionPolicy policy, @Nullable String creator, String versionTable) {
        return """
                -- What the roles of the policy need. Run it as the role that migrates, or as a superuser:
                --   psql -v ON_ERROR_STOP=1 -1 -d DATABASE -f fix-permissions.sql
                -- A warning names what belongs to somebody else, who has to grant it.

                """ + String.join(";\n\n", statements(policy, creator, versionTable)) + ";\n";
    }

    /**
     * The statements of the script.
     *
     * @param policy the policy
     * @param creator the role that makes objects, for default privileges; null for the role that runs the script
     * @param versionTable the version table's name
     * @return statements without semicolons, in their order
     */
    public static List<String> statements(PermissionPolicy policy, @Nullable String creator, String versionTable) {
        return new PermissionScript(policy, creator, versionTable).write();
    }

    private List<String> write() {
        for (Entitlement entitlement : policy.entitlements()) {
            statements.add(onDatabase("GRANT CONNECT ON DATABASE %I TO " + role(entitlement)));
        }
        if (policy.connectRevokedFromPublic()) {
            statements.add(onDatabase("REVOKE CONNECT ON DATABASE %I FROM PUBLIC"));
        }
        for (Entitlement entitlement : policy.entitlements()) {
            String schema = SqlNames.identifier(entitlement.schema());
            statements.add(asFarAsPermitted("GRANT USAGE ON SCHEMA " + schema + " TO " + role(entitlement)));
            addDefaults(entitlement, " IN SCHEMA " + schema);
            addObjects(entitlement);
        }
        return List.copyOf(statements);
    }

    private void addObjects(Entitlement entitlement) {
        onEach(entitlement, ObjectKind.TABLE, "'r', 'p', 'v', 'f'");
        onEach(entitlement, ObjectKind.MATERIALIZED_VIEW, "'m'");
        onEach(entitlement, ObjectKind.SEQUENCE, "'S'");
        onEachRoutine(entitlement);
        onEachType(entitlement);
    }

    private void addDefaults(Entitlement entitlement, String inSchema) {
        String to = " TO " + role(entitlement);
        String forCreator = creator == null ? "" : " FOR ROLE " + SqlNames.identifier(creator);
        if (entitlement.defaults() == DefaultPrivileges.AS_KEOPS) {
            // whoever may not speak for the role has nothing to give here that the application would miss
            statements.add(block("IF pg_catalog.pg_has_role(" + literal(entitlement.role())
                    + ", CASE WHEN CAST(pg_catalog.current_setting('server_version_num') AS int)"
                    + " OPERATOR(pg_catalog.<) 160000 THEN 'MEMBER' ELSE 'USAGE' END) THEN EXECUTE "
                    + literal("ALTER DEFAULT PRIVILEGES FOR ROLE " + role(entitlement) + inSchema + " GRANT "
                            + String.join(", ", Wanted.READING_AND_WRITING) + " ON TABLES" + to)
                    + "; END IF"));
            statements.add("ALTER DEFAULT PRIVILEGES" + forCreator + " GRANT ALL ON SEQUENCES" + to);
        } else if (entitlement.defaults() == DefaultPrivileges.FOR_CREATOR) {
            OBJECTS.forEach((kind, objects) -> {
                if (!entitlement.on(kind).isEmpty()) {
                    for (String privileges : privileges(entitlement, kind)) {
                        String sql = "ALTER DEFAULT PRIVILEGES" + forCreator + inSchema + " GRANT " + privileges
                                + " ON " + objects + to;
                        statements.add(
                                privileges.equals(MAINTAIN)
                                        ? block("IF " + KNOWS_MAINTAIN + " THEN EXECUTE " + literal(sql) + "; END IF")
                                        : sql);
                    }
                }
            });
            // they reach the version table if it is made in this schema later on, or was
            String table = SqlNames.identifier(entitlement.schema(), versionTable);
            String revoke =
                    "REVOKE " + String.join(", ", Wanted.WRITING) + " ON TABLE " + table + " FROM " + role(entitlement);
            statements.add(block("IF EXISTS (SELECT FROM pg_catalog.pg_class c"
                    + " JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
                    + " WHERE n.nspname OPERATOR(pg_catalog.=) " + literal(entitlement.schema())
                    + " AND c.relname OPERATOR(pg_catalog.=) " + literal(versionTable) + ") THEN EXECUTE "
                    + literal(revoke) + "; END IF" + orWarn(revoke)));
        }
    }

    /** ON ALL TABLES would take the version table. */
    private void onEach(Entitlement entitlement, ObjectKind kind, String relkinds) {
        loop(
                entitlement,
                kind,
                kind == ObjectKind.SEQUENCE ? "SEQUENCE" : "TABLE",
                "SELECT CAST(CAST(c.oid AS pg_catalog.regclass) AS pg_catalog.text) FROM pg_catalog.pg_class c\n"
                        + "        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace\n"
                        + "        WHERE n.nspname OPERATOR(pg_catalog.=) " + literal(entitlement.schema())
                        + " AND c.relname OPERATOR(pg_catalog.<>) " + literal(versionTable)
                        + " AND c.relkind OPERATOR(pg_catalog.=) ANY (CAST(ARRAY[" + relkinds
                        + "] AS pg_catalog.\"char\"[]))");
    }

    /** Where no access list is written down, PUBLIC may. A procedure is named with the modes of its arguments. */
    private void onEachRoutine(Entitlement entitlement) {
        loop(
                entitlement,
                ObjectKind.ROUTINE,
                "ROUTINE",
                "SELECT CASE WHEN p.prokind OPERATOR(pg_catalog.=) 'p' THEN pg_catalog.format('%I.%I(%s)', n.nspname, p.proname,"
                        + " pg_catalog.pg_get_function_identity_arguments(p.oid))\n"
                        + "        ELSE CAST(CAST(p.oid AS pg_catalog.regprocedure) AS pg_catalog.text) END\n"
                        + "        FROM pg_catalog.pg_proc p\n"
                        + "        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace\n"
                        + "        WHERE n.nspname OPERATOR(pg_catalog.=) " + literal(entitlement.schema())
                        + " AND p.proacl IS NOT NULL");
    }

    /** There is no GRANT on all types of a schema. */
    private void onEachType(Entitlement entitlement) {
        loop(
                entitlement,
                ObjectKind.TYPE,
                "TYPE",
                "SELECT pg_catalog.format('%I.%I', n.nspname, t.typname) FROM pg_catalog.pg_type t\n"
                        + "        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) t.typnamespace\n"
                        + "        WHERE n.nspname OPERATOR(pg_catalog.=) " + literal(entitlement.schema())
                        + " AND t.typacl IS NOT NULL\n"
                        + "        AND (t.typelem OPERATOR(pg_catalog.=) 0 OR t.typlen OPERATOR(pg_catalog.<>) -1)");
    }

    /** What belongs to others is no reason to leave the rest undone: one GRANT on everything would do nothing at all. */
    private void loop(Entitlement entitlement, ObjectKind kind, String keyword, String query) {
        if (entitlement.on(kind).isEmpty()) {
            return;
        }
        String role = literal(role(entitlement));
        for (String privileges : privileges(entitlement, kind)) {
            loop(role, privileges, keyword, privileges.equals(MAINTAIN) ? query + " AND " + KNOWS_MAINTAIN : query);
        }
    }

    private void loop(String role, String privileges, String keyword, String query) {
        statements.add("DO $fix$ DECLARE object pg_catalog.text; BEGIN\n    FOR object IN " + query + "\n    LOOP\n"
                + "        BEGIN\n"
                + "            EXECUTE pg_catalog.format('GRANT " + privileges + " ON " + keyword
                + " %s TO %s', object, " + role + ");\n"
                + "        EXCEPTION WHEN insufficient_privilege THEN\n"
                + "            RAISE WARNING 'not granted to %, its owner may: %: %', " + role + ", object, SQLERRM;\n"
                + "        END;\n"
                + "    END LOOP;\nEND $fix$");
    }

    private static String onDatabase(String statement) {
        return block("EXECUTE pg_catalog.concat("
                + literal(statement.substring(0, statement.indexOf("%I")))
                + ", pg_catalog.quote_ident(CAST(pg_catalog.current_database() AS pg_catalog.text)), "
                + literal(statement.substring(statement.indexOf("%I") + 2))
                + ")");
    }

    private static String asFarAsPermitted(String statement) {
        return block("EXECUTE " + literal(statement) + orWarn(statement));
    }

    /** Whoever has no right at all on an object is not warned but refused, and nothing else would be granted. */
    private static String orWarn(String statement) {
        return ";\nEXCEPTION WHEN insufficient_privilege THEN\n    RAISE WARNING 'left to the owner: %: %', "
                + literal(statement) + ", SQLERRM";
    }

    private static String block(String body) {
        return "DO $fix$ BEGIN\n    " + body + ";\nEND $fix$";
    }

    /**
     * In one part, or in two: no server before 17 may hear of MAINTAIN. ALL where everything is wanted, which is what each
     * server knows.
     */
    private static List<String> privileges(Entitlement entitlement, ObjectKind kind) {
        if (entitlement.on(kind).equals(kind.all())) {
            return List.of("ALL");
        }
        List<String> old = entitlement.on(kind).stream()
                .map(Enum::name)
                .filter(name -> !name.equals(MAINTAIN))
                .toList();
        List<String> parts = new ArrayList<>();
        if (!old.isEmpty()) {
            parts.add(String.join(", ", old));
        }
        if (old.size() < entitlement.on(kind).size()) {
            parts.add(MAINTAIN);
        }
        return parts;
    }

    private static String role(Entitlement entitlement) {
        return SqlNames.identifier(entitlement.role());
    }

    /** Within dollars that quote, a dollar is written as an escape. */
    private static String literal(String text) {
        return SqlNames.literal(text).replace("$", "\\x24");
    }
}
