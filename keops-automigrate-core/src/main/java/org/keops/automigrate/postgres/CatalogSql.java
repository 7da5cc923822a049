package org.keops.automigrate.postgres;

/**
 * Our own SQL, written so that nothing planted on the search path can take the place of what is meant.
 *
 * <p>Functions are written with {@code pg_catalog.} in the text; operators would be unreadable so, and are pinned here.
 * Stateless.
 */
final class CatalogSql {

    private CatalogSql() {}

    /** Pins the operators {@code =} and {@code <>}, which must stand between blanks. */
    static String pinned(String sql) {
        return sql.replace(" = ", " OPERATOR(pg_catalog.=) ").replace(" <> ", " OPERATOR(pg_catalog.<>) ");
    }
}
