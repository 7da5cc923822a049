package org.keops.automigrate;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.PermissionReport;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.postgres.errand.Errand;
import org.keops.automigrate.postgres.errand.Worker;
import org.keops.automigrate.postgres.probe.Probe;
import org.keops.automigrate.postgres.probe.Seen;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.StopSignal;

/**
 * One boot, from the first attempt to connect to the report: open, glance, decide; only if there is something to do, the
 * {@link Work}. Small, because every boot loads it: what a boot does that finds something is in {@link FirstDecision},
 * and what follows an attempt that failed in {@link Recovery}. Thread-safe.
 */
final class Boot implements Errand.Task<Result> {
    /** A hundred years. */
    private static final Duration FOR_EVER = Duration.ofDays(36_525);

    /** Any revision, to rehearse with. */
    private static final RevisionId SOME = new RevisionId("some");

    private final Configuration configuration;
    private @Nullable Probe probe;

    Boot(Configuration configuration) {
        this.configuration = configuration;
    }

    /** Made once, by whichever thread needs it first: a migrator that is kept makes none of its queries twice. */
    synchronized Probe probe() {
        if (probe == null) {
            PermissionOptions permissions = configuration.permissionOptions();
            probe = new Probe(configuration.versionTable(), permissions.quickAudit(), permissions);
        }
        return probe;
    }

    BootReport run(DataSource dataSource) {
        long start = System.nanoTime();
        boolean hurries = configuration.isPlain();
        Worker worker =
                new Worker(dataSource, configuration.patience().connectWithin(), hurries ? probe().firstSight() : null);
        try {
            BootReport usual = hurries && worker.hurry(configuration.patience().deadline())
                    ? QuickBoot.run(
                            worker,
                            configuration.scripts(),
                            start,
                            configuration.patience().deadline())
                    : null;
            return usual == null ? run(dataSource, worker, start) : usual;
        } finally {
            worker.dismiss();
        }
    }

    /** With the connection of the first attempt on its way already, perhaps, since the boot began. */
    BootReport run(DataSource dataSource, Worker first, long start) {
        Deadline deadline = Deadline.since(start, configuration.patience().deadline());
        Duration budget = configuration.patience().forDatabase();
        return run(dataSource, first, start, deadline.atMost(budget == null ? Duration.ZERO : budget), deadline);
    }

    /** The time that passes until the database is there is not counted, and unless the user limits it there is no end to it. */
    BootReport runWhenThere(DataSource dataSource) {
        Duration budget = configuration.patience().forDatabase();
        return run(dataSource, worker(dataSource), System.nanoTime(), budget == null ? FOR_EVER : budget, null);
    }

    /** With one deadline for all attempts, or one for each. */
    private BootReport run(
            DataSource dataSource, Worker first, long start, Duration patience, @Nullable Deadline common) {
        Deadline deadline = common == null ? deadline() : common;
        Result result = attempt(first, deadline, this);
        if (!result.outcome().acceptable() || result.unsettled() != null) {
            result = new Recovery(this, configuration, dataSource, deadline, common)
                    .after(result, new Waiting(patience, start));
        }
        BootReport report = result.report(Duration.ofNanos(System.nanoTime() - start));
        BootLog.write(report);
        return report;
    }

    /** One errand, and why it was stopped if it was. */
    Result attempt(Worker worker, Deadline deadline, Errand.Task<Result> task) {
        Errand<Result> errand = new Errand<>(worker, deadline, configuration.ownerRole(), task);
        Result result = errand.run();
        StopSignal.Reason reason = errand.stopped();
        return result != null && reason == null
                ? result
                : Recovery.stopped(result, reason, configuration.patience().deadline());
    }

    Worker worker(DataSource dataSource) {
        return new Worker(dataSource, configuration.patience().connectWithin());
    }

    Deadline deadline() {
        return Deadline.in(configuration.patience().deadline());
    }

    @Override
    public Result in(Session session, Deadline deadline) throws SQLException {
        Seen seen = probe().glance(session);
        if (seen.state() instanceof DatabaseState.Versioned found
                && seen.findings().isEmpty()
                && configuration.isQuiet(found)) {
            // the usual boot, before anything is loaded that decides among the others
            return quiet(found);
        }
        return new FirstDecision(configuration, probe(), session, deadline).of(seen);
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
        DatabaseState.Versioned usual = new DatabaseState.Versioned(new TreeSet<>(List.of(SOME)), false);
        BootLog.prepare(quiet(usual).report(Duration.ZERO));
    }

    private static Result quiet(DatabaseState.Versioned found) {
        return new Result(new Outcome.AtHead(found.rows()), List.of(), PermissionReport.NOTHING);
    }
}
