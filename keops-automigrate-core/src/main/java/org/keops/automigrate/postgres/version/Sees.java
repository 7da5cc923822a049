package org.keops.automigrate.postgres.version;

import java.util.Set;
import org.keops.automigrate.script.Statement;

/**
 * What a statement of a script may see of the version rows, as far as its text tells, where nothing else in the database looks at
 * them ({@link Onlookers}). In doubt it sees them.
 */
enum Sees {
    /** It sees none, and changes nothing that the change of a row would depend on. */
    NOTHING,
    /** It may see them, or change a setting or a privilege; nothing of it is left that sees them later. */
    NOW,
    /** It may see them, and so may what it makes. */
    FROM_NOW_ON;

    /**
     * Commands that run nothing but expressions: such as stand in their own text, and such as stand behind a table or a view
     * that others of them have made. So a text with one of {@link #RUNS_TEXTS} is a reason to doubt. They take
     * no privilege away, and drop nothing that a version table may depend on.
     */
    private static final Set<String> BLIND = Set.of(
            "CREATE TABLE",
            "CREATE TEMP",
            "CREATE TEMPORARY",
            "CREATE UNLOGGED",
            "CREATE INDEX",
            "CREATE SEQUENCE",
            "CREATE TYPE",
            "CREATE VIEW",
            "ALTER TABLE",
            "ALTER INDEX",
            "ALTER SEQUENCE",
            "ALTER TYPE",
            "DROP TABLE",
            "DROP INDEX",
            "DROP SEQUENCE",
            "DROP TYPE",
            "DROP VIEW",
            "COMMENT",
            "INSERT",
            "UPDATE",
            "DELETE");

    /** Commands that leave nothing behind which runs later. Whatever is in neither list may. */
    private static final Set<String> PASSING = Set.of(
            "SELECT",
            "WITH",
            "VALUES",
            "TABLE",
            "SET",
            "SET LOCAL",
            "RESET",
            "GRANT",
            "REVOKE",
            "COPY",
            "COPY FROM STDIN",
            "COPY TO STDOUT",
            "LOCK",
            "ANALYZE");

    /** Functions of the server's that run a text they are given, or set what it says, and its catalog, which can be written. */
    private static final String[] RUNS_TEXTS = {"_to_xml", "ts_stat", "ts_rewrite", "set_config", "pg_"};

    /**
     * Finds out.
     *
     * @param table the name of the version table, which is {@link #standsAsItIs}
     */
    static Sees of(Statement statement, String table) {
        String command = statement.traits().command();
        boolean blind = BLIND.contains(command);
        if (!blind && !PASSING.contains(command)) {
            return FROM_NOW_ON;
        }
        // an identifier with escapes may be any name
        if (statement.mentions(table) || statement.mentions("&\"")) {
            return FROM_NOW_ON;
        }
        if (!blind) {
            return NOW;
        }
        return statement.mentionsAny(RUNS_TEXTS) ? FROM_NOW_ON : NOTHING;
    }

    /** Whether a text that speaks of a table of this name has the name in it, in some case and as it is. */
    static boolean standsAsItIs(String table) {
        for (int i = 0; i < table.length(); i++) {
            char c = table.charAt(i);
            if (c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')) {
                return false;
            }
        }
        return true;
    }
}
