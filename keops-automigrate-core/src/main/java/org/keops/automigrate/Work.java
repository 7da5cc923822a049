package org.keops.automigrate;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
import org.keops.automigrate.postgres.Deadline;
import org.keops.automigrate.postgres.Execution;
import org.keops.automigrate.postgres.MigrationLock;
import org.keops.automigrate.postgres.PermissionRepair;
import org.keops.automigrate.postgres.PlanExecutor;
import org.keops.automigrate.postgres.Probe;
import org.keops.automigrate.postgres.Seen;
import org.keops.automigrate.postgres.Session;
import org.keops.automigrate.postgres.VersionTable;

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
    private final boolean pooled;
    private final Deadline forLock;
    private final List<CompletedStep> completed = new ArrayList<>();

    Work(Configuration configuration, Probe probe, Session session, boolean pooled, Deadline deadline) {
        this.configuration = configuration;
        this.probe = probe;
        this.session = session;
        this.pooled = pooled;
        this.forLock = Deadline.in(deadline.atMost(configuration.patience().forLock()));
    }

    Result run() throws SQLException {
        Result result = underLock();
        for (int tries = 1; tries < TRIES && overtaken(result); tries++) {
            Result again = again(result);
            if (!again.outcome().acceptable() && !(again.outcome() instanceof Outcome.Failed)) {
                // it would say that nothing was attempted
                return result;
            }
            result = again;
        }
        return result;
    }

    private boolean overtaken(Result result) {
        return result.outcome() instanceof Outcome.Failed failed && hasMoved(failed.failure());
    }

    private Result again(Result failed) {
        BootLog.movedMeanwhile(failed.outcome().describe());
        try {
            return underLock();
        } catch (SQLException e) {
            return failed;
        }
    }

    private Result underLock() throws SQLException {
        try (MigrationLock lock = new MigrationLock(session, pooled, forLock.left())) {
            if (!lock.acquire(BootLog::waitingForLock)) {
                return Result.untouched(configuration.decide(new DatabaseState.Locked(lock.holder())));
            }
            Seen seen = probe.look(session);
            Decision decision = configuration.decide(seen.state());
            return decision.needsWork()
                    ? perform(decision, seen, lock)
                    : Result.untouched(decision, seen.findings()).with(completed);
        }
    }

    private Result perform(Decision decision, Seen seen, MigrationLock lock) throws SQLException {
        Preflight preflight = Preflight.of(configuration, decision, session.dialect());
        Plan plan = preflight.plan();
        if (!preflight.problems().isEmpty()) {
            return new Result(new Outcome.Failed(preflight.failure()), completed, PermissionReport.NOTHING);
        }
        if (lock.isPerTransaction() && plan.groups().stream().anyMatch(Plan.OutsideTransaction.class::isInstance)) {
            return Result.untouched(new Decision.LeaveAlone(new Outcome.Inaccessible(
                    Obstacle.POOLER,
                    "a pending revision has to run outside a transaction, which is not safe through a pooler; connect"
                            + " directly")));
        }
        Failure failure = execute(plan, seen, lock);
        Outcome outcome = Conclusion.of(decision, plan, failure);
        return new Result(
                outcome, completed, failure == null ? permissions(decision, seen, lock) : PermissionReport.NOTHING);
    }

    private @Nullable Failure execute(Plan plan, Seen seen, MigrationLock lock) {
        if (plan.groups().isEmpty()) {
            return null;
        }
        VersionTable table = Objects.requireNonNull(seen.table(), "a state to work on has a place for its versions");
        PlanExecutor executor = new PlanExecutor(session, lock, table, configuration.scripts(), BootLog::running);
        Execution execution = executor.execute(plan);
        completed.addAll(execution.completed());
        return execution.failure();
    }

    /** A stamped schema keeps its permissions, as in KEOPS, unless the policy says otherwise: a person looks at it. */
    private PermissionReport permissions(Decision decision, Seen seen, MigrationLock lock) {
        PermissionPolicy policy = configuration.permissions();
        if (policy.isNone() || (decision instanceof Decision.Stamp && !policy.alsoAfterStamp())) {
            return PermissionReport.NOTHING;
        }
        PermissionReport repaired = new PermissionRepair(
                        session, lock, policy, configuration.versionTable().table())
                .repair();
        List<String> findings = new ArrayList<>(findingsNow(decision, seen));
        findings.addAll(repaired.findings());
        return new PermissionReport(repaired.repaired(), findings);
    }

    /** A script may have made the role or the schema that was not there before. */
    private List<String> findingsNow(Decision decision, Seen before) {
        if (decision instanceof Decision.AtHead || before.findings().isEmpty()) {
            return before.findings();
        }
        try {
            return probe.look(session).findings();
        } catch (SQLException e) {
            return before.findings();
        }
    }

    /** Whether other rows are recorded than a failure left: then somebody else has written them. */
    private boolean hasMoved(Failure failure) {
        try {
            DatabaseState state = probe.look(session).state();
            if (state instanceof DatabaseState.Versioned versioned) {
                return !versioned.rows().equals(failure.revisions());
            }
            return state instanceof DatabaseState.Unversioned
                    && !failure.revisions().isEmpty();
        } catch (SQLException e) {
            return false;
        }
    }
}
