package org.keops.automigrate.postgres.version;

import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.Queries;

/**
 * The comment of a version table, and whether it may be written.
 *
 * @param schema the schema of the table
 * @param text the comment, or null where there is none
 * @param foreignOwner who would have to write it, where this role may not; null where it may
 */
public record TableComment(
        String schema, @Nullable String text, @Nullable String foreignOwner) {

    /** Not {@code obj_description}: before 14 that is a function in SQL, which finds its operators on the search path. */
    private static final String READ = CatalogSql.pinned("""
            SELECT n.nspname,
                   (SELECT d.description FROM pg_catalog.pg_description d
                     WHERE d.objoid = c.oid AND d.objsubid = 0
                       AND d.classoid = CAST(CAST('pg_catalog.pg_class' AS pg_catalog.regclass) AS pg_catalog.oid)),
                   pg_catalog.pg_has_role(c.relowner, 'USAGE') AND c.relkind = ANY (CAST(ARRAY['r', 'p'] AS "char"[])),
                   pg_catalog.pg_get_userbyid(c.relowner)
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.oid = CAST(CAST(? AS pg_catalog.regclass) AS pg_catalog.oid)
            """);

    /**
     * The question.
     *
     * @param table the table as SQL names it
     */
    static String sql(String table) {
        return Queries.filled(READ, table);
    }

    /** Reads the answer; where the table has gone meanwhile there is no schema of this name. */
    static TableComment read(ResultSet row) throws SQLException {
        return row.next()
                ? new TableComment(row.getString(1), row.getString(2), row.getBoolean(3) ? null : row.getString(4))
                : new TableComment("", null, null);
    }
}
