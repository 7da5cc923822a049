package org.keops.automigrate.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All settings of a session, to be put back after a script has run: a pool's {@code close()} keeps role, search path and
 * timeouts, and the next borrower would meet them. Immutable.
 */
final class Settings {
    /** The role comes first: what was set as a superuser can be put back only as one. */
    private static final String READ = CatalogSql.pinned("""
            SELECT 'session_authorization', CAST(session_user AS text), NULL
            UNION ALL SELECT 'role', pg_catalog.current_setting('role'), NULL
            UNION ALL (SELECT s.name, s.setting, s.reset_val FROM pg_catalog.pg_settings s
              WHERE s.context = ANY (ARRAY['user', 'superuser'])
                AND s.name <> 'transaction_isolation' AND s.name <> 'transaction_read_only'
                AND s.name <> 'transaction_deferrable' AND s.name <> 'seed')
            """);

    private static final String SET = "SELECT pg_catalog.set_config(?, ?, false)";

    private final Map<String, Value> values;

    private Settings(Map<String, Value> values) {
        this.values = values;
    }

    static Settings read(Connection connection) throws SQLException {
        return new Settings(Queries.query(connection, READ, Settings::asMap));
    }

    /**
     * Puts back what differs now. A setting that was not there before, because its module was loaded meanwhile or because
     * a script made it up, goes back to what the session would start with.
     */
    void restore(Connection connection) throws SQLException {
        for (Map.Entry<String, Value> entry : read(connection).values.entrySet()) {
            Value now = entry.getValue();
            Value before = values.get(entry.getKey());
            String wanted = before == null ? now.reset : before.setting;
            if (!wanted.equals(now.setting)) {
                Queries.query(connection, SET, ResultSet::next, entry.getKey(), wanted);
            }
        }
    }

    private static Map<String, Value> asMap(ResultSet rows) throws SQLException {
        Map<String, Value> values = new LinkedHashMap<>();
        while (rows.next()) {
            values.put(rows.getString(1), new Value(orEmpty(rows.getString(2)), orEmpty(rows.getString(3))));
        }
        return values;
    }

    private static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }

    private record Value(String setting, String reset) {}
}
