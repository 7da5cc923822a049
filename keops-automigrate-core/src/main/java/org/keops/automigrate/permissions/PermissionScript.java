package org.keops.automigrate.permissions;

import org.keops.automigrate.model.SqlNames;

/**
 * KEOPS's seven statements as a script for a person to run, for a role and a schema, on whatever database it is run in.
 * {@code BundleTest} sees to it that nothing of {@link KeopsPermissions} lacks afterwards. Stateless.
 */
public final class PermissionScript {
    private PermissionScript() {}

    /**
     * Writes the script.
     *
     * @param target the role and the schema
     * @param versionTable the version table's name: it is not the application's to write
     * @return statements for psql or any other client; harmless to run again
     */
    public static String of(PermissionTarget target, String versionTable) {
        String role = SqlNames.identifier(target.role());
        String schema = SqlNames.identifier(target.schema());
        StringBuilder script = new StringBuilder();
        script.append("-- What the role ").append(comment(target.role())).append(" needs to use the schema ");
        script.append(comment(target.schema())).append(". Run it as the role that migrates:\n");
        script.append("--   psql -v ON_ERROR_STOP=1 -1 -d DATABASE -f fix-permissions.sql\n\n");
        script.append("DO $fix$ BEGIN\n");
        script.append(
                "    EXECUTE pg_catalog.format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', pg_catalog.current_database());\n");
        script.append(
                "    EXECUTE pg_catalog.format('GRANT CONNECT ON DATABASE %I TO %s', pg_catalog.current_database(), ");
        script.append(literal(role)).append(");\nEND $fix$;\n\n");
        script.append("ALTER DEFAULT PRIVILEGES FOR ROLE ")
                .append(role)
                .append(" IN SCHEMA ")
                .append(schema);
        script.append(" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ")
                .append(role)
                .append(";\n\n");
        script.append("GRANT USAGE ON SCHEMA ")
                .append(schema)
                .append(" TO ")
                .append(role)
                .append(";\n\n");
        script.append("ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO ")
                .append(role)
                .append(";\n\n");
        script.append("GRANT ALL ON ALL SEQUENCES IN SCHEMA ")
                .append(schema)
                .append(" TO ")
                .append(role);
        script.append(";\n\n-- All tables, views and foreign tables but the version table.\n");
        script.append("DO $fix$ DECLARE relation pg_catalog.regclass; BEGIN\n");
        script.append("    FOR relation IN SELECT c.oid FROM pg_catalog.pg_class c\n");
        script.append("        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace\n");
        script.append("        WHERE n.nspname OPERATOR(pg_catalog.=) ").append(literal(target.schema()));
        script.append(" AND c.relname OPERATOR(pg_catalog.<>) ").append(literal(versionTable));
        script.append("\n        AND c.relkind IN ('r', 'p', 'v', 'm', 'f')\n    LOOP\n");
        script.append("        EXECUTE pg_catalog.format('GRANT ALL ON %s TO %s', relation, ")
                .append(literal(role));
        return script.append(");\n    END LOOP;\nEND $fix$;\n").toString();
    }

    /** With {@code E}, so that a backslash means the same whatever standard_conforming_strings says. */
    private static String literal(String text) {
        return "E'" + text.replace("\\", "\\\\").replace("'", "''").replace("$", "\\x24") + "'";
    }

    private static String comment(String text) {
        return text.replace('\n', ' ').replace('\r', ' ');
    }
}
