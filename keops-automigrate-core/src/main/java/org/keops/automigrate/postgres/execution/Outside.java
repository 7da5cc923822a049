package org.keops.automigrate.postgres.execution;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.version.Ledger;
import org.keops.automigrate.postgres.version.StepRun;
import org.keops.automigrate.postgres.version.VersionTable;

/**
 * Steps that run outside a transaction, each by itself: again where that may help, and what is left behind where it does not.
 * Used by one thread, for one plan.
 */
final class Outside {
    private final Shared shared;
    private final VersionTable table;
    private final Session session;
    private final Ledger ledger;
    private final Endings endings;

    Outside(Shared shared, VersionTable table) {
        this.shared = shared;
        this.table = table;
        this.session = shared.session();
        this.ledger = shared.ledger();
        this.endings = shared.endings();
    }

    /** Statement by statement; the version rows commit with the last of them. */
    @Nullable
    Failure run(Step step) {
        if (shared.lock().isPerTransaction()) {
            return endings.failure(null, new SQLException("a pooler stands between"), "nothing of it was attempted");
        }
        if (ledger.foreignOwner() != null) {
            return foreign("a revision that runs outside a transaction keeps its progress in the comment of");
        }
        StepRun counted =
                new StepRun(step, endings.completed() + 1, shared.watch().beforeStep());
        counted.reached();
        OutsideRun run;
        try {
            run = new OutsideRun(shared, step, counted);
        } catch (SQLException e) {
            return afterwards(
                    null, endings.failure(null, e, "nothing of it was attempted; still recorded: " + endings.shown()));
        } catch (StepFailedException e) {
            return afterwards(
                    null, endings.failure(e, "nothing of it was attempted; still recorded: " + endings.shown()));
        }
        Failure failure = attempt(step, run, counted);
        while (failure != null && run.waits().worthAnotherTry()) {
            failure = attempt(step, run, counted);
        }
        return failure == null ? null : afterwards(run, run.waits().explained(failure));
    }

    /** From the first statement that is not known to have taken effect to the version rows. */
    private @Nullable Failure attempt(Step step, OutsideRun run, StepRun counted) {
        try {
            session.answerWithin(Duration.ZERO);
            run.run();
            ledger.prepare();
            ledger.apply(step, counted, ledger.rows(1));
            shared.pipeline().flush();
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
    private Failure afterwards(@Nullable OutsideRun run, Failure failure) {
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

    /** Why the record, or the fingerprints, can not be kept. */
    Failure foreign(String what) {
        return endings.failure(
                null,
                new SQLException(what + " " + table
                        + ", which only its owner may write: migrate as " + ledger.foreignOwner()
                        + " or a member of it, or ALTER TABLE " + table.sql() + " OWNER TO the role that migrates"),
                "nothing was attempted");
    }
}
