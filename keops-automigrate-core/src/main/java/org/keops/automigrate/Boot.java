package org.keops.automigrate;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
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
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.postgres.errand.Errand;
import org.keops.automigrate.postgres.grants.PermissionAudit;
import org.keops.automigrate.postgres.probe.Probe;
import org.keops.automigrate.postgres.probe.Seen;
import org.keops.automigrate.postgres.rehearsal.Rehearsal;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.StopSignal;

/**
 * One boot, from the first attempt to connect to the report: open, glance, decide; only if there is something to do, the
 * {@link Work}. Thread-safe.
 */
final class Boot {
    /** For a server that has just crashed, to come up again. */
    private static final Duration TO_SETTLE = Duration.ofSeconds(30);

    /** A hundred years. */
    private static final Duration FOR_EVER = Duration.ofDays(36_525);

    private final Configuration configuration;
    private @Nullable Probe probe;

    Boot(Configuration configuration) {
        this.configuration = configuration;
    }

    /** Made once, by whichever thread needs it first: in the usual boot the caller's, while the connection is fetched. */
    private synchronized Probe probe() {
        if (probe == null) {
            PermissionOptions permissions = configuration.permissionOptions();
            probe = new Probe(configuration.versionTable(), permissions.quickAudit(), permissions);
        }
        return probe;
    }

    BootReport run(DataSource dataSource) {
        Deadline deadline = deadline();
        Duration budget = configuration.patience().forDatabase();
        return run(dataSource, deadline.atMost(budget == null ? Duration.ZERO : budget), deadline);
    }

    /** The time that passes until the database is there is not counted, and unless the user limits it there is no end to it. */
    BootReport runWhenThere(DataSource dataSource) {
        Duration budget = configuration.patience().forDatabase();
        return run(dataSource, budget == null ? FOR_EVER : budget, null);
    }

    /** With one deadline for all attempts, or one for each. */
    private BootReport run(DataSource dataSource, Duration patience, @Nullable Deadline common) {
        long start = System.nanoTime();
        Deadline deadline = common == null ? deadline() : common;
        Result result = attempt(dataSource, deadline);
        if (!result.outcome().acceptable() || result.unsettled() != null) {
            result = again(dataSource, result, new Waiting(patience, start), deadline, common);
        }
        BootReport report = result.report(Duration.ofNanos(System.nanoTime() - start));
        BootLog.write(report);
        return report;
    }

    /** After a first attempt that came to no good end. */
    private Result again(
            DataSource dataSource, Result first, Waiting waiting, Deadline ofFirst, @Nullable Deadline common) {
        Result result = first;
        Deadline deadline = ofFirst;
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
        return waiting.interrupted() ? result.with(Conclusion.interrupted(result.outcome())) : result;
    }

    PlannedBoot plan(DataSource dataSource) {
        return read(dataSource, new Errand.Task<PlannedBoot>() {
            @Override
            public PlannedBoot in(Session session) throws SQLException {
                return look(session);
            }

            @Override
            public PlannedBoot without(DatabaseState state) {
                return new PlannedBoot(configuration.decide(state), Result.nothing(), List.of(), List.of());
            }
        });
    }

    /** What is there; nothing is decided. */
    DatabaseState state(DataSource dataSource) {
        return read(dataSource, new Errand.Task<DatabaseState>() {
            @Override
            public DatabaseState in(Session session) throws SQLException {
                return probe().look(session).state();
            }

            @Override
            public DatabaseState without(DatabaseState state) {
                return state;
            }
        });
    }

    PermissionVerification verify(DataSource dataSource) {
        return read(dataSource, new Errand.Task<PermissionVerification>() {
            @Override
            public PermissionVerification in(Session session) throws SQLException {
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
        Seen seen = probe().look(session);
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
        Waiting waiting = new Waiting(deadline.atMost(TO_SETTLE), System.nanoTime());
        Result again;
        do {
            again = attempt(dataSource, deadline, new Errand.Task<Result>() {
                @Override
                public Result in(Session session) throws SQLException {
                    return new Work(configuration, probe(), session, unsettled, deadline).run();
                }

                @Override
                public Result without(DatabaseState state) {
                    return Result.untouched(configuration.decide(state));
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
        return attempt(dataSource, deadline, new Attempt(deadline));
    }

    private Result attempt(DataSource dataSource, Deadline deadline, Errand.Task<Result> attempt) {
        Errand<Result> errand = errand(dataSource, deadline, attempt);
        Result result = errand.run();
        StopSignal.Reason reason = errand.stopped();
        return result != null && reason == null ? result : stopped(result, reason);
    }

    private Result stopped(@Nullable Result result, StopSignal.@Nullable Reason reason) {
        Outcome end = result == null ? notStopped() : result.outcome();
        Outcome why = reason == StopSignal.Reason.INTERRUPTED
                ? Conclusion.interrupted(end)
                : Conclusion.outOfTime(end, configuration.patience().deadline());
        return result == null ? new Result(why, List.of(), PermissionReport.NOTHING) : result.with(why);
    }

    private static Outcome notStopped() {
        return new Outcome.Failed(new Failure(
                null,
                "it could not be stopped",
                null,
                new TreeSet<>(),
                "what is committed is not known, the next boot will see"));
    }

    private Result glanceAndWork(Session session, Deadline deadline) throws SQLException {
        Seen seen = probe().glance(session);
        if (seen.state() instanceof DatabaseState.Versioned found
                && seen.findings().isEmpty()
                && configuration.isQuiet(found)) {
            // the usual boot, before anything is loaded that decides among the others
            return quiet(found.rows());
        }
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
        Work work = new Work(configuration, probe(), session, fingerprinting, seen.pooled(), deadline);
        Result result = work.run();
        String other = work.waitedFor();
        return other != null
                        && !(decision instanceof Decision.AtHead)
                        && result.outcome() instanceof Outcome.AtHead atHead
                ? result.with(new Outcome.AtHead(atHead.revisions(), other))
                : result;
    }

    private static Result quiet(SortedSet<RevisionId> rows) {
        return new Result(new Outcome.AtHead(rows), List.of(), PermissionReport.NOTHING);
    }

    private PermissionAudit audit() {
        return new PermissionAudit(
                configuration.permissions(), configuration.versionTable().table());
    }

    /** What a session tells; where there is none, or it is stopped, what that means. */
    private <T> T read(DataSource dataSource, Errand.Task<T> visit) {
        T told = errand(dataSource, deadline(), visit).run();
        return told == null
                ? visit.without(new DatabaseState.Offline("no answer, and the connection could not be ended"))
                : told;
    }

    private <T> Errand<T> errand(DataSource dataSource, Deadline deadline, Errand.Task<T> visit) {
        return new Errand<>(
                dataSource, deadline, configuration.patience().connectWithin(), configuration.ownerRole(), visit);
    }

    /** What every boot does first. A class: the first lambda of a process costs milliseconds. */
    private final class Attempt implements Errand.Task<Result> {
        private final Deadline deadline;

        Attempt(Deadline deadline) {
            this.deadline = deadline;
        }

        @Override
        public Result in(Session session) throws SQLException {
            return glanceAndWork(session, deadline);
        }

        @Override
        public Result without(DatabaseState state) {
            return Result.untouched(configuration.decide(state));
        }

        @Override
        public void meanwhile() {
            probe();
            configuration.scripts().read();
            // how most boots end is gone through while the server thinks: its classes are there when the answer comes
            BootLog.prepare(quiet(new TreeSet<>()).report(Duration.ZERO));
        }
    }
}
