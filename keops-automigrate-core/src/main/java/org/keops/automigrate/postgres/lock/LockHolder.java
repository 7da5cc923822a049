package org.keops.automigrate.postgres.lock;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.LockKey;
import org.keops.automigrate.postgres.session.Queries;

/** Who holds the migration lock, for a message. Stateless. */
final class LockHolder {
    private static final String HOLDER =
            CatalogSql.pinned("""
            SELECT a.pid, a.application_name, a.client_addr, a.backend_start,
                   CASE WHEN a.wait_event_type = 'Lock'
                        THEN pg_catalog.concat('waiting for a lock (', a.wait_event, ')') ELSE a.state END
              FROM pg_catalog.pg_locks l
              JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
             WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
               AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                                  WHERE d.datname = pg_catalog.current_database())
               AND l.classid = CAST(:class AS pg_catalog.oid) AND l.objid = CAST(:object AS pg_catalog.oid)
            """).replace(":class", LockKey.CLASS).replace(":object", LockKey.OBJECT);

    private LockHolder() {}

    /** Process id, application name, address and what it does; what the role may not see is left out. */
    static String of(Connection connection) throws SQLException {
        return Queries.query(connection, HOLDER, LockHolder::describe);
    }

    private static String describe(ResultSet rows) throws SQLException {
        if (!rows.next()) {
            return "a session that has ended meanwhile";
        }
        StringBuilder who = new StringBuilder("process ").append(rows.getInt(1));
        append(who, " (application ", rows.getString(2), ")");
        append(who, " from ", rows.getString(3), "");
        append(who, ", connected since ", rows.getString(4), "");
        append(who, ", ", rows.getString(5), "");
        return who.toString();
    }

    private static void append(StringBuilder text, String before, @Nullable String what, String after) {
        if (what != null && !what.isEmpty()) {
            text.append(before).append(what).append(after);
        }
    }
}
