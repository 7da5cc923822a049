package org.keops.automigrate.postgres.execution;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.lock.MigrationLock;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.version.Bookmark;
import org.keops.automigrate.postgres.version.Ledger;
import org.keops.automigrate.postgres.version.VersionTable;
import org.keops.automigrate.script.Section;

/**
 * Carries out a plan under the migration lock.
 *
 * <p>A script and its version rows commit together, and the version rows come last: {@code commit()} of an aborted
 * transaction throws nothing in pgjdbc, but a statement does. Used by one thread, for one plan.
 */
public final class PlanExecutor {
    private final Shared shared;
    private final Session session;
    private final MigrationLock lock;
    private final Pipeline pipeline;
    private final Ledger ledger;
    private final Endings endings;
    private final Pace pace;
    private final Plan plan;
    private final VersionTable table;
    private final Job job;
    private final Outside alone;

    /**
     * Prepares an execution.
     *
     * @param session the session that holds the lock
     * @param lock the lock
     * @param job what is to be carried out
     * @param watch told what happens; of a step once, however often it is tried
     * @throws SQLException if the connection is closed
     */
    public PlanExecutor(Session session, MigrationLock lock, Job job, Watch watch) throws SQLException {
        this.pace = new Pace(watch.progress());
        this.shared = Shared.of(session, lock, job, watch, pace);
        this.session = session;
        this.lock = lock;
        this.pipeline = shared.pipeline();
        this.ledger = shared.ledger();
        this.endings = shared.endings();
        this.job = job;
        this.plan = job.plan();
        this.table = job.table();
        this.alone = new Outside(shared, job.table());
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
            ledger.open(job.comment());
            Bookmark left = ledger.left();
            leftIsOver = left != null && stepOf(left, plan.steps()) == null;
        } catch (SQLException e) {
            return endings.failure(null, e, "nothing was attempted");
        }
        Together together = new Together(shared, leftIsOver);
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
            return alone.run(outside.step());
        }
        Step interrupted = interrupted(group);
        if (interrupted != null) {
            Failure unsound = unsound(group, "nothing was attempted");
            split(group, interrupted, groups);
            return unsound;
        }
        Plan.Group following = groups.peek();
        Failure failure = together.run(
                group.steps(),
                following != null && mayFollowAtOnce(following),
                following == null && pipeline.joins() && !lock.isPerTransaction() ? job.behind() : null);
        Step refused = together.refusing();
        if (failure == null || refused == null) {
            return failure;
        }
        Failure unsound = unsound(group, endings.rolledBackTo());
        if (unsound != null) {
            return unsound;
        }
        shared.watch()
                .notes()
                .accept(failure.where()
                        + ": refuses a transaction here, so its revision runs outside of one, and what comes"
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
        return left == null || lock.isPerTransaction() ? null : stepOf(left, group.steps());
    }

    private static @Nullable Step stepOf(Bookmark left, List<Step> steps) {
        for (Step step : steps) {
            if (left.isOf(step)) {
                return step;
            }
        }
        return null;
    }

    private boolean runsOutside() {
        for (Plan.Group group : plan.groups()) {
            if (group instanceof Plan.OutsideTransaction) {
                return true;
            }
        }
        return false;
    }

    /** Whether it does more than to record revisions. */
    private boolean runs() {
        for (Step step : plan.steps()) {
            if (!(step instanceof Step.Stamp)) {
                return true;
            }
        }
        return false;
    }

    /**
     * What is wrong with a group that can not all be taken back any more once it is split: what is still being read, because
     * an index vouches for it, is waited for.
     */
    private @Nullable Failure unsound(Plan.Group group, String consequence) {
        try {
            for (Step step : group.steps()) {
                if (step instanceof Step.Upgrade upgrade) {
                    shared.bodies().requireSound(upgrade.revision(), Section.UPGRADE);
                }
            }
            return null;
        } catch (StepFailedException e) {
            return endings.failure(e, consequence);
        }
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
        if (runsOutside() && ledger.foreignOwner() != null) {
            return alone.foreign("a revision that runs outside a transaction keeps its progress in the comment of");
        }
        if (ledger.keepsFingerprints() && ledger.foreignOwner() != null) {
            return alone.foreign("fingerprints are kept in the comment of a column of");
        }
        Bookmark left = ledger.left();
        if (left == null || !runs() || !left.rows().equals(ledger.rowsText()) || !leftIsOver) {
            return null;
        }
        return endings.failure(
                null,
                new SQLException("an earlier boot ended in the middle of " + left
                        + ", which is not part of this plan; finish that first, or stamp it, or take back by hand what it"
                        + " has made and run COMMENT ON TABLE " + table.sql() + " IS NULL"),
                "nothing was attempted");
    }
}
