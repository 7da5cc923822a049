package org.keops.automigrate.postgres.execution;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.CompletedStep;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Particulars;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.postgres.failure.Redaction;
import org.keops.automigrate.postgres.failure.ServerMessage;
import org.keops.automigrate.postgres.failure.ServerReport;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.session.Asked;
import org.keops.automigrate.postgres.session.OneTrip;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.version.Ledger;
import org.keops.automigrate.postgres.version.StepRun;

/**
 * How the transactions of a plan end, and what that comes to: what is committed, what is not, and what nobody knows. Used by
 * one thread, for one plan.
 */
final class Endings {
    private static final String LOST =
            "the answer to COMMIT was lost: it may have happened or not, the next boot will see";

    private final Session session;
    private final Pipeline pipeline;
    private final Ledger ledger;
    private final List<CompletedStep> completed = new ArrayList<>();
    private List<CompletedStep> unknown = List.of();
    /** What the text of the script tells that has failed, if it was that. */
    private List<Problem> problems = List.of();

    Endings(Session session, Pipeline pipeline, Ledger ledger) {
        this.session = session;
        this.pipeline = pipeline;
        this.ledger = ledger;
    }

    /** What it has come to. */
    Execution execution(@Nullable Failure failure) {
        return new Execution(completed, failure, problems, unknown);
    }

    /** What it has come to where somebody else's code threw. */
    Execution cutShort(RuntimeException thrown) {
        return new Execution(completed, rolledBack(failure(thrown, rolledBackTo())), List.of(), List.of());
    }

    /** Whether the answer to the COMMIT of steps was lost. */
    boolean isUnknown() {
        return !unknown.isEmpty();
    }

    /** How many steps are committed. */
    int completed() {
        return completed.size();
    }

    /**
     * Commits steps.
     *
     * @param otherwise what is to be said if the server refuses
     * @return what went wrong, or null
     */
    @Nullable
    Failure commit(List<Step> steps, List<StepRun> runs, String otherwise) {
        return commit(steps, runs, otherwise, null);
    }

    /** Commits steps, and asks something behind that. */
    @Nullable
    Failure commit(List<Step> steps, List<StepRun> runs, String otherwise, @Nullable Asked<?> behind) {
        try {
            if (behind == null) {
                session.commit();
            } else {
                OneTrip.commitAnd(session, behind);
            }
        } catch (SQLException e) {
            return notCommitted(runs, e, otherwise);
        } catch (RuntimeException e) {
            return lost(runs, failure(e, LOST));
        }
        committed(steps, runs);
        return null;
    }

    /** Notes that steps are committed. */
    void committed(List<Step> steps, List<StepRun> runs) {
        runs.forEach(run -> completed.add(run.completed()));
        ledger.committed(RevisionId.copyOf(steps.get(steps.size() - 1).rowsAfter()));
    }

    /** A server that answers has not committed, for a deferred constraint say; without an answer nobody knows. */
    Failure notCommitted(List<StepRun> runs, SQLException failed, String otherwise) {
        return isLost() ? lost(runs, failure(null, failed, LOST)) : rolledBack(failure(null, failed, otherwise));
    }

    private Failure lost(List<StepRun> runs, Failure failure) {
        unknown = runs.stream().map(StepRun::completed).toList();
        return rolledBack(failure);
    }

    /** Rolls back what is open; the failure is the one that is given. */
    Failure rolledBack(Failure failure) {
        pipeline.clear();
        session.rollback();
        ledger.rolledBack();
        return failure;
    }

    /** The failure of a script. */
    Failure failure(StepFailedException failed, String consequence) {
        problems = failed.problems();
        return new Failure(
                failed.where(), failed.what(), failed.sqlState(), failed.particulars(), ledger.rows(), consequence);
    }

    /** The failure of a statement of ours, or of what stands at a place. */
    Failure failure(@Nullable Location where, SQLException failed, String consequence) {
        problems = List.of();
        Particulars particulars = ServerReport.of(failed, List.of(), null, null);
        return new Failure(
                where, ServerMessage.of(failed), failed.getSQLState(), particulars, ledger.rows(), consequence);
    }

    /** The failure of somebody else's code. */
    Failure failure(RuntimeException thrown, String consequence) {
        problems = List.of();
        return new Failure(null, Redaction.ofUrls(thrown.toString()), null, ledger.rows(), consequence);
    }

    String rolledBackTo() {
        return "rolled back to " + shown();
    }

    private boolean isLost() {
        try {
            return session.connection().isClosed();
        } catch (SQLException e) {
            return true;
        }
    }

    /** What is recorded, in words. */
    String shown() {
        return RevisionId.show(ledger.rows());
    }
}
