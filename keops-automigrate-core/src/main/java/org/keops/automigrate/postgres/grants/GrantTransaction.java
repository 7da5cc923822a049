package org.keops.automigrate.postgres.grants;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.permissions.MissingGrants;
import org.keops.automigrate.permissions.Repair;
import org.keops.automigrate.postgres.failure.ServerMessage;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.lock.MigrationLock;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Reply;
import org.keops.automigrate.postgres.session.Session;

/**
 * The grants of one transaction. Used by one thread, for one transaction.
 *
 * <p>An uncommitted GRANT makes a concurrent ALTER, TRUNCATE or DROP TABLE fail in servers before 18, and an ALTER SEQUENCE
 * or CREATE TRIGGER in all, because nothing but the catalog row stands between the two. Therefore the relations are locked
 * first, in the mode of whoever writes rows: readers and writers go on, the others wait, for as long as a few grants take,
 * and whoever was there before us makes us start over. From 18 on a GRANT locks as a SELECT does, which is left to do for
 * thousands of relations: they are new, and locking them twice would take twice as long.
 */
final class GrantTransaction {
    private static final int RELATIONS_IN_ONE_STATEMENT = 500;
    private static final int GRANT_LOCKS_SINCE = 18;
    private static final int FEW = 1_000;

    /** Nobody is waited for while other relations are held: that would be half of a deadlock. */
    private static final String DO_NOT_WAIT = "SET LOCAL lock_timeout = '1ms'";

    /** Longer than a deadlock takes to be found, so that autovacuum gives way. */
    private static final String WAIT = "SET LOCAL lock_timeout = '3s'";

    private static final String PREPARE = "PREPARE keops_automigrate_hold AS ";
    private static final String DEALLOCATE = "DEALLOCATE keops_automigrate_hold";

    private final Session session;
    private final Connection connection;
    private final boolean grantLocks;
    private final Set<String> busy;
    private final List<String> granted = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private boolean committed;
    private @Nullable MissingGrants after;

    /**
     * Prepares a transaction.
     *
     * @param busy relations that are locked as a SELECT would, not as a DELETE
     */
    GrantTransaction(Session session, Set<String> busy) throws SQLException {
        this.session = session;
        this.connection = session.connection();
        this.busy = busy;
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

    /** What still lacked behind the commit; null where that was not asked, or not answered. */
    @Nullable
    MissingGrants after() {
        return after;
    }

    /**
     * Carries out repairs that belong together, commits, looks what lacks behind that, and gives the lock back, because that is
     * nothing, in one round trip. Only where a GRANT locks what it is on.
     *
     * @param audit looks; null where other repairs follow
     * @param lock the lock that is held
     * @return false if one was refused, and with it all: it has to be found out which
     */
    boolean allAtOnce(List<Repair> repairs, @Nullable PermissionAudit audit, MigrationLock lock) throws SQLException {
        if (!grantLocks) {
            return false;
        }
        Pipeline pipeline = new Pipeline(connection, false);
        try {
            for (String sql : holding(relations(repairs))) {
                pipeline.send(sql);
            }
            for (Repair repair : repairs) {
                pipeline.send(repair.sql(), new GrantReply(repair));
            }
            pipeline.send(Session.COMMIT, new Reply() {
                @Override
                public void done(long rows) {
                    committed = true;
                }
            });
            if (audit != null) {
                audit.behind(session, pipeline, missing -> after = missing);
                lock.giveBackBehind(pipeline);
            }
            pipeline.flush();
            return true;
        } catch (SQLException e) {
            if (committed && (after != null || !connection.isClosed())) {
                // what failed is only what travels behind it
                session.rollback();
                return true;
            }
            if (PermissionRepair.isPassing(e) || connection.isClosed()) {
                throw e;
            }
            return false;
        } catch (StepFailedException e) {
            throw new IllegalStateException("no script runs here", e);
        }
    }

    /** What {@link #oneByOne} does before the first grant, if nothing of it is refused. */
    private List<String> holding(List<String> relations) {
        List<String> statements = new ArrayList<>(List.of(DO_NOT_WAIT));
        if (grantLocks && relations.size() > FEW) {
            return statements;
        }
        for (int from = 0; from < relations.size(); from += RELATIONS_IN_ONE_STATEMENT) {
            List<String> some = relations.subList(from, Math.min(from + RELATIONS_IN_ONE_STATEMENT, relations.size()));
            statements.add(PREPARE + locking(some));
            statements.add(DEALLOCATE);
        }
        if (busy.isEmpty()) {
            statements.add(WAIT);
        }
        return statements;
    }

    private static List<String> relations(List<Repair> repairs) {
        Set<String> relations = new LinkedHashSet<>();
        for (Repair repair : repairs) {
            relations.addAll(repair.relations());
        }
        return List.copyOf(relations);
    }

    /** Carries out repairs that belong together, each with a way back; the caller commits. */
    void oneByOne(List<Repair> repairs) throws SQLException {
        List<String> relations = relations(repairs);
        if (grantLocks && relations.size() > FEW) {
            Queries.execute(connection, DO_NOT_WAIT);
        } else {
            holdRelations(relations);
            if (busy.isEmpty()) {
                // a reader may stand in the way of whom he would wait for
                Queries.execute(connection, WAIT);
            }
        }
        for (Repair repair : repairs) {
            grant(repair);
        }
    }

    /** Locks the relations whose catalog rows will be written; where that is not permitted, goes on without. */
    private void holdRelations(List<String> relations) throws SQLException {
        for (int from = 0; from < relations.size(); from += RELATIONS_IN_ONE_STATEMENT) {
            int to = Math.min(from + RELATIONS_IN_ONE_STATEMENT, relations.size());
            hold(relations.subList(from, to));
        }
    }

    /** Not every view can be deleted from: those are looked for by halves, and locked as a SELECT would. */
    private void hold(List<String> relations) throws SQLException {
        if (guarded(held(locking(relations))) == null) {
            return;
        }
        if (relations.size() == 1) {
            guarded(held("SELECT FROM " + relations.get(0)));
        } else {
            int half = relations.size() / 2;
            hold(relations.subList(0, half));
            hold(relations.subList(half, relations.size()));
        }
    }

    private void grant(Repair repair) throws SQLException {
        String refused = guarded(repair.sql());
        if (refused == null || repair.singly().isEmpty()) {
            note(repair, refused);
            return;
        }
        for (Repair one : repair.singly()) {
            grant(one);
        }
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
     * Parsing a query locks its relations until the transaction ends, checks no privilege, and does nothing else. LOCK TABLE
     * would not take sequences.
     */
    private static String held(String query) {
        return DO_NOT_WAIT + "; " + PREPARE + query + "; " + DEALLOCATE;
    }

    private String locking(List<String> relations) {
        StringBuilder with = new StringBuilder("WITH ");
        for (int i = 0; i < relations.size(); i++) {
            String relation = relations.get(i);
            with.append(i == 0 ? "" : ", ")
                    .append('r')
                    .append(i)
                    .append(busy.contains(relation) ? " AS (SELECT FROM " : " AS (DELETE FROM ")
                    .append(relation)
                    .append(')');
        }
        return with.append(" SELECT").toString();
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
