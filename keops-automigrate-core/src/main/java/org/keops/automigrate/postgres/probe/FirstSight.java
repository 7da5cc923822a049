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
    private static final String SOUND = "sound";
    private static final int COLUMNS = 3;

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
        SortedSet<RevisionId> ids = new TreeSet<>();
        boolean pooled = false;
        for (@Nullable String[] row : Question.ask(session, sql(session.serverMajorVersion()), COLUMNS)) {
            String id = row[0];
            if (id == null || id.isEmpty() || !SOUND.equals(row[1]) || !ids.add(new RevisionId(id))) {
                return null;
            }
            pooled = session.isPooled(Integer.parseInt(String.valueOf(row[2])));
        }
        return ids.isEmpty() ? null : new Seen(new Versioned(ids, false), pooled, List.of(), null);
    }

    private synchronized String sql(int serverMajorVersion) {
        if (sql == null || version != serverMajorVersion) {
            sql = text(serverMajorVersion);
            version = serverMajorVersion;
        }
        return sql;
    }

    /** Alembic takes any text type; a padded or numeric column would never match an id. */
    private String text(int serverMajorVersion) {
        return "SELECT v.version_num, CASE WHEN pg_catalog.pg_is_in_recovery()"
                + " OR pg_catalog.current_setting('transaction_read_only') OPERATOR(pg_catalog.=) 'on'"
                + " OR CAST(pg_catalog.pg_typeof(v.version_num) AS pg_catalog.oid)"
                + " OPERATOR(pg_catalog.<>) ALL ('{1043,25}') OR "
                + audit.sql(name.table(), serverMajorVersion)
                + " THEN 'look' ELSE '" + SOUND + "' END, CAST(pg_catalog.pg_backend_pid() AS pg_catalog.text) FROM "
                + name.sql() + " v";
    }
}
