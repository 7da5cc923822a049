package org.keops.automigrate.postgres.session;

import java.util.List;

/**
 * Our own SQL, written so that nothing planted on the search path can take the place of what is meant.
 *
 * <p>Functions are written with {@code pg_catalog.} in the text; operators would be unreadable so, and are pinned here.
 * Stateless.
 */
public final class CatalogSql {

    private CatalogSql() {}

    private static final String AS = " AS ";

    /** Types that are no words of the grammar's own, which names those of the catalog whatever the search path is. */
    private static final List<String> TYPES = List.of("text", "name", "oid", "\"char\"");

    /**
     * Pins the operators {@code =} and {@code <>}, which must stand between blanks, and the types of casts, which a bracket
     * follows. Every boot does it, so it is done without patterns.
     */
    public static String pinned(String sql) {
        String operators = sql.replace(" = ", " OPERATOR(pg_catalog.=) ").replace(" <> ", " OPERATOR(pg_catalog.<>) ");
        StringBuilder pinned = new StringBuilder(operators.length() + 512);
        int from = 0;
        for (int at = operators.indexOf(AS); at >= 0; at = operators.indexOf(AS, from)) {
            int type = at + AS.length();
            pinned.append(operators, from, type).append(isCast(operators, type) ? "pg_catalog." : "");
            from = type;
        }
        return pinned.append(operators, from, operators.length()).toString();
    }

    private static boolean isCast(String sql, int at) {
        for (String type : TYPES) {
            if (sql.startsWith(type, at)) {
                int end = at + type.length();
                return sql.startsWith(")", end) || sql.startsWith("[])", end);
            }
        }
        return false;
    }
}
