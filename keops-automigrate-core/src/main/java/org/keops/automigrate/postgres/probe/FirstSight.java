package org.keops.automigrate.postgres.probe;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.postgres.grants.QuickAudit;
import org.keops.automigrate.postgres.session.Question;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.Wrapped;
import org.keops.automigrate.postgres.version.VersionTableName;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * The question of a boot that will find nothing to do: the version rows, and whether all is surely as it should be. One
 * round trip, no transaction, no lock; made of as little as can be, because in a process that has just begun each class and
 * each line of SQL is paid for. Thread-safe.
 */
public final class FirstSight implements BiFunction<Connection, Duration, @Nullable Question> {
    private static final String NO = "f";
    private static final String OFF = "off";
    private static final int BACKEND = 3;
    static final int COLUMNS = 4;
    static final String BACKEND_ID = "pg_catalog.pg_backend_pid()";

    /** By this process: most ask once. */
    private static volatile boolean asked;

    private final @Nullable String schema;
    private final String table;
    private final QuickAudit audit;

    /** The question for the server's version that was met last; a migrator that is kept meets one. */
    private @Nullable String sql;

    /** The major version that {@link #sql} is for. */
    private int version;

    /**
     * Prepares a look.
     *
     * @param schema the version table's, or null to look along the search path
     * @param table the version table's name; not a {@link VersionTableName}, which most boots would load for nothing
     * @param audit whether anything surely lacks nobody of the policy
     */
    public FirstSight(@Nullable String schema, String table, QuickAudit audit) {
        this.schema = schema;
        this.table = table;
        this.audit = audit;
    }

    /**
     * Asks on a connection of which nothing is known yet, and leaves it as it was.
     *
     * @param answerWithin how long the answer may take before the server counts as silent
     * @return the answer; null if nothing was asked, because that would need a session
     */
    @Override
    public @Nullable Question apply(Connection connection, Duration answerWithin) {
        BaseConnection driver = Wrapped.in(connection, BaseConnection.class);
        if (driver == null || driver.getTransactionState() != TransactionState.IDLE) {
            return null;
        }
        String version = driver.getParameterStatus("server_version");
        int major = Wrapped.majorVersion(version);
        if (major == 0 || isForeign(version, driver.getParameterStatus("crdb_version"))) {
            return null;
        }
        int before;
        try {
            before = driver.getNetworkTimeout();
            setTimeout(driver, (int) Math.min(answerWithin.toMillis(), Integer.MAX_VALUE));
        } catch (SQLException e) {
            return null;
        }
        try {
            return ask(driver, major);
        } finally {
            putBack(driver, before);
        }
    }

    private Question ask(BaseConnection driver, int major) {
        if (asked) {
            return RepeatedSight.ask(driver, this, major);
        }
        asked = true;
        return Question.ask(driver, sql(major), COLUMNS);
    }

    private static void putBack(BaseConnection driver, int timeout) {
        try {
            setTimeout(driver, timeout);
        } catch (SQLException e) {
            // it is closed, and the answer tells why
            return;
        }
    }

    /** The driver does without an executor, which would be a class more. */
    private static void setTimeout(BaseConnection driver, int millis) throws SQLException {
        driver.setNetworkTimeout(null, millis);
    }

    /** Asks on the connection of a session. */
    Question ask(Session session) throws SQLException {
        return Question.ask(session.connection(), sql(session.serverMajorVersion()), COLUMNS);
    }

    /**
     * Reads an answer.
     *
     * @param answer what the server said
     * @return the version rows, if all is surely as it should be; else null
     */
    public static @Nullable SortedSet<RevisionId> sound(Question answer) {
        SortedSet<RevisionId> ids = new TreeSet<>();
        for (@Nullable String[] row : answer.rows()) {
            String id = row[0];
            boolean sound = NO.equals(row[1]) && OFF.equals(row[2]);
            if (!sound || id == null || id.isEmpty() || !ids.add(new RevisionId(id))) {
                return null;
            }
        }
        return answer.failure() != null || ids.isEmpty() || !answer.beginsWithText() ? null : ids;
    }

    /** The process that has answered. */
    static int backend(Question answer) {
        return Integer.parseInt(String.valueOf(answer.rows().get(0)[BACKEND]));
    }

    /**
     * Whether this is an engine that breaks what we rest on; see {@link Engine}. It says so when a connection is made, which
     * costs no round trip.
     *
     * @param serverVersion the parameter of this name, null if it is not known
     * @param cockroachVersion what only CockroachDB says of itself
     */
    static boolean isForeign(@Nullable String serverVersion, @Nullable String cockroachVersion) {
        return cockroachVersion != null || (serverVersion != null && serverVersion.contains(Engine.YUGABYTE));
    }

    synchronized String sql(int serverMajorVersion) {
        if (sql == null || version != serverMajorVersion) {
            sql = text(serverMajorVersion, BACKEND_ID);
            version = serverMajorVersion;
        }
        return sql;
    }

    /** On a standby every transaction is read-only. */
    String text(int serverMajorVersion, String backend) {
        return "SELECT v.version_num, " + audit.sql(table, serverMajorVersion)
                + ", pg_catalog.current_setting('transaction_read_only'), " + backend + " FROM " + versions() + " v";
    }

    /** The version table, as it is named in a query. */
    String versions() {
        return SqlNames.identifier(schema, table);
    }
}
