package org.keops.automigrate;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.decision.Conclusion;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.PermissionReport;
import org.keops.automigrate.model.PermissionVerification;
import org.keops.automigrate.model.PlannedBoot;
import org.keops.automigrate.permissions.MissingGrants;
import org.keops.automigrate.postgres.Deadline;
import org.keops.automigrate.postgres.Errand;
import org.keops.automigrate.postgres.OwnerRole;
import org.keops.automigrate.postgres.PermissionAudit;
import org.keops.automigrate.postgres.Probe;
import org.keops.automigrate.postgres.Rehearsal;
import org.keops.automigrate.postgres.Seen;
import org.keops.automigrate.postgres.Session;
import org.keops.automigrate.postgres.StopSignal;

/**
 * One boot, from the first attempt to connect to the report: open, glance, decide; only if there is something to do, the
 * {@link Work}. Immutable and thread-safe.
 */
final class Boot {
    private final Configuration configuration;
    private final Probe probe;

    Boot(Configuration configuration) {
        this.configuration = configuration;
        this.probe = new Probe(configuration.versionTable(), configuration.permissions());
    }

    BootReport run(DataSource dataSource) {
        long start = System.nanoTime();
        Deadline deadline = deadline();
        Waiting waiting = new Waiting(deadline.atMost(configuration.patience().forDatabase()));
        Result result = attempt(dataSource, deadline);
        while (waiting.worthAnotherTry(result.outcome())) {
            result = attempt(dataSource, deadline);
        }
        if (waiting.interrupted()) {
            result = result.with(Conclusion.interrupted(result.outcome()));
        }
        BootReport report = result.report(Duration.ofNanos(System.nanoTime() - start));
        BootLog.write(report);
        return report;
    }

    PlannedBoot plan(DataSource dataSource) {
        return read(
                dataSource,
                this::look,
                state -> new PlannedBoot(configuration.decide(state), Result.NOTHING, List.of()));
    }

    /** What is there; nothing is decided. */
    DatabaseState state(DataSource dataSource) {
        return read(dataSource, session -> probe.look(session).state(), state -> state);
    }

    PermissionVerification verify(DataSource dataSource) {
        return read(
                dataSource,
                session -> new Rehearsal(
                                session,
                                configuration.permissions(),
                                configuration.versionTable().table())
                        .verify(),
                state -> new PermissionVerification(
                        0,
                        List.of(),
                        List.of(Result.untouched(configuration.decide(state))
                                .outcome()
                                .describe())));
    }

    private PlannedBoot look(Session session) throws SQLException {
        Decision decision = configuration.decide(probe.look(session).state());
        Preflight preflight = Preflight.of(configuration, decision, session.dialect());
        return new PlannedBoot(decision, preflight.plan(), preflight.problems());
    }

    private Deadline deadline() {
        return Deadline.in(configuration.patience().deadline());
    }

    private Result attempt(DataSource dataSource, Deadline deadline) {
        Errand.Ending<Result> ending = visit(
                dataSource,
                deadline,
                session -> glanceAndWork(session, deadline),
                state -> Result.untouched(configuration.decide(state)));
        if (ending instanceof Errand.Returned<Result> returned) {
            return stopped(returned.value(), returned.stopped());
        }
        Failure failure = new Failure(
                null,
                "it could not be stopped",
                null,
                new TreeSet<>(),
                "what is committed is not known, the next boot will see");
        return stopped(
                new Result(new Outcome.Failed(failure), List.of(), PermissionReport.NOTHING),
                ((Errand.Abandoned<Result>) ending).stopped());
    }

    private Result stopped(Result result, StopSignal.@Nullable Reason reason) {
        if (reason == null) {
            return result;
        }
        return result.with(
                reason == StopSignal.Reason.INTERRUPTED
                        ? Conclusion.interrupted(result.outcome())
                        : Conclusion.outOfTime(
                                result.outcome(), configuration.patience().deadline()));
    }

    private Result glanceAndWork(Session session, Deadline deadline) throws SQLException {
        Seen seen = probe.glance(session);
        Decision decision = configuration.decide(seen.state());
        if (!decision.needsWork()) {
            return Result.untouched(decision, seen.findings());
        }
        if (decision instanceof Decision.AtHead) {
            MissingGrants missing = audit().compare(session);
            if (missing.repairs().isEmpty()) {
                // what this role may not repair is only told: that needs no lock, at this boot or the next
                return Result.untouched(decision, seen.findings()).withFindings(missing.findings());
            }
        }
        return new Work(configuration, probe, session, seen.pooled(), deadline).run();
    }

    private PermissionAudit audit() {
        return new PermissionAudit(
                configuration.permissions(), configuration.versionTable().table());
    }

    /** What a session tells; where there is none, or it is stopped, what that means. */
    private <T> T read(DataSource dataSource, SessionTask<T> task, Fallback<T> otherwise) {
        Errand.Ending<T> ending = visit(dataSource, deadline(), task, otherwise);
        return ending instanceof Errand.Returned<T> returned
                ? returned.value()
                : otherwise.of(new DatabaseState.Offline("no answer, and the connection could not be ended"));
    }

    private <T> Errand.Ending<T> visit(
            DataSource dataSource, Deadline deadline, SessionTask<T> task, Fallback<T> otherwise) {
        Errand.Task<T> errand = new Errand.Task<>() {
            @Override
            public T in(Session session) throws SQLException {
                return asOwner(session, task, otherwise);
            }

            @Override
            public T without(DatabaseState state) {
                return otherwise.of(state);
            }
        };
        return new Errand<>(dataSource, deadline, configuration.patience().connectWithin(), errand).run();
    }

    private <T> T asOwner(Session session, SessionTask<T> task, Fallback<T> otherwise) throws SQLException {
        DatabaseState.Inaccessible obstacle = OwnerRole.assume(session, configuration.ownerRole());
        return obstacle == null ? task.run(session) : otherwise.of(obstacle);
    }

    private interface SessionTask<T> {
        T run(Session session) throws SQLException;
    }

    private interface Fallback<T> {
        T of(DatabaseState state);
    }
}
