package org.keops.automigrate.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All settings of a session, to be put back after a script has run: a pool's {@code close()} keeps role, search path and
 * timeouts, and the next borrower would meet them. Immutable.
 */
final class Settings {
    /** The role comes first: what was set as a superuser can be put back only as one. */
    private static final String READ = CatalogSql.pinned("""
            SELECT 'session_authorization', CAST(session_user AS text)
            UNION ALL SELECT 'role', pg_catalog.current_setting('role')
            UNION ALL (SELECT s.name, s.setting FROM pg_catalog.pg_settings s
              WHERE s.context = ANY (ARRAY['user', 'superuser'])
                AND s.name <> 'transaction_isolation' AND s.name <> 'transaction_read_only'
                AND s.name <> 'transaction_deferrable' AND s.name <> 'seed')
            """);

    private static final String SET = "SELECT pg_catalog.set_config(?, ?, false)";

    private final Map<String, String> values;

    private Settings(Map<String, String> values) {
        this.values = values;
    }

    static Settings read(Connection connection) throws SQLException {
        return new Settings(Queries.query(connection, READ, Settings::asMap));
    }

    /** Puts back what differs now. A setting that did not exist is emptied: PostgreSQL can not forget it. */
    void restore(Connection connection) throws SQLException {
        for (Map.Entry<String, String> now : read(connection).values.entrySet()) {
            String before = values.getOrDefault(now.getKey(), "");
            if (!before.equals(now.getValue())) {
                Queries.query(connection, SET, ResultSet::next, now.getKey(), before);
            }
        }
    }

    private static Map<String, String> asMap(ResultSet rows) throws SQLException {
        Map<String, String> values = new LinkedHashMap<>();
        while (rows.next()) {
            String value = rows.getString(2);
            values.put(rows.getString(1), value == null ? "" : value);
        }
        return values;
    }
}
