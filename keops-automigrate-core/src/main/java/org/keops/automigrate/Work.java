package org.keops.automigrate;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.decision.Conclusion;
import org.keops.automigrate.model.CompletedStep;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.PermissionReport;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.Progress;
import org.keops.automigrate.postgres.execution.Execution;
import org.keops.automigrate.postgres.execution.Job;
import org.keops.automigrate.postgres.execution.PlanExecutor;
import org.keops.automigrate.postgres.execution.Sending;
import org.keops.automigrate.postgres.execution.Watch;
import org.keops.automigrate.postgres.grants.PermissionRepair;
import org.keops.automigrate.postgres.lock.MigrationLock;
import org.keops.automigrate.postgres.lock.TablePatience;
import org.keops.automigrate.postgres.probe.Probe;
import org.keops.automigrate.postgres.probe.Seen;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.version.VersionTable;
import org.keops.automigrate.script.Dialect;

/**
 * A boot that found something to do: lock, look again, decide again, plan, execute, repair the permissions.
 *
 * <p>Where it fails because somebody who does not take our lock (Python Alembic) was faster, it starts over and finds the
 * work done. Used by one thread, for one boot.
 */
final class Work {
    private static final int TRIES = 3;

    private final Configuration configuration;
    private final Probe probe;
    private final Session session;
    private final @Nullable Fingerprinting fingerprinting;
    private final boolean pooled;
    private final @Nullable Seen looked;
    private final Deadline deadline;
    private final List<CompletedStep> completed = new ArrayList<>();

    /** What is being read, until it has been asked for. */
    private @Nullable EarlyPreflight early;

    /** What an earlier attempt has left in doubt; null where there was none. */
    private @Nullable Settling settling;

    private @Nullable String waitedFor;

    Work(
            Configuration configuration,
            Probe probe,
            Session session,
            @Nullable Fingerprinting fingerprinting,
            @Nullable EarlyPreflight early,
            Seen looked,
            Deadline deadline) {
        this(configuration, probe, session, fingerprinting, early, looked.pooled(), looked, deadline);
    }

    private Work(
            Configuration configuration,
            Probe probe,
            Session session,
            @Nullable Fingerprinting fingerprinting,
            @Nullable EarlyPreflight early,
            boolean pooled,
            @Nullable Seen looked,
            Deadline deadline) {
        this.configuration = configuration;
        this.probe = probe;
        this.session = session;
        this.fingerprinting = fingerprinting;
        this.early = early;
        this.pooled = pooled;
        this.looked = looked;
        this.deadline = deadline;
    }

    /** To find out what became of work whose answer was lost, and to go on with it. */
    Work(Configuration configuration, Probe probe, Session session, Unsettled before, Deadline deadline) {
        this(configuration, probe, session, configuration.fingerprinting(), null, before.pooled(), null, deadline);
        completed.addAll(before.committed());
        this.settling = new Settling(before, completed);
    }

    Result run() throws SQLException {
        Duration patience = deadline.atMost(configuration.patience().forLock());
        try (MigrationLock lock = new MigrationLock(session, pooled, patience)) {
            return orAgain(underLock(lock), lock);
        }
    }

    /** The same with a lock that is held, and with what was seen under it. */
    Result run(MigrationLock lock, Seen seen) throws SQLException {
        return orAgain(under(lock, seen), lock);
    }

    private Result orAgain(Result first, MigrationLock lock) {
        Result result = first;
        for (int tries = 1; tries < TRIES && result.unsettled() == null && overtaken(result); tries++) {
            Result again = again(result, lock);
            if (!again.outcome().acceptable() && !(again.outcome() instanceof Outcome.Failed)) {
                // it would say that nothing was attempted
                return result;
            }
            result = again;
        }
        return result;
    }

    /** Who had the lock when it was asked for, or null if it was had at once. */
    @Nullable
    String waitedFor() {
        return waitedFor;
    }

    private void waiting(String holder) {
        waitedFor = holder;
        stopReading();
        WorkLog.waitingForLock(holder);
    }

    private boolean overtaken(Result result) {
        return result.outcome() instanceof Outcome.Failed failed && hasMoved(failed.failure());
    }

    private Result again(Result failed, MigrationLock lock) {
        WorkLog.movedMeanwhile(failed.outcome().describe());
        try {
            return underLock(lock);
        } catch (SQLException | RuntimeException e) {
            return failed;
        }
    }

    private Result underLock(MigrationLock lock) throws SQLException {
        Seen seen = lock.acquireAnd(probe.questionBeforeWork(session, looked));
        if (seen == null) {
            guard();
            if (!lock.acquire(this::waiting)) {
                return Result.untouched(configuration.decide(new DatabaseState.Locked(lock.holder())));
            }
            seen = probe.look(session);
        }
        return under(lock, seen);
    }

    private Result under(MigrationLock lock, Seen seen) throws SQLException {
        Result end = settling == null ? null : settling.settle(seen.state(), configuration.command() != null);
        if (end != null) {
            return end;
        }
        Decision decision = configuration.decide(seen.state());
        if (fingerprinting != null) {
            decision = fingerprinting.heeded(decision, seen.state(), session);
        }
        Result result = decision.needsWork()
                ? perform(decision, seen, lock)
                : Result.untouched(decision, seen.findings()).with(completed);
        return settling == null ? result : result.with(settling.inAll(result.outcome()));
    }

    /** Where that was not done with the lock. */
    private void guard() throws SQLException {
        List<String> refused = session.guard(pooled);
        if (!refused.isEmpty()) {
            WorkLog.unguarded(refused);
        }
    }

    private Result perform(Decision decision, Seen seen, MigrationLock lock) throws SQLException {
        try (Preflight preflight = preflight(decision, session.dialect())) {
            return perform(preflight, decision, seen, lock);
        }
    }

    private Result perform(Preflight preflight, Decision decision, Seen seen, MigrationLock lock) throws SQLException {
        Plan plan = preflight.plan();
        if (!preflight.problems().isEmpty()) {
            return new Result(
                    new Outcome.Failed(preflight.failure(), preflight.problems()), completed, PermissionReport.NOTHING);
        }
        if (lock.isPerTransaction() && plan.groups().stream().anyMatch(Plan.OutsideTransaction.class::isInstance)) {
            return Result.untouched(new Decision.LeaveAlone(new Outcome.Inaccessible(
                    Obstacle.POOLER,
                    "a pending revision has to run outside a transaction, which is not safe through a pooler; connect"
                            + " directly")));
        }
        PermissionRepair repair = repair(decision, lock);
        if (plan.groups().isEmpty()) {
            return new Result(Conclusion.of(decision, plan, null), completed, permissions(repair, decision, seen));
        }
        Execution execution = execute(plan, preflight.scripts(), seen, lock, repair);
        completed.addAll(execution.completed());
        Failure failure = execution.failure();
        if (failure == null) {
            return new Result(Conclusion.of(decision, plan, null), completed, permissions(repair, decision, seen));
        }
        return new Result(
                new Outcome.Failed(failure, execution.problems()),
                completed,
                PermissionReport.NOTHING,
                execution.unknown().isEmpty() ? null : unsettled(decision, plan, execution.unknown()));
    }

    private void stopReading() {
        if (early != null) {
            early.stopReading();
        }
    }

    private Preflight preflight(Decision decision, Dialect dialect) {
        Preflight found = early == null ? null : early.of(decision, dialect);
        early = null;
        return found == null ? Preflight.of(configuration, decision, dialect) : found;
    }

    private Unsettled unsettled(Decision decision, Plan plan, List<CompletedStep> unknown) {
        return settling == null
                ? new Unsettled(decision, plan, List.copyOf(completed), unknown, pooled, 0)
                : settling.again(unknown);
    }

    private Execution execute(
            Plan plan, ReadScripts scripts, Seen seen, MigrationLock lock, @Nullable PermissionRepair repair)
            throws SQLException {
        VersionTable table = Objects.requireNonNull(seen.table(), "a state to work on has a place for its versions");
        Consumer<Progress> listener = configuration.onProgress();
        Watch watch = new Watch(
                WorkLog::running,
                WorkLog::note,
                WorkLog::said,
                listener == null ? new ProgressLog() : new ProgressLog().andThen(listener));
        Job job = new Job(
                plan,
                table,
                seen.comment(),
                scripts,
                fingerprinting == null ? null : fingerprinting.of(plan),
                configuration.sending() == null ? Sending.USUAL : configuration.sending(),
                new TablePatience(configuration.patience().forTables(), WorkLog::waitingForTables),
                repair == null ? null : repair.firstLook());
        return new PlanExecutor(session, lock, job, watch).execute();
    }

    /** A stamped schema keeps its permissions, as in KEOPS, unless the policy says otherwise: a person looks at it. */
    private @Nullable PermissionRepair repair(Decision decision, MigrationLock lock) {
        PermissionPolicy policy = configuration.permissions();
        return policy.isNone() || (decision instanceof Decision.Stamp && !policy.alsoAfterStamp())
                ? null
                : new PermissionRepair(
                        session, lock, policy, configuration.versionTable().table());
    }

    private PermissionReport permissions(@Nullable PermissionRepair repair, Decision decision, Seen seen) {
        if (repair == null) {
            return PermissionReport.NOTHING;
        }
        // first, because the repair gives the session back
        List<String> findings = new ArrayList<>(findingsNow(decision, seen));
        PermissionReport repaired = repair.repair();
        findings.addAll(repaired.findings());
        return new PermissionReport(repaired.repaired(), findings);
    }

    /** A script may have made the role or the schema that was not there before. */
    private List<String> findingsNow(Decision decision, Seen before) {
        if (decision instanceof Decision.AtHead || before.findings().isEmpty()) {
            return before.findings();
        }
        try {
            return probe.lookBeforeWork(session).findings();
        } catch (SQLException | RuntimeException e) {
            // behind a pooler it was asked in the transaction that the repair goes on in
            session.rollback();
            return before.findings();
        }
    }

    /** Whether other rows are recorded than a failure left: then somebody else has written them. */
    private boolean hasMoved(Failure failure) {
        // behind a pooler one is still open where the scripts could not be run
        session.rollback();
        try {
            DatabaseState state = probe.lookBeforeWork(session).state();
            if (state instanceof DatabaseState.Versioned versioned) {
                return !versioned.rows().equals(failure.revisions());
            }
            return state instanceof DatabaseState.Unversioned
                    && !failure.revisions().isEmpty();
        } catch (SQLException | RuntimeException e) {
            return false;
        }
    }
}
