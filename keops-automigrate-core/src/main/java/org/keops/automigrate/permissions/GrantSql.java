package org.keops.automigrate.permissions;

import java.util.ArrayList;
import java.util.List;
import org.keops.automigrate.model.SqlNames;

/** How a grant is written. Stateless. */
final class GrantSql {

    private GrantSql() {}

    /** The statement that gives a group its privileges, or takes them away where the policy says so. */
    static Repair statement(Group group, List<String> names) {
        String name = SqlNames.identifier(names.get(0));
        return switch (group.kind()) {
            case CONNECT -> alone(group, "GRANT CONNECT ON DATABASE " + name + to(group));
            case PUBLIC_CONNECT -> alone(group, "REVOKE CONNECT ON DATABASE " + name + " FROM PUBLIC");
            case SCHEMA -> alone(group, "GRANT USAGE ON SCHEMA " + name + to(group));
            case DEFAULT_TABLES -> alone(group, defaults(group, "TABLES"));
            case DEFAULT_SEQUENCES -> alone(group, defaults(group, "SEQUENCES"));
            case DEFAULT_ROUTINES -> alone(group, defaults(group, "ROUTINES"));
            case DEFAULT_TYPES -> alone(group, defaults(group, "TYPES"));
            case TABLE, MATERIALIZED_VIEW -> onRelations(group, "TABLE", names);
            case SEQUENCE -> onRelations(group, "SEQUENCE", names);
            // routines come as they are written, with their arguments
            case ROUTINE -> onRoutines(group, names);
            case TYPE -> alone(group, grant(group, "TYPE", qualified(group, names)));
            case VERSION_TABLE ->
                alone(
                        group,
                        "REVOKE " + group.privileges() + " ON TABLE "
                                + qualified(group, names).get(0) + " FROM " + SqlNames.identifier(group.role()));
            case ROW_SECURITY -> throw new IllegalArgumentException(group.kind() + " is no matter of grants");
        };
    }

    private static Repair onRelations(Group group, String kind, List<String> names) {
        List<String> relations = qualified(group, names);
        return new Repair(group.kind(), group.owner(), grant(group, kind, relations), relations, List.of());
    }

    /** A type of an argument may lie in a schema that this role may not look into: then its routine can not be named. */
    private static Repair onRoutines(Group group, List<String> names) {
        List<Repair> singly = new ArrayList<>();
        if (names.size() > 1) {
            for (String name : names) {
                singly.add(onRoutines(group, List.of(name)));
            }
        }
        return new Repair(group.kind(), group.owner(), grant(group, "ROUTINE", names), List.of(), singly);
    }

    private static Repair alone(Group group, String sql) {
        return new Repair(group.kind(), group.owner(), sql, List.of(), List.of());
    }

    private static String grant(Group group, String kind, List<String> objects) {
        return "GRANT " + group.privileges() + " ON " + kind + " " + String.join(", ", objects) + to(group);
    }

    private static String defaults(Group group, String kind) {
        String schema = group.schema().isEmpty() ? "" : " IN SCHEMA " + SqlNames.identifier(group.schema());
        return "ALTER DEFAULT PRIVILEGES FOR ROLE " + SqlNames.identifier(group.owner()) + schema + " GRANT "
                + group.privileges() + " ON " + kind + to(group);
    }

    private static String to(Group group) {
        return " TO " + SqlNames.identifier(group.role());
    }

    private static List<String> qualified(Group group, List<String> names) {
        List<String> qualified = new ArrayList<>(names.size());
        for (String name : names) {
            qualified.add(SqlNames.identifier(group.schema(), name));
        }
        return qualified;
    }
}
