package org.keops.automigrate.permissions;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.permissions.Observed.Kind;

/**
 * KEOPS's permissions: the effect of its seven statements, for any database, role and schema.
 *
 * <p>The role connects by a right of its own and PUBLIC does not; it uses the schema; it has all privileges on tables
 * and sequences; default privileges as KEOPS sets them. Only what lacks is granted, because a GRANT of what is granted
 * already rewrites the catalog row and can kill a concurrent ALTER TABLE. Stateless.
 */
public final class KeopsPermissions {
    /** All privileges on a sequence. */
    public static final List<String> SEQUENCE = List.of("SELECT", "UPDATE", "USAGE");

    private static final List<String> TABLE_BEFORE_17 =
            List.of("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER");
    private static final int MAINTAIN_SINCE = 17;
    private static final int NAMES_IN_ONE_STATEMENT = 500;

    private KeopsPermissions() {}

    /**
     * All privileges on a table.
     *
     * @param serverMajorVersion the server's major version: 17 added MAINTAIN
     * @return the keywords
     */
    public static List<String> table(int serverMajorVersion) {
        if (serverMajorVersion < MAINTAIN_SINCE) {
            return TABLE_BEFORE_17;
        }
        List<String> all = new ArrayList<>(TABLE_BEFORE_17);
        all.add("MAINTAIN");
        return all;
    }

    /**
     * The statements that give the role what it lacks.
     *
     * @param target the role and the schema
     * @param serverMajorVersion the server's major version
     * @param lacking what was observed to lack something
     * @return statements in the order in which they are to be executed; none where nothing lacks
     */
    public static List<Repair> repair(PermissionTarget target, int serverMajorVersion, List<Observed> lacking) {
        List<Repair> repairs = new ArrayList<>();
        Map<Group, List<String>> groups = new LinkedHashMap<>();
        for (Observed object : lacking) {
            if (object.kind() == Kind.TABLE || object.kind() == Kind.SEQUENCE) {
                List<String> wanted = object.kind() == Kind.TABLE ? table(serverMajorVersion) : SEQUENCE;
                groups.computeIfAbsent(
                                new Group(object.kind(), object.owner(), missing(wanted, object)),
                                group -> new ArrayList<>())
                        .add(SqlNames.identifier(target.schema(), object.name()));
            } else {
                repairs.add(new Repair(object.owner(), statement(target, object)));
            }
        }
        groups.forEach((group, names) -> grantInChunks(repairs, group, names, target.role()));
        return repairs;
    }

    private static String missing(List<String> wanted, Observed object) {
        List<String> missing = new ArrayList<>(wanted);
        missing.removeAll(object.held());
        return String.join(", ", missing);
    }

    private static void grantInChunks(List<Repair> repairs, Group group, List<String> names, String role) {
        for (int from = 0; from < names.size(); from += NAMES_IN_ONE_STATEMENT) {
            List<String> chunk = names.subList(from, Math.min(from + NAMES_IN_ONE_STATEMENT, names.size()));
            repairs.add(new Repair(
                    group.owner,
                    "GRANT " + group.privileges + " ON " + group.kind + " " + String.join(", ", chunk) + " TO "
                            + SqlNames.identifier(role)));
        }
    }

    private static String statement(PermissionTarget target, Observed object) {
        String role = SqlNames.identifier(target.role());
        String name = SqlNames.identifier(object.name());
        return switch (object.kind()) {
            case CONNECT -> "GRANT CONNECT ON DATABASE " + name + " TO " + role;
            case PUBLIC_CONNECT -> "REVOKE CONNECT ON DATABASE " + name + " FROM PUBLIC";
            case SCHEMA -> "GRANT USAGE ON SCHEMA " + name + " TO " + role;
            case DEFAULT_TABLES ->
                "ALTER DEFAULT PRIVILEGES FOR ROLE " + role + " IN SCHEMA " + name
                        + " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO " + role;
            case DEFAULT_SEQUENCES -> "ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO " + role;
            case TABLE, SEQUENCE -> throw new IllegalArgumentException(object.kind() + " is granted in groups");
        };
    }

    /** A statement names objects of one owner only: it does nothing at all if it may not grant on one of them. */
    private record Group(Kind kind, String owner, String privileges) {}
}
