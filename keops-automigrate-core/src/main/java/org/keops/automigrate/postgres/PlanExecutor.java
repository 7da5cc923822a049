package org.keops.automigrate.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.CompletedStep;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.RevisionIds;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.VersionChange;
import org.keops.automigrate.script.Section;

/**
 * Carries out a plan under the migration lock.
 *
 * <p>A script and its version rows commit together, and the version rows come last: {@code commit()} of an aborted
 * transaction throws nothing in pgjdbc, but a statement does. Used by one thread, for one plan.
 */
public final class PlanExecutor {
    private static final String LOST =
            "the answer to COMMIT was lost: it may have happened or not, the next boot will see";

    private final Session session;
    private final MigrationLock lock;
    private final ScriptRunner scripts;
    private final Consumer<Step> beforeStep;
    private final List<CompletedStep> completed = new ArrayList<>();
    private VersionTable table;
    private SortedSet<RevisionId> rows = RevisionIds.copyOf(List.of());

    /**
     * Prepares an execution.
     *
     * @param session the session that holds the lock
     * @param lock the lock
     * @param table where the version rows are, or are to be
     * @param bodies opens the scripts and knows the code
     * @param beforeStep told of each step before it runs
     */
    public PlanExecutor(
            Session session, MigrationLock lock, VersionTable table, RevisionBodies bodies, Consumer<Step> beforeStep) {
        this.session = session;
        this.lock = lock;
        this.table = table;
        this.scripts = new ScriptRunner(session, bodies);
        this.beforeStep = beforeStep;
    }

    /**
     * Runs the groups of a plan until the end or the first failure.
     *
     * @param plan the plan; its starting rows are those in the database
     * @return what was committed and what failed
     */
    public Execution execute(Plan plan) {
        rows = plan.from();
        try {
            return executeGroups(plan);
        } catch (RuntimeException e) {
            // a wrapper of somebody's: what is committed has to be in the report all the same
            String seen = Redaction.ofUrls(e.toString());
            return new Execution(completed, rolledBack(new Failure(null, seen, null, rows, rolledBackTo())));
        }
    }

    private Execution executeGroups(Plan plan) {
        try {
            session.answerWithin(Duration.ZERO);
        } catch (SQLException e) {
            return new Execution(completed, failure(null, e, "nothing was attempted"));
        }
        for (Plan.Group group : plan.groups()) {
            Failure failure = group instanceof Plan.OutsideTransaction outside
                    ? runOutside(outside.step())
                    : runTogether(group.steps());
            if (failure != null) {
                return new Execution(completed, failure);
            }
        }
        return new Execution(completed, null);
    }

    private @Nullable Failure runTogether(List<Step> steps) {
        List<CompletedStep> done = new ArrayList<>(steps.size());
        try {
            lock.begin();
            Settings settings = session.settings(lock.isPerTransaction());
            prepareTable();
            for (Step step : steps) {
                done.add(run(step, settings));
            }
            // not everything that changes a setting can be told by its text
            settings.restore(session.connection());
        } catch (SQLException e) {
            return rolledBack(failure(null, e, rolledBackTo()));
        } catch (StepFailedException e) {
            return rolledBack(failure(e, rolledBackTo()));
        }
        try {
            session.commit();
        } catch (SQLException e) {
            return rolledBack(failure(null, e, isLost() ? LOST : rolledBackTo()));
        }
        completed.addAll(done);
        rows = RevisionIds.copyOf(steps.get(steps.size() - 1).rowsAfter());
        table = new VersionTable(table.schema(), table.table(), true);
        return null;
    }

    /** Statement by statement in autocommit; what follows the script, its version rows, is a transaction of its own. */
    private @Nullable Failure runOutside(Step step) {
        if (lock.isPerTransaction()) {
            return failure(null, new SQLException("a pooler stands between"), "nothing of it was attempted");
        }
        beforeStep.accept(step);
        long start = System.nanoTime();
        int statements;
        try {
            statements = runOutside(step, session.settings(false));
        } catch (SQLException e) {
            return failure(null, e, committedInPart());
        } catch (StepFailedException e) {
            return failure(e, committedInPart());
        }
        try {
            lock.begin();
            prepareTable();
            applyChanges(step);
        } catch (SQLException e) {
            return rolledBack(failure(null, e, notRecorded()));
        }
        try {
            session.commit();
        } catch (SQLException e) {
            return rolledBack(failure(null, e, isLost() ? LOST : notRecorded()));
        }
        completed.add(new CompletedStep(step, statements, since(start)));
        rows = RevisionIds.copyOf(step.rowsAfter());
        return null;
    }

    private int runOutside(Step step, Settings settings) throws StepFailedException, SQLException {
        try {
            int statements = runScript(step);
            if (session.endStrayTransaction()) {
                throw new SQLException("the script began a transaction that it did not end; that one is rolled back");
            }
            return statements;
        } finally {
            // whatever looks at the database next has to see it as it is, also after a failure
            session.endStrayTransaction();
            settings.restore(session.connection());
        }
    }

    private CompletedStep run(Step step, Settings settings) throws StepFailedException, SQLException {
        beforeStep.accept(step);
        long start = System.nanoTime();
        int statements = runScript(step);
        if (scripts.changedSettings()) {
            settings.restore(session.connection());
        }
        applyChanges(step);
        return new CompletedStep(step, statements, since(start));
    }

    private int runScript(Step step) throws StepFailedException {
        if (step instanceof Step.Upgrade upgrade) {
            return scripts.run(upgrade.revision(), Section.UPGRADE);
        }
        if (step instanceof Step.Downgrade downgrade) {
            return scripts.run(downgrade.revision(), Section.DOWNGRADE);
        }
        if (step instanceof Step.Stamp) {
            return 0;
        }
        throw new IllegalArgumentException("not a step that can run: " + step);
    }

    private void applyChanges(Step step) throws SQLException {
        Connection connection = session.connection();
        for (VersionChange change : step.versionChanges()) {
            table.apply(connection, change);
        }
    }

    /** The first row of an empty table is guarded by nothing that can be counted: so nobody else may write one now. */
    private void prepareTable() throws SQLException {
        if (!table.exists()) {
            table.create(session.connection());
            table = new VersionTable(table.schema(), table.table(), true);
        } else if (rows.isEmpty()) {
            table.requireEmpty(session.connection());
        }
    }

    private Failure rolledBack(Failure failure) {
        session.rollback();
        return failure;
    }

    private Failure failure(StepFailedException failed, String consequence) {
        return new Failure(failed.where(), failed.what(), failed.sqlState(), rows, consequence);
    }

    private Failure failure(@Nullable Location where, SQLException failed, String consequence) {
        return new Failure(where, ServerMessage.of(failed), failed.getSQLState(), rows, consequence);
    }

    private String rolledBackTo() {
        return "rolled back to " + shown();
    }

    /** A server that answers has rolled back, for a deferred constraint say; without an answer nobody knows. */
    private boolean isLost() {
        try {
            return session.connection().isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    private String notRecorded() {
        return "the script is committed, but not recorded; still recorded: " + shown();
    }

    private String committedInPart() {
        return "what ran before it in this script, if anything, is committed, because it runs outside a transaction;"
                + " still recorded: " + shown();
    }

    private String shown() {
        return RevisionIds.show(rows);
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
