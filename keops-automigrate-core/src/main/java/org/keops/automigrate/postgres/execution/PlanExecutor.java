package org.keops.automigrate.postgres.execution;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.lock.MigrationLock;
import org.keops.automigrate.postgres.lock.TablePatience;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.version.Bookmark;
import org.keops.automigrate.postgres.version.Ledger;
import org.keops.automigrate.postgres.version.StepRun;
import org.keops.automigrate.postgres.version.VersionTable;
import org.keops.automigrate.script.AppliedFingerprints;

/**
 * Carries out a plan under the migration lock.
 *
 * <p>A script and its version rows commit together, and the version rows come last: {@code commit()} of an aborted
 * transaction throws nothing in pgjdbc, but a statement does. Used by one thread, for one plan.
 */
public final class PlanExecutor {
    private final Session session;
    private final MigrationLock lock;
    private final Pace pace;
    private final Pipeline pipeline;
    private final ScriptRunner scripts;
    private final Consumer<Step> beforeStep;
    private final Consumer<String> notes;
    private final RevisionBodies bodies;
    private final VersionTable table;
    private final Plan plan;
    private final TablePatience patience;
    /** By identity: the hash of a step is that of all it holds. */
    private final Set<Step> announced = Collections.newSetFromMap(new IdentityHashMap<>());

    private final Ledger ledger;
    private final Endings endings;

    /**
     * Prepares an execution.
     *
     * @param session the session that holds the lock
     * @param lock the lock
     * @param plan the plan; its starting rows are those in the database
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
            Plan plan,
            VersionTable table,
            RevisionBodies bodies,
            Sending sending,
            @Nullable BiFunction<AppliedFingerprints, Step, AppliedFingerprints> fingerprinting,
            Watch watch,
            TablePatience patience)
            throws SQLException {
        this.session = session;
        this.lock = lock;
        this.plan = plan;
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
        this.ledger = new Ledger(session, pipeline, table, plan.from(), fingerprinting);
        this.endings = new Endings(session, pipeline, ledger);
    }

    /**
     * Runs the groups of the plan until the end or the first failure.
     *
     * @return what was committed and what failed
     */
    public Execution execute() {
        pace.plan(plan.steps().size());
        try (pace) {
            return endings.execution(executeGroups());
        } catch (RuntimeException e) {
            // a wrapper of somebody's: what is committed has to be in the report all the same
            return endings.cutShort(e);
        }
    }

    private @Nullable Failure executeGroups() {
        boolean leftIsOver;
        try {
            session.answerWithin(Duration.ZERO);
            ledger.open();
            Bookmark left = ledger.left();
            leftIsOver = left != null && plan.steps().stream().noneMatch(left::isOf);
        } catch (SQLException e) {
            return endings.failure(null, e, "nothing was attempted");
        }
        Together together =
                new Together(session, lock, pipeline, scripts, ledger, endings, beforeStep, patience, leftIsOver);
        Failure failure = obstacle(leftIsOver);
        Deque<Plan.Group> groups = new ArrayDeque<>(plan.groups());
        while (failure == null && !groups.isEmpty()) {
            failure = execute(groups.remove(), groups, together);
        }
        return failure;
    }

    /** A group may turn out to be three: what comes before a revision that can not run with others, it, and the rest. */
    private @Nullable Failure execute(Plan.Group group, Deque<Plan.Group> groups, Together together) {
        if (group instanceof Plan.OutsideTransaction outside) {
            return runOutside(outside.step());
        }
        Step interrupted = interrupted(group);
        if (interrupted != null) {
            split(group, interrupted, groups);
            return null;
        }
        Plan.Group following = groups.peek();
        Failure failure = together.run(group.steps(), following != null && mayFollowAtOnce(following));
        Step refused = together.refusing();
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
    private @Nullable Failure obstacle(boolean leftIsOver) {
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
        return endings.failure(
                null,
                new SQLException("an earlier boot ended in the middle of " + left
                        + ", which is not part of this plan; finish that first, or stamp it, or take back by hand what it"
                        + " has made and run COMMENT ON TABLE " + table.sql() + " IS NULL"),
                "nothing was attempted");
    }

    private Failure foreign(String what) {
        return endings.failure(
                null,
                new SQLException(what + " " + table
                        + ", which only its owner may write: migrate as " + ledger.foreignOwner()
                        + " or a member of it, or ALTER TABLE " + table.sql() + " OWNER TO the role that migrates"),
                "nothing was attempted");
    }

    /** Statement by statement; the version rows commit with the last of them. */
    private @Nullable Failure runOutside(Step step) {
        if (lock.isPerTransaction()) {
            return endings.failure(null, new SQLException("a pooler stands between"), "nothing of it was attempted");
        }
        if (ledger.foreignOwner() != null) {
            return foreign("a revision that runs outside a transaction keeps its progress in the comment of");
        }
        StepRun counted = new StepRun(step, endings.completed() + 1, beforeStep);
        counted.reached();
        OutsideRun run;
        try {
            run = new OutsideRun(session, lock, pipeline, scripts, counted, bodies, ledger, step, notes, patience);
        } catch (SQLException e) {
            return afterOutside(
                    null, endings.failure(null, e, "nothing of it was attempted; still recorded: " + endings.shown()));
        } catch (StepFailedException e) {
            return afterOutside(
                    null, endings.failure(e, "nothing of it was attempted; still recorded: " + endings.shown()));
        }
        Failure failure = tryOutside(step, run, counted);
        while (failure != null && run.waits().worthAnotherTry()) {
            failure = tryOutside(step, run, counted);
        }
        return failure == null ? null : afterOutside(run, run.waits().explained(failure));
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
            run.waits().failed(e);
            return endings.rolledBack(endings.failure(null, e, committedInPart(run)));
        } catch (StepFailedException e) {
            run.waits().failed(e);
            return endings.rolledBack(endings.failure(e, committedInPart(run)));
        } catch (RuntimeException e) {
            run.waits().failedForGood();
            return endings.rolledBack(endings.failure(e, committedInPart(run)));
        }
        return endings.commit(List.of(step), List.of(counted), committedInPart(run));
    }

    /** Whatever looks at the database next has to see it as it is, also after a failure. */
    private Failure afterOutside(@Nullable OutsideRun run, Failure failure) {
        endings.rolledBack(failure);
        try {
            if (!session.connection().isClosed()) {
                session.endStrayTransaction();
                if (run != null && !endings.isUnknown()) {
                    run.recordFailure();
                }
                session.settings(false).restore(session.connection());
            }
        } catch (SQLException | RuntimeException e) {
            session.discard();
        }
        return failure;
    }

    private String committedInPart(OutsideRun run) {
        return run.consequence() + "; still recorded: " + endings.shown();
    }
}
