package org.keops.automigrate.postgres;

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
import org.keops.automigrate.model.Particulars;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.RevisionIds;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.VersionChange;
import org.keops.automigrate.script.ScriptBodies;
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
    private final Pace pace;
    private final Pipeline pipeline;
    private final ScriptRunner scripts;
    private final Consumer<Step> beforeStep;
    private int begun;
    private final List<CompletedStep> completed = new ArrayList<>();
    private VersionTable table;
    private SortedSet<RevisionId> rows = RevisionIds.copyOf(List.of());

    /**
     * Prepares an execution.
     *
     * @param session the session that holds the lock
     * @param lock the lock
     * @param table where the version rows are, or are to be
     * @param bodies opens the scripts
     * @param sending how statements are sent
     * @param watch told what happens
     * @throws SQLException if the connection is closed
     */
    public PlanExecutor(
            Session session, MigrationLock lock, VersionTable table, ScriptBodies bodies, Sending sending, Watch watch)
            throws SQLException {
        this.session = session;
        this.lock = lock;
        this.table = table;
        this.pace = new Pace(watch.progress());
        this.pipeline = new Pipeline(session.connection(), sending.oneStatementAtATime());
        this.scripts = new ScriptRunner(session, pipeline, bodies, watch.notices(), sending.showStatements(), pace);
        this.beforeStep = watch.beforeStep();
    }

    /**
     * Runs the groups of a plan until the end or the first failure.
     *
     * @param plan the plan; its starting rows are those in the database
     * @return what was committed and what failed
     */
    public Execution execute(Plan plan) {
        rows = plan.from();
        pace.plan(plan.steps().size());
        try (pace) {
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
        List<StepRun> runs = new ArrayList<>(steps.size());
        try {
            lock.begin();
            Settings settings = session.settings(lock.isPerTransaction());
            prepareTable();
            for (Step step : steps) {
                StepRun run = new StepRun(step, ++begun, beforeStep);
                runs.add(run);
                run(step, run, settings);
            }
            // not everything that changes a setting can be told by its text
            settings.restoreBehind(pipeline, session.connection());
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
        runs.forEach(run -> completed.add(run.completed()));
        rows = RevisionIds.copyOf(steps.get(steps.size() - 1).rowsAfter());
        table = new VersionTable(table.schema(), table.table(), true);
        return null;
    }

    /** Statement by statement in autocommit; what follows the script, its version rows, is a transaction of its own. */
    private @Nullable Failure runOutside(Step step) {
        if (lock.isPerTransaction()) {
            return failure(null, new SQLException("a pooler stands between"), "nothing of it was attempted");
        }
        StepRun run = new StepRun(step, ++begun, beforeStep);
        run.reached();
        try {
            runOutside(step, run, session.settings(false));
        } catch (SQLException e) {
            return failure(null, e, committedInPart());
        } catch (StepFailedException e) {
            return failure(e, committedInPart());
        }
        try {
            lock.begin();
            prepareTable();
            applyChanges(step, run);
            pipeline.flush();
        } catch (SQLException e) {
            return rolledBack(failure(null, e, notRecorded()));
        } catch (StepFailedException e) {
            return rolledBack(failure(e, notRecorded()));
        }
        try {
            session.commit();
        } catch (SQLException e) {
            return rolledBack(failure(null, e, isLost() ? LOST : notRecorded()));
        }
        completed.add(run.completed());
        rows = RevisionIds.copyOf(step.rowsAfter());
        return null;
    }

    private void runOutside(Step step, StepRun run, Settings settings) throws StepFailedException, SQLException {
        try {
            runScript(step, run);
            if (session.endStrayTransaction()) {
                throw new SQLException("the script began a transaction that it did not end; that one is rolled back");
            }
        } finally {
            // whatever looks at the database next has to see it as it is, also after a failure
            session.endStrayTransaction();
            settings.restore(session.connection());
        }
    }

    /** Sends a step; its last statements may still be on their way when this returns. */
    private void run(Step step, StepRun run, Settings settings) throws StepFailedException, SQLException {
        runScript(step, run);
        if (scripts.changedSettings()) {
            pipeline.flush();
            settings.restore(session.connection());
        }
        applyChanges(step, run);
    }

    private void runScript(Step step, StepRun run) throws StepFailedException, SQLException {
        if (step instanceof Step.Upgrade upgrade) {
            scripts.run(upgrade.revision(), Section.UPGRADE, run);
        } else if (step instanceof Step.Downgrade downgrade) {
            scripts.run(downgrade.revision(), Section.DOWNGRADE, run);
        } else if (!(step instanceof Step.Stamp)) {
            throw new IllegalArgumentException("not a step that can run: " + step);
        }
    }

    private void applyChanges(Step step, StepRun run) throws SQLException, StepFailedException {
        for (VersionChange change : step.versionChanges()) {
            table.send(pipeline, change, run);
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
        pipeline.clear();
        session.rollback();
        return failure;
    }

    private Failure failure(StepFailedException failed, String consequence) {
        return new Failure(failed.where(), failed.what(), failed.sqlState(), failed.particulars(), rows, consequence);
    }

    private Failure failure(@Nullable Location where, SQLException failed, String consequence) {
        Particulars particulars = ServerReport.of(failed, List.of(), null, null);
        return new Failure(where, ServerMessage.of(failed), failed.getSQLState(), particulars, rows, consequence);
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
}
