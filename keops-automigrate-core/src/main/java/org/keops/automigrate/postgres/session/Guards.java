package org.keops.automigrate.postgres.session;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What is set for the time of the work: the server is to notice when we are gone, and no timeout is to end us silently.
 *
 * <p>Without {@code client_connection_check_interval} the statement of a killed client runs to its end, in autocommit it
 * commits, and the lock is held until then; without keepalives a host that vanishes keeps the lock for two hours. Values
 * that are stricter already are left alone. The timeouts of role and database are for requests, and the run has a deadline
 * of its own. Stateless.
 */
final class Guards {
    private static final String[][] NETWORK = {
        {"client_connection_check_interval", "1000"}, // ms; 14 and newer
        {"tcp_keepalives_idle", "10"}, // s
        {"tcp_keepalives_interval", "5"}, // s
        {"tcp_keepalives_count", "3"},
        {"tcp_user_timeout", "30000"} // ms; keepalives do not run while data is unacknowledged
    };
    private static final String[][] LIFTED = {
        {"statement_timeout", "0"},
        {"idle_in_transaction_session_timeout", "0"},
        {"idle_session_timeout", "0"}, // 14 and newer
        {"transaction_timeout", "0"} // 17 and newer
    };
    private static final String SET =
            CatalogSql.pinned("""
            SELECT s.name, pg_catalog.set_config(s.name, g.value, false)
              FROM (VALUES :values) g (name, value) JOIN pg_catalog.pg_settings s ON s.name = g.name
             WHERE CASE g.value WHEN_LIFTED THEN s.setting <> '0'
                   ELSE s.setting = '0'
                        OR CAST(s.setting AS bigint) OPERATOR(pg_catalog.>) CAST(g.value AS bigint) END
            UNION ALL
            SELECT 'application_name', pg_catalog.set_config('application_name',
                     CASE WHEN pg_catalog.current_setting('application_name') = ANY
                               (ARRAY['', 'PostgreSQL JDBC Driver', 'keops-automigrate'])
                          THEN 'keops-automigrate'
                          ELSE pg_catalog.concat(pg_catalog.current_setting('application_name'),
                                                 ' keops-automigrate') END, false)
            """).replace("CASE g.value WHEN_LIFTED", "CASE WHEN g.value OPERATOR(pg_catalog.=) '0'");

    private Guards() {}

    /** Sets them, and tells the settings before and since. */
    static Settings.Guarded set(Connection connection) throws SQLException {
        try {
            return Settings.read(connection, sql(NETWORK, LIFTED), Guards::names);
        } catch (SQLException e) {
            if (connection.isClosed()) {
                throw e;
            }
            // a server that runs where sockets do not offer it refuses the interval
            return Settings.read(connection, sql(LIFTED), Guards::names);
        }
    }

    private static String sql(String[][]... groups) {
        List<String> values = new ArrayList<>();
        for (String[][] group : groups) {
            for (String[] setting : group) {
                values.add("('" + setting[0] + "', '" + setting[1] + "')");
            }
        }
        return SET.replace(":values", String.join(", ", values));
    }

    private static List<String> names(ResultSet rows) throws SQLException {
        List<String> names = new ArrayList<>();
        while (rows.next()) {
            names.add(rows.getString(1));
        }
        return names;
    }
}
