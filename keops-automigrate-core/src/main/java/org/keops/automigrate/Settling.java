package org.keops.automigrate;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.decision.Conclusion;
import org.keops.automigrate.model.CompletedStep;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.PermissionReport;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;

/**
 * Finds out what became of work whose answer was lost, under the lock, and says what all of it has come to. Used by one thread,
 * for one attempt to go on with it.
 */
final class Settling {
    /** How many answers to COMMIT may be lost in a row without anything being committed: it would go on like that. */
    private static final int MOST_IN_VAIN = 3;

    private final Unsettled lost;

    /** What is committed, in all; grows as the work goes on. */
    private final List<CompletedStep> completed;

    private boolean settled;
    private int inVain;

    Settling(Unsettled lost, List<CompletedStep> completed) {
        this.lost = lost;
        this.completed = completed;
    }

    /**
     * Settles it, once.
     *
     * @param state what is seen under the lock
     * @param command whether the work was a command: it is not carried out twice, as "+1" would mean one more
     * @return the result, if nothing more is to be done; else null
     */
    @Nullable
    Result settle(DatabaseState state, boolean command) {
        SortedSet<RevisionId> rows =
                state instanceof DatabaseState.Versioned versioned ? versioned.rows() : new TreeSet<>();
        if (!settled) {
            settled = true;
            boolean committed = lost.isCommitted(rows);
            if (committed) {
                completed.addAll(lost.unknown());
            }
            inVain = committed ? 0 : lost.inVain() + 1;
            WorkLog.settled(committed);
        }
        if (command) {
            return concluded(rows);
        }
        return inVain == MOST_IN_VAIN ? givenUp(rows) : null;
    }

    private Result concluded(SortedSet<RevisionId> rows) {
        Failure rest = failure("the answer to COMMIT was lost", rows, "say again what is still to be done");
        return result(Conclusion.of(lost.decision(), lost.plan(), isDone() ? null : rest));
    }

    /** Something ends the connection at this very COMMIT: a server that it brings down, say. */
    private Result givenUp(SortedSet<RevisionId> rows) {
        return result(new Outcome.Failed(failure(
                "the answer to COMMIT was lost " + MOST_IN_VAIN + " times in a row, and each time what leads to "
                        + RevisionId.show(lost.aim()) + " was not committed",
                rows,
                "the server's log tells why the connection ended")));
    }

    private static Failure failure(String what, SortedSet<RevisionId> rows, String advice) {
        return new Failure(null, what, null, rows, "recorded now: " + RevisionId.show(rows) + "; " + advice);
    }

    private Result result(Outcome outcome) {
        return new Result(outcome, completed, PermissionReport.NOTHING);
    }

    /** What all parts have come to, with what the last of them has. */
    Outcome inAll(Outcome last) {
        if (last instanceof Outcome.Upgraded upgraded) {
            int upgrades = (int) completed.stream()
                    .filter(done -> done.step() instanceof Step.Upgrade)
                    .count();
            return new Outcome.Upgraded(lost.plan().from(), upgraded.to(), upgrades);
        }
        return last instanceof Outcome.AtHead atHead
                        && atHead.revisions().equals(lost.plan().to())
                        && isDone()
                ? Conclusion.of(lost.decision(), lost.plan(), null)
                : last;
    }

    private boolean isDone() {
        return completed.size() == lost.plan().steps().size();
    }

    /** Another answer was lost. */
    Unsettled again(List<CompletedStep> unknown) {
        return lost.again(completed, unknown, inVain);
    }
}
