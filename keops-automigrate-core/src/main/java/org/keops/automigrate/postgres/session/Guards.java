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
 * commits, and the lock is held until then; without keepalives a host that vanishes keeps the lock for two hours; without a
 * bound for idleness a frozen one does until it thaws. Values that are stricter already are left alone. The timeouts of role
 * and database are for requests, and the run has a deadline of its own. Used by one thread, for one session.
 *
 * @param before the settings before
 * @param names the settings that are other since
 * @param since the settings since
 * @param refused what the server refuses, each with its reason
 */
record Guards(Settings before, List<String> names, Settings since, List<String> refused) {
    private static final String IDLE_IN_TRANSACTION = "idle_in_transaction_session_timeout";

    /** In milliseconds, what the kernel of a frozen process hides from the server: it answers for it. */
    private static final String FROZEN = "30000";

    private static final String[][] ALL = {
        {"client_connection_check_interval", "1000", "false"}, // ms; 14 and newer
        {"tcp_keepalives_idle", "10", "false"}, // s
        {"tcp_keepalives_interval", "5", "false"}, // s
        {"tcp_keepalives_count", "3", "false"},
        {"tcp_user_timeout", "30000", "false"}, // ms; keepalives do not run while data is unacknowledged
        // neither more nor less, whatever requests need
        {IDLE_IN_TRANSACTION, FROZEN, "true"},
        {"idle_session_timeout", FROZEN, "true"}, // 14 and newer
        {"statement_timeout", "0", "true"},
        {"transaction_timeout", "0", "true"} // 17 and newer
    };
    private static final String SET = CatalogSql.pinned("""
            SELECT s.name, pg_catalog.set_config(s.name, g.value, false)
              FROM (VALUES :values) g (name, value, exactly) JOIN pg_catalog.pg_settings s ON s.name = g.name
             WHERE :ours AND CASE WHEN g.exactly THEN s.setting <> g.value
                   ELSE s.setting = '0'
                        OR CAST(s.setting AS bigint) OPERATOR(pg_catalog.>) CAST(g.value AS bigint) END
            """);
    private static final String SET_NAME = CatalogSql.pinned("""
            SELECT 'application_name', pg_catalog.set_config('application_name',
                     CASE WHEN pg_catalog.current_setting('application_name') = ANY
                               (ARRAY['', 'PostgreSQL JDBC Driver', 'keops-automigrate'])
                          THEN 'keops-automigrate'
                          ELSE pg_catalog.concat(pg_catalog.current_setting('application_name'),
                                                 ' keops-automigrate') END, false) WHERE :ours
            """);

    /**
     * Sets them, in one round trip. A server that runs where sockets do not offer them refuses some, a pooler or another
     * engine others: what it takes is set all the same.
     */
    static Guards set(Connection connection) throws SQLException {
        try {
            return Queries.together(connection, asked("true"));
        } catch (SQLException e) {
            return oneByOne(connection);
        }
    }

    /**
     * What sets them all, to travel with something else; a server may refuse it.
     *
     * @param ours where to set them; elsewhere nothing is set, not even the name
     */
    static Asked<Guards> asked(String ours) {
        List<String> all = new ArrayList<>();
        for (String[] setting : ALL) {
            all.add(row(setting));
        }
        return Settings.around(
                (SET.replace(":values", String.join(", ", all)) + " UNION ALL " + SET_NAME).replace(":ours", ours),
                Guards::names);
    }

    /** Of a session that is not guarded. */
    static Guards none(Settings settings) {
        return new Guards(settings, List.of(), settings, List.of());
    }

    private static Guards oneByOne(Connection connection) throws SQLException {
        Settings before = Settings.read(connection);
        List<String> names = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (String[] setting : ALL) {
            tryToSet(connection, setting[0], SET.replace(":values", row(setting)), names, refused);
        }
        tryToSet(connection, "application_name", SET_NAME, names, refused);
        return new Guards(before, names, Settings.read(connection), refused);
    }

    private static void tryToSet(
            Connection connection, String name, String sql, List<String> names, List<String> refused)
            throws SQLException {
        try {
            names.addAll(Queries.query(connection, sql.replace(":ours", "true"), Guards::names));
        } catch (SQLException e) {
            if (connection.isClosed()) {
                throw e;
            }
            refused.add(name + " [" + e.getSQLState() + "]");
        }
    }

    private static String row(String[] setting) {
        return "('" + setting[0] + "', '" + setting[1] + "', " + setting[2] + ")";
    }

    /** While code that is not ours computes, idle is not frozen. */
    static String whileCodeRuns(boolean runs) {
        return "SET LOCAL " + IDLE_IN_TRANSACTION + " = " + (runs ? "0" : FROZEN);
    }

    static boolean endsTheIdle(List<String> names) {
        return names.contains(IDLE_IN_TRANSACTION);
    }

    private static List<String> names(ResultSet rows) throws SQLException {
        List<String> names = new ArrayList<>();
        while (rows.next()) {
            names.add(rows.getString(1));
        }
        return names;
    }
}
