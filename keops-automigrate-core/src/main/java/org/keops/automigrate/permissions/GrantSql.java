package org.keops.automigrate.permissions;

import java.util.List;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.permissions.Observed.Kind;

/** How a grant is written. Stateless. */
final class GrantSql {

    private GrantSql() {}

    /** The statement that gives privileges on objects, or takes them away where the policy says so. */
    static Repair statement(Observed objects, String privileges, List<String> names) {
        String role = SqlNames.identifier(objects.role());
        String name = SqlNames.identifier(names.get(0));
        return switch (objects.kind()) {
            case CONNECT -> alone("GRANT CONNECT ON DATABASE " + name + " TO " + role);
            case PUBLIC_CONNECT -> alone("REVOKE CONNECT ON DATABASE " + name + " FROM PUBLIC");
            case SCHEMA -> alone("GRANT USAGE ON SCHEMA " + name + " TO " + role);
            case DEFAULT_TABLES -> alone(defaults(objects, privileges, "TABLES"));
            case DEFAULT_SEQUENCES -> alone(defaults(objects, privileges, "SEQUENCES"));
            case DEFAULT_ROUTINES -> alone(defaults(objects, privileges, "ROUTINES"));
            case DEFAULT_TYPES -> alone(defaults(objects, privileges, "TYPES"));
            case TABLE, MATERIALIZED_VIEW -> grant(privileges, "TABLE", qualified(objects, names), role);
            case SEQUENCE -> grant(privileges, "SEQUENCE", qualified(objects, names), role);
            // routines come as they are written, with their arguments
            case ROUTINE -> alone("GRANT " + privileges + " ON ROUTINE " + String.join(", ", names) + " TO " + role);
            case TYPE ->
                alone("GRANT " + privileges + " ON TYPE " + String.join(", ", qualified(objects, names)) + " TO "
                        + role);
            case VERSION_TABLE ->
                alone("REVOKE " + privileges + " ON TABLE " + String.join(", ", qualified(objects, names)) + " FROM "
                        + role);
            case ROW_SECURITY -> throw new IllegalArgumentException(Kind.ROW_SECURITY + " is no matter of grants");
        };
    }

    private static Repair grant(String privileges, String kind, List<String> relations, String role) {
        return new Repair(
                "GRANT " + privileges + " ON " + kind + " " + String.join(", ", relations) + " TO " + role, relations);
    }

    private static String defaults(Observed objects, String privileges, String kind) {
        String schema = objects.schema().isEmpty() ? "" : " IN SCHEMA " + SqlNames.identifier(objects.schema());
        return "ALTER DEFAULT PRIVILEGES FOR ROLE " + SqlNames.identifier(objects.owner()) + schema + " GRANT "
                + privileges + " ON " + kind + " TO " + SqlNames.identifier(objects.role());
    }

    private static Repair alone(String sql) {
        return new Repair(sql, List.of());
    }

    private static List<String> qualified(Observed objects, List<String> names) {
        return names.stream()
                .map(name -> SqlNames.identifier(objects.schema(), name))
                .toList();
    }
}
