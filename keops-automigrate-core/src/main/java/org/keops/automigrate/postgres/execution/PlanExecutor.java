package org.keops.automigrate.postgres.execution;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.CompletedStep;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Particulars;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.RevisionIds;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.TransactionMode;
import org.keops.automigrate.postgres.failure.Redaction;
import org.keops.automigrate.postgres.failure.ServerMessage;
import org.keops.automigrate.postgres.failure.ServerReport;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.lock.MigrationLock;
import org.keops.automigrate.postgres.lock.TableLocks;
import org.keops.automigrate.postgres.lock.TablePatience;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Reply;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.Settings;
import org.keops.automigrate.postgres.version.Bookmark;
import org.keops.automigrate.postgres.version.Ledger;
import org.keops.automigrate.postgres.version.StepRun;
import org.keops.automigrate.postgres.version.VersionTable;
import org.keops.automigrate.script.AppliedFingerprints;
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
    private final Consumer<String> notes;
    private final RevisionBodies bodies;
    private final @Nullable BiFunction<AppliedFingerprints, Step, AppliedFingerprints> fingerprinting;
    private final VersionTable table;
    private final TablePatience patience;
    /** By identity: the hash of a step is that of all it holds. */
    private final Set<Step> announced = Collections.newSetFromMap(new IdentityHashMap<>());

    private final List<CompletedStep> completed = new ArrayList<>();
    private List<CompletedStep> unknown = List.of();
    private Ledger ledger;
    private boolean leftIsOver;
    /** The transaction whose end has not been answered yet. */
    private @Nullable Ending ending;

    /** The step of a group that can not run in the group's transaction, as only the server could tell. */
    private @Nullable Step refusing;

    /**
     * Prepares an execution.
     *
     * @param session the session that holds the lock
     * @param lock the lock
     * @param table where the version rows are, or are to be
     * @param bodies opens the scripts and knows the code
     * @param sending how statements are sent
     * @param fingerprinting what a step makes of the recorded fingerprints, or null where none are recorded
     * @param watch told what happens; of a step once, however often it is tried
     * @param patience how long to try for the tables
     * @throws SQLException if the connection is closed
     */
    public PlanExecutor(
            Session session,
            MigrationLock lock,
            VersionTable table,
            RevisionBodies bodies,
            Sending sending,
            @Nullable BiFunction<AppliedFingerprints, Step, AppliedFingerprints> fingerprinting,
            Watch watch,
            TablePatience patience)
            throws SQLException {
        this.session = session;
        this.lock = lock;
        this.table = table;
        this.bodies = bodies;
        this.pace = new Pace(watch.progress());
        this.pipeline = new Pipeline(session.connection(), sending.oneStatementAtATime());
        this.scripts = new ScriptRunner(session, pipeline, bodies, watch.notices(), sending.showStatements(), pace);
        this.beforeStep = step -> {
            if (announced.add(step)) {
                watch.beforeStep().accept(step);
            }
        };
        this.patience = patience;
        this.notes = watch.notes();
        this.fingerprinting = fingerprinting;
        this.ledger = new Ledger(session, pipeline, table, RevisionIds.copyOf(List.of()), fingerprinting);
    }

    /**
     * Runs the groups of a plan until the end or the first failure.
     *
     * @param plan the plan; its starting rows are those in the database
     * @return what was committed and what failed
     */
    public Execution execute(Plan plan) {
        ledger = new Ledger(session, pipeline, table, plan.from(), fingerprinting);
        pace.plan(plan.steps().size());
        try (pace) {
            return executeGroups(plan);
        } catch (RuntimeException e) {
            // a wrapper of somebody's: what is committed has to be in the report all the same
            String seen = Redaction.ofUrls(e.toString());
            return new Execution(
                    completed, rolledBack(new Failure(null, seen, null, ledger.rows(), rolledBackTo())), List.of());
        }
    }

    private Execution executeGroups(Plan plan) {
        Failure failure;
        try {
            session.answerWithin(Duration.ZERO);
            ledger.open();
            Bookmark left = ledger.left();
            leftIsOver = left != null && plan.steps().stream().noneMatch(left::isOf);
            failure = obstacle(plan);
        } catch (SQLException e) {
            failure = failure(null, e, "nothing was attempted");
        }
        Deque<Plan.Group> groups = new ArrayDeque<>(plan.groups());
        while (failure == null && !groups.isEmpty()) {
            failure = execute(groups.remove(), groups);
        }
        return new Execution(completed, failure, unknown);
    }

    /** A group may turn out to be three: what comes before a revision that can not run with others, it, and the rest. */
    private @Nullable Failure execute(Plan.Group group, Deque<Plan.Group> groups) {
        if (group instanceof Plan.OutsideTransaction outside) {
            return runOutside(outside.step());
        }
        Step interrupted = interrupted(group);
        if (interrupted != null) {
            split(group, interrupted, groups);
            return null;
        }
        refusing = null;
        Plan.Group following = groups.peek();
        Failure failure = runTogether(group.steps(), following != null && mayFollowAtOnce(following));
        Step refused = refusing;
        if (failure == null || refused == null) {
            return failure;
        }
        notes.accept(
                failure.where() + ": refuses a transaction here, so its revision runs outside of one, and what comes"
                        + " before it commits first");
        split(group, refused, groups);
        return null;
    }

    /** Whether the next transaction may begin in the message that ends this one. */
    private boolean mayFollowAtOnce(Plan.Group following) {
        return following instanceof Plan.InOneTransaction
                && interrupted(following) == null
                && pipeline.joins()
                && !lock.isPerTransaction()
                // these know only what is committed
                && !ledger.isBeginning()
                && !ledger.keepsFingerprints();
    }

    /** A revision that was interrupted once outside a transaction goes on outside, whatever its text tells. */
    private @Nullable Step interrupted(Plan.Group group) {
        Bookmark left = ledger.left();
        return left == null || lock.isPerTransaction()
                ? null
                : group.steps().stream().filter(left::isOf).findFirst().orElse(null);
    }

    private static void split(Plan.Group group, Step outside, Deque<Plan.Group> groups) {
        List<Step> steps = group.steps();
        int at = steps.indexOf(outside);
        if (at + 1 < steps.size()) {
            groups.addFirst(new Plan.InOneTransaction(steps.subList(at + 1, steps.size())));
        }
        groups.addFirst(new Plan.OutsideTransaction(outside));
        if (at > 0) {
            groups.addFirst(new Plan.InOneTransaction(steps.subList(0, at)));
        }
    }

    /** Why nothing of a plan can be begun: a record that can not be written, or one of something else that is half done. */
    private @Nullable Failure obstacle(Plan plan) {
        boolean outside = plan.groups().stream().anyMatch(Plan.OutsideTransaction.class::isInstance);
        if (outside && ledger.foreignOwner() != null) {
            return foreign("a revision that runs outside a transaction keeps its progress in the comment of");
        }
        if (ledger.keepsFingerprints() && ledger.foreignOwner() != null) {
            return foreign("fingerprints are kept in the comment of a column of");
        }
        Bookmark left = ledger.left();
        boolean runs = plan.steps().stream().anyMatch(step -> !(step instanceof Step.Stamp));
        if (left == null || !runs || !left.rows().equals(ledger.rowsText()) || !leftIsOver) {
            return null;
        }
        return failure(
                null,
                new SQLException("an earlier boot ended in the middle of " + left
                        + ", which is not part of this plan; finish that first, or stamp it, or take back by hand what it"
                        + " has made and run COMMENT ON TABLE " + table.sql() + " IS NULL"),
                "nothing was attempted");
    }

    private Failure foreign(String what) {
        return failure(
                null,
                new SQLException(what + " " + table
                        + ", which only its owner may write: migrate as " + ledger.foreignOwner()
                        + " or a member of it, or ALTER TABLE " + table.sql() + " OWNER TO the role that migrates"),
                "nothing was attempted");
    }

    private @Nullable Failure runTogether(List<Step> steps, boolean followedAtOnce) {
        TableLocks locks = new TableLocks(session, patience);
        Failure failure = tryTogether(steps, locks, followedAtOnce);
        while (failure != null && locks.worthAnotherTry()) {
            failure = tryTogether(steps, locks, followedAtOnce);
        }
        return failure == null ? null : locks.explained(failure);
    }

    private @Nullable Failure tryTogether(List<Step> steps, TableLocks locks, boolean followedAtOnce) {
        List<StepRun> runs = new ArrayList<>(steps.size());
        try {
            lock.begin();
            if (locks.again()) {
                ledger.requireUnmoved();
            }
            Settings before = session.settings(lock.isPerTransaction());
            Settings settings = locks.arm(before, pipeline);
            if (ledger.isBeginning()) {
                ledger.prepare();
            }
            int number = completed.size() + (ending == null ? 0 : ending.runs.size());
            for (Step step : steps) {
                StepRun run = new StepRun(step, ++number, beforeStep);
                runs.add(run);
                run(step, run, settings);
            }
            // not everything that changes a setting can be told by its text
            (lock.isPerTransaction() ? before : settings).restoreBehind(pipeline, session.connection());
            clearWhatIsOver();
            ledger.writeFingerprints();
            if (followedAtOnce) {
                endWithNext(steps, runs);
                return null;
            }
        } catch (SQLException e) {
            Failure unended = end(e);
            if (unended != null) {
                return unended;
            }
            locks.failed(e);
            return rolledBack(failure(null, e, rolledBackTo()));
        } catch (StepFailedException e) {
            Failure unended = end(null);
            if (unended != null) {
                return unended;
            }
            locks.failed(e);
            refusing = refusing(e, runs);
            return rolledBack(failure(e, rolledBackTo()));
        }
        return commit(steps, runs, rolledBackTo());
    }

    /** Ends a transaction, of which all is answered and as expected, with the first message of the next one. */
    private void endWithNext(List<Step> steps, List<StepRun> runs) throws SQLException, StepFailedException {
        Ending now = new Ending(steps, runs);
        ending = now;
        pipeline.send(Session.COMMIT, new Reply() {
            @Override
            public void sent() {
                now.sent = true;
            }

            @Override
            public void done(long rows) {
                ending = null;
                committed(steps, runs);
            }
        });
        pipeline.send(Session.BEGIN, new Reply() {});
    }

    /**
     * Sees to a transaction whose end was to travel with what has failed: what failed behind it does not undo it.
     *
     * @param failed of a statement of ours, perhaps that end
     * @return what became of it, or null if it is committed
     */
    private @Nullable Failure end(@Nullable SQLException failed) {
        Ending before = ending;
        ending = null;
        if (before == null) {
            return null;
        }
        if (!before.sent) {
            pipeline.clear();
            return commit(before.steps, before.runs, rolledBackTo());
        }
        return failed == null ? null : notCommitted(before.runs, failed, rolledBackTo());
    }

    private @Nullable Failure commit(List<Step> steps, List<StepRun> runs, String otherwise) {
        try {
            session.commit();
        } catch (SQLException e) {
            return notCommitted(runs, e, otherwise);
        } catch (RuntimeException e) {
            return lost(runs, new Failure(null, Redaction.ofUrls(e.toString()), null, ledger.rows(), LOST));
        }
        committed(steps, runs);
        return null;
    }

    private void committed(List<Step> steps, List<StepRun> runs) {
        runs.forEach(run -> completed.add(run.completed()));
        ledger.committed(RevisionIds.copyOf(steps.get(steps.size() - 1).rowsAfter()));
    }

    /** A server that answers has not committed, for a deferred constraint say; without an answer nobody knows. */
    private Failure notCommitted(List<StepRun> runs, SQLException failed, String otherwise) {
        return isLost() ? lost(runs, failure(null, failed, LOST)) : rolledBack(failure(null, failed, otherwise));
    }

    private Failure lost(List<StepRun> runs, Failure failure) {
        unknown = runs.stream().map(StepRun::completed).toList();
        return rolledBack(failure);
    }

    /** The record of a revision that somebody has stamped meanwhile, say. */
    private void clearWhatIsOver() throws SQLException {
        if (leftIsOver) {
            ledger.clear();
        }
    }

    /** Statement by statement; the version rows commit with the last of them. */
    private @Nullable Failure runOutside(Step step) {
        if (lock.isPerTransaction()) {
            return failure(null, new SQLException("a pooler stands between"), "nothing of it was attempted");
        }
        if (ledger.foreignOwner() != null) {
            return foreign("a revision that runs outside a transaction keeps its progress in the comment of");
        }
        StepRun counted = new StepRun(step, completed.size() + 1, beforeStep);
        counted.reached();
        OutsideRun run;
        try {
            run = new OutsideRun(session, lock, pipeline, scripts, counted, bodies, ledger, step, notes, patience);
        } catch (SQLException e) {
            return afterOutside(null, failure(null, e, "nothing of it was attempted; still recorded: " + shown()));
        } catch (StepFailedException e) {
            return afterOutside(null, failure(e, "nothing of it was attempted; still recorded: " + shown()));
        }
        Failure failure = tryOutside(step, run, counted);
        while (failure != null && run.worthAnotherTry()) {
            failure = tryOutside(step, run, counted);
        }
        return failure == null ? null : afterOutside(run, run.explained(failure));
    }

    /** From the first statement that is not known to have taken effect to the version rows. */
    private @Nullable Failure tryOutside(Step step, OutsideRun run, StepRun counted) {
        try {
            session.answerWithin(Duration.ZERO);
            run.run();
            ledger.prepare();
            ledger.apply(step, counted);
            pipeline.flush();
            ledger.clear();
            ledger.writeFingerprints();
        } catch (SQLException e) {
            run.failed(e);
            return rolledBack(failure(null, e, committedInPart(run)));
        } catch (StepFailedException e) {
            run.failed(e);
            return rolledBack(failure(e, committedInPart(run)));
        }
        return commit(List.of(step), List.of(counted), committedInPart(run));
    }

    /** Whatever looks at the database next has to see it as it is, also after a failure. */
    private Failure afterOutside(@Nullable OutsideRun run, Failure failure) {
        rolledBack(failure);
        try {
            if (!session.connection().isClosed()) {
                session.endStrayTransaction();
                if (run != null) {
                    run.recordFailure();
                }
                session.settings(false).restore(session.connection());
            }
        } catch (SQLException e) {
            session.discard();
        }
        return failure;
    }

    /** Sends a step; its last statements may still be on their way when this returns. */
    private void run(Step step, StepRun run, Settings settings) throws StepFailedException, SQLException {
        runScript(step, run);
        if (scripts.changedSettings()) {
            settings.restoreBehind(pipeline, session.connection());
        }
        ledger.apply(step, run);
    }

    /** The step whose statement refuses to stand in a transaction, if it was that and the step may run outside of one. */
    private @Nullable Step refusing(StepFailedException failed, List<StepRun> runs) {
        if (!ScriptRunner.refusedTransaction(failed)) {
            return null;
        }
        return runs.stream()
                .filter(StepRun::hasFailed)
                .map(StepRun::step)
                .filter(this::mayRunOutside)
                .findFirst()
                .orElse(null);
    }

    private boolean mayRunOutside(Step step) {
        if (lock.isPerTransaction()) {
            return false;
        }
        if (step instanceof Step.Upgrade upgrade) {
            return upgrade.revision().transactionMode() != TransactionMode.REQUIRED;
        }
        return step instanceof Step.Downgrade downgrade
                && downgrade.revision().transactionMode() != TransactionMode.REQUIRED;
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

    private Failure rolledBack(Failure failure) {
        pipeline.clear();
        session.rollback();
        ledger.rolledBack();
        return failure;
    }

    private Failure failure(StepFailedException failed, String consequence) {
        return new Failure(
                failed.where(), failed.what(), failed.sqlState(), failed.particulars(), ledger.rows(), consequence);
    }

    private Failure failure(@Nullable Location where, SQLException failed, String consequence) {
        Particulars particulars = ServerReport.of(failed, List.of(), null, null);
        return new Failure(
                where, ServerMessage.of(failed), failed.getSQLState(), particulars, ledger.rows(), consequence);
    }

    private String rolledBackTo() {
        return "rolled back to " + shown();
    }

    private boolean isLost() {
        try {
            return session.connection().isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    private String committedInPart(OutsideRun run) {
        return run.consequence() + "; still recorded: " + shown();
    }

    private String shown() {
        return RevisionIds.show(ledger.rows());
    }

    /** A transaction that is to end with the first message of the next one. */
    private static final class Ending {
        private final List<Step> steps;
        private final List<StepRun> runs;
        private boolean sent;

        Ending(List<Step> steps, List<StepRun> runs) {
            this.steps = steps;
            this.runs = runs;
        }
    }
}
