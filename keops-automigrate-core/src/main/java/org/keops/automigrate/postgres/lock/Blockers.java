package org.keops.automigrate.postgres.lock;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Session;

/**
 * Who is in the way of a statement that got no lock. Immutable.
 *
 * <p>While it waits, {@code pg_blocking_pids} would tell, but there is one connection and it is the one that waits. So it is
 * looked for when the transaction is rolled back: who holds locks on the relations that the statement names. That may
 * name one more who would not have been in the way; it is the oldest transactions that are shown.
 *
 * @param who they are, without what they run; empty if nobody is found
 * @param autovacuum the processes among them that are autovacuum's, which gives way to who waits for long enough
 */
record Blockers(String who, Set<Integer> autovacuum) {
    private static final int MOST_NAMES = 200;
    private static final Pattern NAME =
            Pattern.compile("\"((?:[^\"]|\"\")+)\"|([\\p{L}_][\\p{L}\\p{N}_$]*)", Pattern.UNICODE_CHARACTER_CLASS);
    private static final String SQL = CatalogSql.pinned("""
            SELECT l.pid, a.application_name,
                   CASE WHEN a.state = 'active' AND a.wait_event_type = 'Lock' THEN 'itself waiting for a lock'
                        ELSE a.state END,
                   CAST(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()
                          OPERATOR(pg_catalog.-) a.xact_start) AS bigint),
                   pg_catalog.min(CAST(c.relname AS text)),
                   -- nobody's process: its type is not shown to everybody, that it is nobody's is
                   a.pid IS NOT NULL AND a.usesysid IS NULL
              FROM pg_catalog.pg_locks l
              JOIN pg_catalog.pg_class c ON c.oid = l.relation
              LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
             WHERE l.locktype = 'relation' AND l.granted
               AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                                  WHERE d.datname = pg_catalog.current_database())
               AND (l.pid IS NULL OR l.pid <> pg_catalog.pg_backend_pid())
               AND CAST(c.relname AS text) = ANY (CAST(? AS text[]))
             GROUP BY 1, 2, 3, a.xact_start, a.pid, a.usesysid
             ORDER BY a.xact_start
             LIMIT 3
            """);

    private static final Blockers NOBODY = new Blockers("", Set.of());

    /**
     * Looks for them.
     *
     * @param statement what got no lock, or null if that is not known
     */
    static Blockers of(Session session, @Nullable String statement) {
        if (statement == null) {
            return NOBODY;
        }
        try {
            return Queries.query(session.connection(), SQL, Blockers::read, names(statement));
        } catch (SQLException e) {
            // it was only for a message
            return NOBODY;
        }
    }

    /** All words that may be a name: what is none matches no relation. */
    static String names(String statement) {
        Set<String> names = new LinkedHashSet<>();
        Matcher matcher = NAME.matcher(statement);
        while (matcher.find() && names.size() < MOST_NAMES) {
            String quoted = matcher.group(1);
            names.add(quoted == null ? matcher.group(2).toLowerCase(Locale.ROOT) : quoted.replace("\"\"", "\""));
        }
        return Queries.array(names);
    }

    private static Blockers read(ResultSet rows) throws SQLException {
        StringBuilder all = new StringBuilder();
        Set<Integer> autovacuum = new HashSet<>();
        while (rows.next()) {
            boolean nobodys = rows.getBoolean(6);
            if (nobodys) {
                autovacuum.add(rows.getInt(1));
            }
            all.append(all.isEmpty() ? "" : ", ")
                    .append(nobodys ? "autovacuum, " : "")
                    .append(one(rows));
        }
        return new Blockers(all.toString(), autovacuum);
    }

    private static String one(ResultSet row) throws SQLException {
        int pid = row.getInt(1);
        if (row.wasNull()) {
            return "a prepared transaction (see pg_prepared_xacts) on " + row.getString(5);
        }
        StringBuilder who = new StringBuilder("process ").append(pid);
        String application = row.getString(2);
        if (application != null && !application.isEmpty()) {
            who.append(" (application ").append(application).append(')');
        }
        String state = row.getString(3);
        who.append(state == null ? "" : ", " + state);
        long seconds = row.getLong(4);
        return who.append(row.wasNull() ? "" : ", in a transaction for " + seconds + " s")
                .append(", on ")
                .append(row.getString(5))
                .toString();
    }
}
