package org.keops.automigrate;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.PermissionVerification;
import org.keops.automigrate.model.PlannedBoot;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.permissions.MissingGrants;
import org.keops.automigrate.postgres.ConnectionOpener;
import org.keops.automigrate.postgres.FailureClassifier;
import org.keops.automigrate.postgres.OwnerRole;
import org.keops.automigrate.postgres.PermissionAudit;
import org.keops.automigrate.postgres.Probe;
import org.keops.automigrate.postgres.Rehearsal;
import org.keops.automigrate.postgres.Seen;
import org.keops.automigrate.postgres.Session;

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
        Waiting waiting = new Waiting(configuration.patience().forDatabase());
        Result result = attempt(dataSource);
        while (waiting.worthAnotherTry(result.outcome())) {
            result = attempt(dataSource);
        }
        BootReport report = result.report(Duration.ofNanos(System.nanoTime() - start));
        BootLog.write(report);
        return report;
    }

    PlannedBoot plan(DataSource dataSource) {
        return withSession(
                dataSource,
                this::look,
                state -> new PlannedBoot(configuration.decide(state), Result.NOTHING, List.of()));
    }

    /** What is there; nothing is decided. */
    DatabaseState state(DataSource dataSource) {
        return withSession(dataSource, session -> probe.look(session).state(), state -> state);
    }

    PermissionVerification verify(DataSource dataSource) {
        return withSession(
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

    private Result attempt(DataSource dataSource) {
        return withSession(dataSource, this::glanceAndWork, state -> Result.untouched(configuration.decide(state)));
    }

    private Result glanceAndWork(Session session) throws SQLException {
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
        return new Work(configuration, probe, session, seen.pooled()).run();
    }

    private PermissionAudit audit() {
        return new PermissionAudit(
                configuration.permissions(), configuration.versionTable().table());
    }

    /** Opens a session and does something with it; a failure to do either is a state of the database like any other. */
    private <T> T withSession(DataSource dataSource, SessionTask<T> task, Fallback<T> otherwise) {
        Duration bound = configuration.patience().connectWithin();
        ConnectionOpener.Attempt attempt = ConnectionOpener.open(dataSource, bound);
        if (attempt instanceof ConnectionOpener.NotConnected not) {
            return otherwise.of(not.state());
        }
        try (Session session = Session.adopt(((ConnectionOpener.Connected) attempt).connection(), bound)) {
            return asOwner(session, task, otherwise);
        } catch (RevisionException e) {
            // a mistake in what was asked for, not a state of the database
            throw e;
        } catch (SQLException | RuntimeException | LinkageError e) {
            return otherwise.of(FailureClassifier.classify(e));
        }
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
