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
 * A policy as a script that a person may run by hand, whatever is there already: {@code fix-permissions.sql}.
 *
 * <p>It grants everything, and therefore rewrites the catalog rows of what is granted already; a migrator grants only what
 * lacks. Run as the role that makes the objects, or as a superuser. Stateless.
 */
public final class PermissionScript {
    private static final Map<ObjectKind, String> ALL = new EnumMap<>(
            Map.of(ObjectKind.TABLE, "TABLES", ObjectKind.SEQUENCE, "SEQUENCES", ObjectKind.ROUTINE, "ROUTINES"));

    private PermissionScript() {}

    /**
     * The whole script.
     *
     * @param policy the policy
     * @param creator the role that makes objects, for default privileges; null for the role that runs the script
     * @param versionTable the version table's name: in no schema of the policy is it the application's to write
     * @param serverMajorVersion the server's major version
     * @return statements, each ending in a semicolon and a line break
     */
    public static String of(
            PermissionPolicy policy, @Nullable String creator, String versionTable, int serverMajorVersion) {
        StringBuilder script = new StringBuilder();
        for (String statement : statements(policy, creator, versionTable, serverMajorVersion)) {
            script.append(statement).append(";\n");
        }
        return script.toString();
    }

    /**
     * The statements of the script.
     *
     * @param policy the policy
     * @param creator the role that makes objects, for default privileges; null for the role that runs the script
     * @param versionTable the version table's name
     * @param serverMajorVersion the server's major version
     * @return statements without semicolons, in their order
     */
    public static List<String> statements(
            PermissionPolicy policy, @Nullable String creator, String versionTable, int serverMajorVersion) {
        // a policy of several roles says some things of a role more than once
        Set<String> statements = new LinkedHashSet<>();
        for (Entitlement entitlement : policy.entitlements()) {
            statements.add(onDatabase("GRANT CONNECT ON DATABASE %I TO %I", entitlement.role()));
        }
        if (policy.connectRevokedFromPublic()) {
            statements.add(onDatabase("REVOKE CONNECT ON DATABASE %I FROM PUBLIC", null));
        }
        for (Entitlement entitlement : policy.entitlements()) {
            statements.add("GRANT USAGE ON SCHEMA " + SqlNames.identifier(entitlement.schema()) + to(entitlement));
            addDefaults(statements, entitlement, creator, serverMajorVersion);
            addObjects(statements, entitlement, serverMajorVersion);
            statements.add(withoutVersionTable(entitlement, versionTable));
        }
        return List.copyOf(statements);
    }

    private static void addObjects(Set<String> statements, Entitlement entitlement, int serverMajorVersion) {
        ALL.forEach((kind, objects) -> {
            Set<String> wanted = Wanted.on(entitlement, kind, serverMajorVersion);
            if (!wanted.isEmpty()) {
                statements.add("GRANT " + String.join(", ", wanted) + " ON ALL " + objects + " IN SCHEMA "
                        + SqlNames.identifier(entitlement.schema()) + to(entitlement));
            }
        });
        if (!entitlement.on(ObjectKind.TYPE).isEmpty()) {
            statements.add(onTypes(entitlement));
        }
    }

    private static void addDefaults(
            Set<String> statements, Entitlement entitlement, @Nullable String creator, int serverMajorVersion) {
        String forCreator = creator == null ? "" : " FOR ROLE " + SqlNames.identifier(creator);
        String inSchema = " IN SCHEMA " + SqlNames.identifier(entitlement.schema());
        if (entitlement.defaults() == DefaultPrivileges.AS_KEOPS) {
            statements.add("ALTER DEFAULT PRIVILEGES FOR ROLE " + SqlNames.identifier(entitlement.role()) + inSchema
                    + " GRANT " + String.join(", ", Wanted.KEOPS_DEFAULT_TABLES) + " ON TABLES" + to(entitlement));
            statements.add("ALTER DEFAULT PRIVILEGES" + forCreator + " GRANT ALL ON SEQUENCES" + to(entitlement));
        } else if (entitlement.defaults() == DefaultPrivileges.FOR_CREATOR) {
            Map<ObjectKind, String> kinds = new EnumMap<>(ALL);
            kinds.put(ObjectKind.TYPE, "TYPES");
            kinds.forEach((kind, objects) -> {
                Set<String> wanted = Wanted.on(entitlement, kind, serverMajorVersion);
                if (!wanted.isEmpty()) {
                    statements.add("ALTER DEFAULT PRIVILEGES" + forCreator + inSchema + " GRANT "
                            + String.join(", ", wanted) + " ON " + objects + to(entitlement));
                }
            });
        }
    }

    private static String onDatabase(String statement, @Nullable String role) {
        List<String> arguments = new ArrayList<>(List.of("current_database()"));
        if (role != null) {
            arguments.add(literal(role));
        }
        return block("BEGIN EXECUTE format('" + statement + "', " + String.join(", ", arguments) + "); END");
    }

    /** There is no GRANT on all types of a schema. */
    private static String onTypes(Entitlement entitlement) {
        return block("DECLARE t text; BEGIN FOR t IN SELECT format('%I.%I', n.nspname, t.typname)"
                + " FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = "
                + literal(entitlement.schema())
                + " AND t.typtype <> 'm' AND (t.typelem = 0 OR t.typlen <> -1) AND (t.typrelid = 0 OR EXISTS"
                + " (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))"
                + " LOOP EXECUTE format('GRANT USAGE ON TYPE %s TO %I', t, " + literal(entitlement.role())
                + "); END LOOP; END");
    }

    private static String withoutVersionTable(Entitlement entitlement, String versionTable) {
        String table = SqlNames.identifier(entitlement.schema(), versionTable);
        return block("BEGIN IF to_regclass(" + literal(table) + ") IS NOT NULL THEN EXECUTE format('REVOKE "
                + String.join(", ", Wanted.WRITING) + " ON TABLE %s FROM %I', " + literal(table) + ", "
                + literal(entitlement.role()) + "); END IF; END");
    }

    /** A quoted string is a name in a script, and may hold what would end a block. */
    private static String block(String body) {
        String tag = "$do$";
        while (body.contains(tag)) {
            tag = tag.substring(0, tag.length() - 1) + "_$";
        }
        return "DO " + tag + " " + body + " " + tag;
    }

    /** Means the same whatever standard_conforming_strings is. */
    private static String literal(String text) {
        return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }

    private static String to(Entitlement entitlement) {
        return " TO " + SqlNames.identifier(entitlement.role());
    }
}
