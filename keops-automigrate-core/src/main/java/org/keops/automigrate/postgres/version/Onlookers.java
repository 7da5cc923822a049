package org.keops.automigrate.postgres.version;

import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.Queries;

/**
 * Whether anything in the database may look at the version rows while a transaction is at work on them: then each revision
 * has to be seen there. What the scripts of this transaction look at, and what they make, their text tells ({@link Sees}).
 * Stateless.
 */
final class Onlookers {
    /**
     * Returns a row where there is nobody.
     *
     * <p>Of the table, that it is Alembic's own: nothing hangs on it but its keys and its row type, no view, rule, trigger, policy,
     * foreign key, publication or partition, and it has room for every id that a script may have: varchar(32) or more (another type is refused at first sight), to which 4
     * are added.
     *
     * <p>Of the functions, that none can read it under a name that it puts together: there are only the server's own, whose ids
     * are below 16384, and such as extensions have in C (13) and aggregates (12), none of them for triggers. Without such a
     * function there is no event trigger either.
     *
     * <p>Of the session, that nothing is prepared which could be run without its text.
     */
    private static final String NONE = CatalogSql.pinned("""
            SELECT 1
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
             WHERE c.oid = CAST(CAST(? AS pg_catalog.regclass) AS pg_catalog.oid)
               AND c.relkind = 'r' AND c.reloftype = CAST(0 AS oid)
               AND a.attname = 'version_num'
               AND a.atttypmod OPERATOR(pg_catalog.>=) 36
               AND pg_catalog.getdatabaseencoding() = 'UTF8'
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid)
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.refclassid = CAST(CAST('pg_catalog.pg_class' AS pg_catalog.regclass) AS pg_catalog.oid)
                      AND d.refobjid = c.oid
                      AND d.classid <> CAST(CAST('pg_catalog.pg_type' AS pg_catalog.regclass) AS pg_catalog.oid)
                      AND (d.classid = CAST(CAST('pg_catalog.pg_constraint' AS pg_catalog.regclass) AS pg_catalog.oid)
                        AND (SELECT k.contype FROM pg_catalog.pg_constraint k WHERE k.oid = d.objid)
                          = ANY (CAST(ARRAY['p', 'u', 'n'] AS "char"[]))) IS NOT TRUE)
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc p
                    WHERE p.oid OPERATOR(pg_catalog.>=) CAST(16384 AS oid)
                      AND (p.prolang <> ALL (CAST(ARRAY[12, 13] AS pg_catalog.oid[]))
                        OR p.prorettype = ANY (CAST(ARRAY['pg_catalog.trigger', 'pg_catalog.event_trigger'] AS pg_catalog.regtype[]))))
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_prepared_statements s WHERE s.from_sql)
            """);

    private Onlookers() {}

    /**
     * The question; asked behind a change of a row, it holds until the transaction ends as far as the table goes: whoever wants to
     * hang a trigger, a rule or a policy on it waits for us.
     */
    static String question(VersionTable table) {
        return Queries.filled(NONE, table.sql());
    }
}
