package org.keops.automigrate.postgres.probe;

import java.sql.SQLException;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState.Versioned;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.postgres.grants.QuickAudit;
import org.keops.automigrate.postgres.session.Question;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.version.VersionTableName;

/**
 * The question of a boot that will find nothing to do: the version rows, and whether all is surely as it should be. One
 * round trip, no transaction, no lock; made of as little as can be, because in a process that has just begun each class and
 * each line of SQL is paid for. Thread-safe.
 */
final class FirstSight {
    private static final String NO = "f";
    private static final String OFF = "off";
    private static final int COLUMNS = 4;

    private final VersionTableName name;
    private final QuickAudit audit;

    /** The question for the server's version that was met last; a migrator that is kept meets one. */
    private @Nullable String sql;

    /** The major version that {@link #sql} is for. */
    private int version;

    FirstSight(VersionTableName name, QuickAudit audit) {
        this.name = name;
        this.audit = audit;
    }

    /**
     * Looks.
     *
     * @return what is there; null if that does not tell
     * @throws SQLException if the server does not understand the question, or the connection fails
     */
    @Nullable
    Seen look(Session session) throws SQLException {
        Question question = Question.ask(session, sql(session.serverMajorVersion()), COLUMNS);
        SortedSet<RevisionId> ids = new TreeSet<>();
        boolean pooled = false;
        for (@Nullable String[] row : question.rows()) {
            String id = row[0];
            boolean sound = NO.equals(row[1]) && OFF.equals(row[2]);
            if (!sound || id == null || id.isEmpty() || !ids.add(new RevisionId(id))) {
                return null;
            }
            pooled = session.isPooled(Integer.parseInt(String.valueOf(row[3])));
        }
        return ids.isEmpty() || !question.beginsWithText()
                ? null
                : new Seen(new Versioned(ids, false), pooled, List.of(), null);
    }

    private synchronized String sql(int serverMajorVersion) {
        if (sql == null || version != serverMajorVersion) {
            sql = text(serverMajorVersion);
            version = serverMajorVersion;
        }
        return sql;
    }

    /** On a standby every transaction is read-only. */
    private String text(int serverMajorVersion) {
        return "SELECT v.version_num, " + audit.sql(name.table(), serverMajorVersion)
                + ", pg_catalog.current_setting('transaction_read_only'), pg_catalog.pg_backend_pid() FROM "
                + name.sql() + " v";
    }
}
