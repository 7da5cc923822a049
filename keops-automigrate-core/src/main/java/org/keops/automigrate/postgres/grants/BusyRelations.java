package org.keops.automigrate.postgres.grants;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.Queries;

/**
 * The relations that one and the same transaction of somebody keeps from whoever writes rows, for longer than short DDL takes:
 * a CREATE INDEX may take hours, and is not disturbed by a GRANT, whereas an ALTER SEQUENCE or CREATE TRIGGER is. Used by one
 * thread.
 */
final class BusyRelations {
    private static final long LONG_NANOS = Duration.ofSeconds(6).toNanos();

    /**
     * Who holds which relation in a mode that ROW EXCLUSIVE waits for, and the views on it: whoever locks a view to delete
     * from it locks what is below. Whoever queues for such a mode counts, too, because everybody else queues behind that: a
     * CREATE INDEX waits for as long as somebody writes. An OID alone may lie in another database.
     */
    private static final String HOLDERS = CatalogSql.pinned("""
            WITH RECURSIVE reached (holder, relation) AS (
              SELECT pg_catalog.concat_ws(' ', l.virtualtransaction, l.pid, l.relation), l.relation
                FROM pg_catalog.pg_locks l
                JOIN pg_catalog.pg_database d ON d.oid = l.database
               WHERE d.datname = pg_catalog.current_database()
                 AND l.mode = ANY (CAST('{ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}' AS text[]))
               UNION
              SELECT r.holder, w.ev_class
                FROM reached r
                JOIN pg_catalog.pg_depend p ON p.refobjid = r.relation
                 AND p.refclassid = CAST(CAST('pg_catalog.pg_class' AS pg_catalog.regclass) AS pg_catalog.oid)
                 AND p.classid = CAST(CAST('pg_catalog.pg_rewrite' AS pg_catalog.regclass) AS pg_catalog.oid)
                JOIN pg_catalog.pg_rewrite w ON w.oid = p.objid)
            SELECT pg_catalog.concat_ws(' ', r.holder, r.relation), n.nspname, c.relname
              FROM reached r
              JOIN pg_catalog.pg_class c ON c.oid = r.relation
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            """);

    /** When each holder was first seen, by {@link System#nanoTime}. */
    private final Map<String, Long> since = new HashMap<>();

    private final Set<String> relations = new HashSet<>();

    /** As they are written in SQL. */
    Set<String> relations() {
        return relations;
    }

    /** Looks who holds what, after a failure; to be called again and again while there are any, outside of a transaction. */
    void look(Connection connection) throws SQLException {
        Map<String, String> held = Queries.query(connection, HOLDERS, BusyRelations::read);
        long now = System.nanoTime();
        since.keySet().retainAll(held.keySet());
        relations.clear();
        for (Map.Entry<String, String> one : held.entrySet()) {
            Long seen = since.putIfAbsent(one.getKey(), now);
            if (seen != null && now - seen > LONG_NANOS) {
                relations.add(one.getValue());
            }
        }
    }

    private static Map<String, String> read(ResultSet rows) throws SQLException {
        Map<String, String> holders = new HashMap<>();
        while (rows.next()) {
            holders.put(rows.getString(1), SqlNames.identifier(rows.getString(2), rows.getString(3)));
        }
        return holders;
    }
}
