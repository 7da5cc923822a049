package org.keops.automigrate.postgres.grants;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.permissions.Repair;
import org.keops.automigrate.postgres.failure.ServerMessage;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Reply;
import org.keops.automigrate.postgres.session.Session;

/**
 * The grants of one transaction. Used by one thread, for one transaction.
 *
 * <p>An uncommitted GRANT makes a concurrent ALTER, TRUNCATE or DROP TABLE fail in servers before 18, because nothing but
 * the catalog row stands between the two. Therefore the relations are locked first, in the mode of a SELECT: the others
 * wait, for as long as a few grants take, and whoever was there before us makes us start over. From 18 on a GRANT locks so
 * itself, and only has to be told not to wait.
 */
final class GrantTransaction {
    private static final int RELATIONS_IN_ONE_STATEMENT = 500;
    private static final int GRANT_LOCKS_SINCE = 18;

    /** Nobody is waited for while other relations are held: that would be half of a deadlock. */
    private static final String DO_NOT_WAIT = "SET LOCAL lock_timeout = '1ms'";

    /** Longer than a deadlock takes to be found, so that autovacuum gives way. */
    private static final String WAIT = "SET LOCAL lock_timeout = '3s'";

    private final Connection connection;
    private final boolean grantLocks;
    private final List<String> granted = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    GrantTransaction(Session session) throws SQLException {
        this.connection = session.connection();
        this.grantLocks = session.serverMajorVersion() >= GRANT_LOCKS_SINCE;
    }

    /** What was granted. */
    List<String> granted() {
        return granted;
    }

    /** What was refused, or granted with a warning only. */
    List<String> notes() {
        return notes;
    }

    /**
     * Carries out repairs that belong together and commits, in one round trip.
     *
     * @return false if one was refused, and with it all: it has to be found out which
     */
    boolean allAtOnce(List<Repair> repairs) throws SQLException {
        Pipeline pipeline = new Pipeline(connection, false);
        try {
            for (String sql : grantLocks ? List.of(DO_NOT_WAIT) : holding(repairs)) {
                pipeline.send(sql, new Reply() {});
            }
            for (Repair repair : repairs) {
                pipeline.send(repair.sql(), new GrantReply(repair));
            }
            pipeline.send(Session.COMMIT, new Reply() {});
            pipeline.flush();
            return true;
        } catch (SQLException e) {
            if (PermissionRepair.isPassing(e) || connection.isClosed()) {
                throw e;
            }
            return false;
        } catch (StepFailedException e) {
            throw new IllegalStateException("no script runs here", e);
        }
    }

    /** Carries out repairs that belong together, each with a way back; the caller commits. */
    void oneByOne(List<Repair> repairs) throws SQLException {
        if (grantLocks) {
            Queries.execute(connection, DO_NOT_WAIT);
        } else {
            holdRelations(repairs);
        }
        for (Repair repair : repairs) {
            grant(repair);
        }
    }

    /** Locks the relations whose catalog rows will be written; where that is not permitted, goes on without. */
    private void holdRelations(List<Repair> repairs) throws SQLException {
        List<String> statements = holding(repairs);
        for (int i = 0; i < statements.size(); i += 4) {
            guarded(String.join("; ", statements.subList(i, i + 4)));
        }
    }

    /** Four statements for each few relations. */
    private static List<String> holding(List<Repair> repairs) {
        List<String> relations = repairs.stream()
                .flatMap(repair -> repair.relations().stream())
                .distinct()
                .toList();
        List<String> statements = new ArrayList<>();
        for (int from = 0; from < relations.size(); from += RELATIONS_IN_ONE_STATEMENT) {
            int to = Math.min(from + RELATIONS_IN_ONE_STATEMENT, relations.size());
            statements.add(DO_NOT_WAIT);
            statements.add(hold(relations.subList(from, to)));
            statements.add("DEALLOCATE keops_automigrate_hold");
            statements.add(WAIT);
        }
        return statements;
    }

    private void grant(Repair repair) throws SQLException {
        note(repair, guarded(repair.sql()));
    }

    private void note(Repair repair, @Nullable String refused) {
        if (refused == null) {
            granted.add(repair.sql());
        } else {
            notes.add("permission still lacks: " + refused + "; tried: " + repair.sql());
        }
    }

    /** What becomes of one repair; a grant without effect is a warning. */
    private final class GrantReply implements Reply {
        private final Repair repair;
        private @Nullable String warning;

        GrantReply(Repair repair) {
            this.repair = repair;
        }

        @Override
        public void said(SQLWarning notice) {
            warning = warning == null ? notice.getMessage() : warning;
        }

        @Override
        public void done(long rows) {
            note(repair, warning);
        }
    }

    /**
     * Parsing a query locks its relations until the transaction ends, checks no privilege, and reads nothing. LOCK TABLE
     * would not take sequences.
     */
    private static String hold(List<String> relations) {
        StringBuilder from = new StringBuilder();
        for (int i = 0; i < relations.size(); i++) {
            from.append(i == 0 ? "" : ", ")
                    .append(relations.get(i))
                    .append(" r")
                    .append(i);
        }
        return "PREPARE keops_automigrate_hold AS SELECT FROM " + from;
    }

    /** Null if it worked, otherwise why not; a failure that may pass is thrown. */
    private @Nullable String guarded(String sql) throws SQLException {
        Savepoint savepoint = connection.setSavepoint();
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
            SQLWarning warning = statement.getWarnings();
            connection.releaseSavepoint(savepoint);
            return warning == null ? null : warning.getMessage();
        } catch (SQLException e) {
            if (PermissionRepair.isPassing(e) || connection.isClosed()) {
                throw e;
            }
            connection.rollback(savepoint);
            return ServerMessage.withState(e);
        }
    }
}
