package org.keops.automigrate;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
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
import org.keops.automigrate.postgres.errand.Errand;
import org.keops.automigrate.postgres.grants.PermissionAudit;
import org.keops.automigrate.postgres.probe.Probe;
import org.keops.automigrate.postgres.probe.Seen;
import org.keops.automigrate.postgres.rehearsal.Rehearsal;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.OwnerRole;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.StopSignal;

/**
 * One boot, from the first attempt to connect to the report: open, glance, decide; only if there is something to do, the
 * {@link Work}. Immutable and thread-safe.
 */
final class Boot {
    /** For a server that has just crashed, to come up again. */
    private static final Duration TO_SETTLE = Duration.ofSeconds(30);

    /** A hundred years. */
    private static final Duration FOR_EVER = Duration.ofDays(36_525);

    private final Configuration configuration;
    private final Probe probe;

    Boot(Configuration configuration) {
        this.configuration = configuration;
        this.probe = new Probe(configuration.versionTable(), configuration.permissions());
    }

    BootReport run(DataSource dataSource) {
        Deadline deadline = deadline();
        Duration budget = configuration.patience().forDatabase();
        return run(dataSource, new Waiting(deadline.atMost(budget == null ? Duration.ZERO : budget)), deadline);
    }

    /** The time that passes until the database is there is not counted, and unless the user limits it there is no end to it. */
    BootReport runWhenThere(DataSource dataSource) {
        Duration budget = configuration.patience().forDatabase();
        return run(dataSource, new Waiting(budget == null ? FOR_EVER : budget), null);
    }

    /** With one deadline for all attempts, or one for each. */
    private BootReport run(DataSource dataSource, Waiting waiting, @Nullable Deadline common) {
        long start = System.nanoTime();
        Deadline deadline = common == null ? deadline() : common;
        Result result = attempt(dataSource, deadline);
        while (waiting.worthAnotherTry(result.outcome())) {
            deadline = common == null ? deadline() : common;
            result = attempt(dataSource, deadline);
        }
        // whoever goes on may lose an answer again, as many revisions as there are
        for (Unsettled unsettled = result.unsettled(); unsettled != null; ) {
            Result settled = settle(dataSource, deadline, result, unsettled);
            unsettled = settled.equals(result) ? null : settled.unsettled();
            result = settled;
        }
        if (waiting.interrupted()) {
            result = result.with(Conclusion.interrupted(result.outcome()));
        }
        BootReport report = result.report(Duration.ofNanos(System.nanoTime() - start));
        BootLog.write(report);
        return report;
    }

    PlannedBoot plan(DataSource dataSource) {
        return read(dataSource, new Visit<PlannedBoot>() {
            @Override
            PlannedBoot inside(Session session) throws SQLException {
                return look(session);
            }

            @Override
            public PlannedBoot without(DatabaseState state) {
                return new PlannedBoot(configuration.decide(state), Result.NOTHING, List.of(), List.of());
            }
        });
    }

    /** What is there; nothing is decided. */
    DatabaseState state(DataSource dataSource) {
        return read(dataSource, new Visit<DatabaseState>() {
            @Override
            DatabaseState inside(Session session) throws SQLException {
                return probe.look(session).state();
            }

            @Override
            public DatabaseState without(DatabaseState state) {
                return state;
            }
        });
    }

    PermissionVerification verify(DataSource dataSource) {
        return read(dataSource, new Visit<PermissionVerification>() {
            @Override
            PermissionVerification inside(Session session) throws SQLException {
                return new Rehearsal(
                                session,
                                configuration.permissions(),
                                configuration.versionTable().table())
                        .verify();
            }

            @Override
            public PermissionVerification without(DatabaseState state) {
                String why =
                        Result.untouched(configuration.decide(state)).outcome().describe();
                return new PermissionVerification(0, List.of(), List.of(why));
            }
        });
    }

    private PlannedBoot look(Session session) throws SQLException {
        Seen seen = probe.look(session);
        Decision decision = configuration.decide(seen.state());
        Fingerprinting fingerprinting = configuration.fingerprinting();
        if (fingerprinting != null) {
            decision = fingerprinting.heeded(decision, seen.state(), session);
        }
        Preflight preflight = Preflight.of(configuration, decision, session.dialect());
        return new PlannedBoot(decision, preflight.plan(), preflight.problems(), findings(decision, seen, session));
    }

    /** What a run would say of the permissions, as far as it can be known before it. */
    private List<String> findings(Decision decision, Seen seen, Session session) throws SQLException {
        boolean untouched = decision instanceof Decision.LeaveAlone
                || (decision instanceof Decision.Stamp
                        && !configuration.permissions().alsoAfterStamp());
        if (untouched) {
            return List.of();
        }
        List<String> findings = new ArrayList<>(seen.findings());
        if (decision instanceof Decision.AtHead atHead && atHead.repairPermissions()) {
            findings.addAll(audit().compare(session).findings());
        }
        return findings;
    }

    private Deadline deadline() {
        return Deadline.in(configuration.patience().deadline());
    }

    /** After a lost answer to COMMIT: connects again, takes the lock, looks, and goes on with what is left. */
    private Result settle(DataSource dataSource, Deadline deadline, Result lost, Unsettled unsettled) {
        BootLog.answerLost(lost.outcome().describe());
        Waiting waiting = new Waiting(deadline.atMost(TO_SETTLE));
        Result again;
        do {
            again = attempt(dataSource, deadline, new Attempt() {
                @Override
                Result inside(Session session) throws SQLException {
                    return new Work(configuration, probe, session, unsettled, deadline).run();
                }
            });
        } while (waiting.worthAnotherTry(again.outcome()));
        if (again.steps().isEmpty() && !again.outcome().acceptable() && !(again.outcome() instanceof Outcome.Failed)) {
            BootLog.notSettled(again.outcome().describe());
            return lost;
        }
        return again;
    }

    private Result attempt(DataSource dataSource, Deadline deadline) {
        return attempt(dataSource, deadline, new Attempt() {
            @Override
            Result inside(Session session) throws SQLException {
                return glanceAndWork(session, deadline);
            }
        });
    }

    private Result attempt(DataSource dataSource, Deadline deadline, Errand.Task<Result> attempt) {
        Errand.Ending<Result> ending = visit(dataSource, deadline, attempt);
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
        Fingerprinting fingerprinting = configuration.fingerprinting();
        if (fingerprinting != null) {
            decision = fingerprinting.heeded(decision, seen.state(), session);
        }
        if (!decision.needsWork()) {
            return Result.untouched(decision, seen.findings());
        }
        if (decision instanceof Decision.AtHead) {
            List<String> beyondRepair = audit().beyondRepair(session);
            if (beyondRepair != null) {
                // what this role may not repair is only told: that needs no lock, at this boot or the next
                return Result.untouched(decision, seen.findings()).withFindings(beyondRepair);
            }
        }
        Work work = new Work(configuration, probe, session, fingerprinting, seen.pooled(), deadline);
        Result result = work.run();
        String other = work.waitedFor();
        return other != null
                        && !(decision instanceof Decision.AtHead)
                        && result.outcome() instanceof Outcome.AtHead atHead
                ? result.with(new Outcome.AtHead(atHead.revisions(), other))
                : result;
    }

    private PermissionAudit audit() {
        return new PermissionAudit(
                configuration.permissions(), configuration.versionTable().table());
    }

    /** What a session tells; where there is none, or it is stopped, what that means. */
    private <T> T read(DataSource dataSource, Errand.Task<T> visit) {
        Errand.Ending<T> ending = visit(dataSource, deadline(), visit);
        return ending instanceof Errand.Returned<T> returned
                ? returned.value()
                : visit.without(new DatabaseState.Offline("no answer, and the connection could not be ended"));
    }

    private <T> Errand.Ending<T> visit(DataSource dataSource, Deadline deadline, Errand.Task<T> visit) {
        return new Errand<>(dataSource, deadline, configuration.patience().connectWithin(), visit).run();
    }

    /** What is done as the owner. A class and its sub-classes: the first lambda of a process costs milliseconds. */
    private abstract class Visit<T> implements Errand.Task<T> {
        abstract T inside(Session session) throws SQLException;

        @Override
        public final T in(Session session) throws SQLException {
            DatabaseState.Inaccessible obstacle = OwnerRole.assume(session, configuration.ownerRole());
            return obstacle == null ? inside(session) : without(obstacle);
        }
    }

    /** A visit that ends with a report. */
    private abstract class Attempt extends Visit<Result> {
        @Override
        public final Result without(DatabaseState state) {
            return Result.untouched(configuration.decide(state));
        }
    }
}
