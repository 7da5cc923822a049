package org.keops.automigrate;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.decision.Conclusion;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.PermissionReport;
import org.keops.automigrate.postgres.errand.Errand;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.StopSignal;

/**
 * What a boot does after a first attempt that came to no good end: it tries again where that may help, and looks where it is
 * not known what was committed. For one thread.
 */
final class Recovery {
    /** For a server that has just crashed, to come up again. */
    private static final Duration TO_SETTLE = Duration.ofSeconds(30);

    private final Boot boot;
    private final Configuration configuration;
    private final DataSource dataSource;
    private final @Nullable Deadline common;
    private Deadline deadline;

    /**
     * Prepares a recovery.
     *
     * @param deadline the first attempt's
     * @param common the deadline of all attempts together, or null where each has its own
     */
    Recovery(
            Boot boot,
            Configuration configuration,
            DataSource dataSource,
            Deadline deadline,
            @Nullable Deadline common) {
        this.boot = boot;
        this.configuration = configuration;
        this.dataSource = dataSource;
        this.deadline = deadline;
        this.common = common;
    }

    Result after(Result first, Waiting waiting) {
        Result result = first;
        while (waiting.worthAnotherTry(result.outcome())) {
            deadline = common == null ? boot.deadline() : common;
            result = boot.attempt(boot.worker(dataSource), deadline, boot);
        }
        // whoever goes on may lose an answer again, as many revisions as there are
        for (Unsettled unsettled = result.unsettled(); unsettled != null; ) {
            Result settled = settle(result, unsettled);
            unsettled = settled.equals(result) ? null : settled.unsettled();
            result = settled;
        }
        return waiting.interrupted() ? result.with(Conclusion.interrupted(result.outcome())) : result;
    }

    /** After a lost answer to COMMIT: connects again, takes the lock, looks, and goes on with what is left. */
    private Result settle(Result lost, Unsettled unsettled) {
        WorkLog.answerLost(lost.outcome().describe());
        Waiting waiting = new Waiting(deadline.atMost(TO_SETTLE), System.nanoTime());
        Result again;
        do {
            again = boot.attempt(boot.worker(dataSource), deadline, new Errand.Task<Result>() {
                @Override
                public Result in(Session session, Deadline until) throws SQLException {
                    return new Work(configuration, boot.probe(), session, unsettled, until).run();
                }

                @Override
                public Result without(DatabaseState state) {
                    return boot.without(state);
                }
            });
        } while (waiting.worthAnotherTry(again.outcome()));
        if (again.steps().isEmpty() && !again.outcome().acceptable() && !(again.outcome() instanceof Outcome.Failed)) {
            WorkLog.notSettled(again.outcome().describe());
            return lost;
        }
        return again;
    }

    /** An attempt that was stopped, or that could not be; then there is no result. */
    static Result stopped(@Nullable Result result, StopSignal.@Nullable Reason reason, Duration deadline) {
        Outcome end = result == null ? notStopped() : result.outcome();
        Outcome why = reason == StopSignal.Reason.INTERRUPTED
                ? Conclusion.interrupted(end)
                : Conclusion.outOfTime(end, deadline);
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
}
