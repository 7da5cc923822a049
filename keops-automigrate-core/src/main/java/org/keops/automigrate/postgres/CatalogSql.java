package org.keops.automigrate.postgres;

import java.util.regex.Pattern;

/**
 * Our own SQL, written so that nothing planted on the search path can take the place of what is meant.
 *
 * <p>Functions are written with {@code pg_catalog.} in the text; operators would be unreadable so, and are pinned here.
 * Stateless.
 */
final class CatalogSql {

    private CatalogSql() {}

    /** Types that are no words of the grammar's own, which names those of the catalog whatever the search path is. */
    private static final Pattern TYPE = Pattern.compile(" AS (text|name|oid|\"char\")(\\[])?\\)");

    /** Pins the operators {@code =} and {@code <>}, which must stand between blanks, and the types of casts. */
    static String pinned(String sql) {
        String operators = sql.replace(" = ", " OPERATOR(pg_catalog.=) ").replace(" <> ", " OPERATOR(pg_catalog.<>) ");
        return TYPE.matcher(operators).replaceAll(" AS pg_catalog.$1$2)");
    }
}
