package org.keops.automigrate.postgres.session;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.postgresql.core.Tuple;

/**
 * All that a script may change in a session and that outlives its transaction: a pool's {@code close()} keeps role,
 * search path, timeouts and session locks, and the next borrower would meet them. Immutable.
 */
public final class Settings {
    /** The setting that says how long a statement waits for a lock. */
    public static final String LOCK_TIMEOUT = "lock_timeout";

    private static final String AUTHORIZATION = "session_authorization";
    private static final String ROLE = "role";

    /** Not a setting, so that nothing can put it back: what a script has left behind in the session. */
    private static final String LEFT_BEHIND = "left behind";

    private static final String QUESTION =
            CatalogSql.pinned("""
            SELECT 'session_authorization', CAST(session_user AS text), NULL, false
            UNION ALL SELECT 'role', pg_catalog.current_setting('role'), NULL, false
            UNION ALL SELECT 'left behind', pg_catalog.concat_ws(' ',
              (SELECT pg_catalog.count(*) FROM pg_catalog.pg_locks l
                WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'advisory'
                  AND (l.classid <> CAST(:class AS pg_catalog.oid) OR l.objid <> CAST(:object AS pg_catalog.oid))),
              -- nothing but a scan of the whole catalog would tell, so first whether there is a schema at all
              CASE WHEN pg_catalog.pg_my_temp_schema() <> CAST(0 AS oid) THEN
                (SELECT pg_catalog.count(*) FROM pg_catalog.pg_class c
                  WHERE c.relnamespace = pg_catalog.pg_my_temp_schema()) ELSE 0 END,
              (SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_statements p WHERE p.from_sql),
              (SELECT pg_catalog.count(*) FROM pg_catalog.pg_cursors c WHERE c.is_holdable),
              (SELECT pg_catalog.count(*) FROM pg_catalog.pg_listening_channels())), NULL, false
            UNION ALL (SELECT s.name, s.setting,
                -- of a keepalive the system's value is shown, and 0 as what RESET sets
                CASE WHEN s.source = 'default' THEN s.setting ELSE s.reset_val END, s.source = 'session'
              FROM pg_catalog.pg_settings s
              WHERE s.context = ANY (ARRAY['user', 'superuser'])
                AND s.name <> 'transaction_isolation' AND s.name <> 'transaction_read_only'
                AND s.name <> 'transaction_deferrable' AND s.name <> 'seed':those)
            """).replace(":class", LockKey.CLASS).replace(":object", LockKey.OBJECT);

    /** What tells how a transaction of ours begins, whoever has set it. */
    static final String READ = QUESTION.replace(
            ":those",
            CatalogSql.pinned(" AND (s.source = 'session' OR s.name = ANY (ARRAY['lock_timeout',"
                    + " 'default_transaction_isolation']))"));

    /** Only what somebody has set in this session: the rest has the value that RESET would set. */
    private static final String READ_WHAT_IS_SET =
            QUESTION.replace(":those", CatalogSql.pinned(" AND s.source = 'session'"));

    private static final String SET = "SELECT pg_catalog.set_config(?, ?, false)";

    private static final String PUT_BELOW =
            "SELECT pg_catalog.set_config(?, :own, false), pg_catalog.set_config(?, ?, true)";
    private static final String SET_LOCALLY = "SELECT pg_catalog.set_config(?, ?, true)";

    private final Map<String, Setting> values;

    /** What has another value until the transaction ends; beneath it the session keeps its own. */
    private final Map<String, String> local;

    private Settings(Map<String, Setting> values, Map<String, String> local) {
        this.values = values;
        this.local = local;
    }

    static Settings read(Connection connection) throws SQLException {
        return Queries.query(connection, READ, Settings::of);
    }

    /**
     * Sets guards and reads the settings before and after it.
     *
     * @param guards the statement that sets them
     * @param names reads what it has changed
     */
    static Asked<Guards> around(String guards, Queries.Reader<List<String>> names) {
        return new Asked<>(
                List.of(READ, guards, READ),
                answers -> new Guards(
                        answers.next(Settings::of), answers.next(names), answers.next(Settings::of), List.of()));
    }

    /**
     * Puts back what differs now.
     *
     * @return false if something still differs: then nobody else may get this session
     */
    public boolean restore(Connection connection) throws SQLException {
        return restore(connection, read(connection));
    }

    /** Whether nothing differs. */
    boolean areThoseOf(Settings now) {
        return changedUntil(now).isEmpty();
    }

    /**
     * Puts back what differs at the end of what was sent, without a round trip more where nothing does. A script may have given
     * the session the very value that the transaction has: that is not to be seen, so the session's own is set anyway.
     */
    public void restoreBehind(Pipeline pipeline, Connection connection) throws SQLException, StepFailedException {
        for (Map.Entry<String, String> setting : local.entrySet()) {
            String name = setting.getKey();
            String own = own(name);
            pipeline.send(
                    own == null
                            ? Queries.filled(PUT_BELOW.replace(":own", "NULL"), name, name, setting.getValue())
                            : Queries.filled(PUT_BELOW.replace(":own", "?"), name, own, name, setting.getValue()));
        }
        Look look = new Look();
        pipeline.send(READ_WHAT_IS_SET, look);
        pipeline.flush();
        Settings now = look.found();
        if (now == null || !areThoseOf(now)) {
            restore(connection);
        }
    }

    /** Whether a transaction begins as we need it, so that nobody has to say so. */
    boolean beginsReadCommitted() {
        return "read committed".equals(value("default_transaction_isolation"));
    }

    static boolean isTrue(Tuple row, int column) {
        return "t".equals(text(row, column));
    }

    private static @Nullable String text(Tuple row, int column) {
        byte[] bytes = row.get(column);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    /** The same, where it is known what is set now. */
    boolean restore(Connection connection, Settings now) throws SQLException {
        Map<String, @Nullable String> changed = changedUntil(now);
        if (changed.isEmpty()) {
            return true;
        }
        // what was set as a superuser can be put back only as one, and roles hide settings from each other
        Queries.execute(connection, "SET SESSION AUTHORIZATION DEFAULT");
        Queries.execute(connection, "SET ROLE none");
        changed = changedUntil(read(connection));
        changed.remove(LEFT_BEHIND);
        // the role goes last, and the user before it, because a change of the user ends the role
        String user = changed.remove(AUTHORIZATION);
        changed.remove(ROLE);
        for (Map.Entry<String, @Nullable String> setting : changed.entrySet()) {
            String name = setting.getKey();
            set(connection, name, setting.getValue());
            if (local.containsKey(name)) {
                Queries.query(connection, SET_LOCALLY, ResultSet::next, name, local.get(name));
            }
        }
        if (user != null) {
            set(connection, AUTHORIZATION, user);
        }
        set(connection, ROLE, value(ROLE));
        return changedUntil(read(connection)).isEmpty();
    }

    /**
     * The same with another value until the transaction ends. {@link #restore} puts both back: the session's own, which it
     * has again afterwards, and above it this one.
     */
    public Settings withLocal(String name, String value) {
        return new Settings(values, Map.of(name, value));
    }

    /** The statement that puts back some settings that any role may set. */
    String puttingBack(List<String> names) {
        StringJoiner calls = new StringJoiner(", ", "SELECT ", "");
        calls.setEmptyValue("SELECT 1");
        for (String name : names) {
            String value = own(name);
            calls.add(
                    value == null
                            ? Queries.filled("pg_catalog.set_config(?, NULL, false)", name)
                            : Queries.filled("pg_catalog.set_config(?, ?, false)", name, value));
        }
        return calls.toString();
    }

    /** What differs, with the value to set, null for the default; what is not known on one side has its default there. */
    private Map<String, @Nullable String> changedUntil(Settings now) {
        Map<String, @Nullable String> changed = new LinkedHashMap<>();
        now.values.forEach((name, setting) -> {
            Setting before = values.getOrDefault(name, new Setting(setting.reset(), setting.reset(), false));
            if (!Objects.equals(local.getOrDefault(name, before.value()), setting.value())) {
                changed.put(name, own(name));
            }
        });
        values.forEach((name, before) -> {
            if (before.inSession()
                    && !Objects.equals(before.value(), before.reset())
                    && !now.values.containsKey(name)) {
                changed.put(name, own(name));
            }
        });
        return changed;
    }

    /** The session's own value, null for the default. */
    private @Nullable String own(String name) {
        Setting before = values.get(name);
        return before == null || Objects.equals(before.value(), before.reset()) ? null : before.value();
    }

    /** The user of the session. */
    public String user() {
        return String.valueOf(value(AUTHORIZATION));
    }

    /** The role that the user acts as, or none. */
    public String role() {
        return String.valueOf(value(ROLE));
    }

    @Nullable
    public String value(String name) {
        Setting setting = values.get(name);
        return setting == null ? null : setting.value();
    }

    private static void set(Connection connection, String name, @Nullable String value) throws SQLException {
        Queries.query(connection, SET, ResultSet::next, name, value);
    }

    static Settings of(ResultSet rows) throws SQLException {
        Map<String, Setting> values = new LinkedHashMap<>();
        while (rows.next()) {
            values.put(rows.getString(1), new Setting(rows.getString(2), rows.getString(3), rows.getBoolean(4)));
        }
        return new Settings(values, Map.of());
    }

    /** What is set, what RESET would set, and whether somebody has set it since the session began. */
    private record Setting(@Nullable String value, @Nullable String reset, boolean inSession) {}

    /** A look at settings that travels with other statements. Used once. */
    static final class Look implements Reply {
        private final Map<String, Setting> values = new LinkedHashMap<>();
        private boolean answered;

        @Override
        public void rows(List<Tuple> rows) {
            for (Tuple row : rows) {
                values.put(String.valueOf(text(row, 0)), new Setting(text(row, 1), text(row, 2), isTrue(row, 3)));
            }
        }

        @Override
        public void done(long rows) {
            answered = true;
        }

        /** What is set; null until that is answered. */
        @Nullable
        Settings found() {
            return answered ? new Settings(values, Map.of()) : null;
        }
    }
}
