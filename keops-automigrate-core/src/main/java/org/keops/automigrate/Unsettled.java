package org.keops.automigrate;

import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import org.keops.automigrate.model.CompletedStep;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.RevisionId;

/**
 * Work of which is not known whether it is committed, because the answer was lost. The rows of the version table are the
 * witness, once the lock is had again: until then the old session may still be committing.
 *
 * @param decision what was decided
 * @param plan what was to be done
 * @param committed what is committed for certain
 * @param unknown what may be, at least one step
 * @param pooled whether a pooler stands between
 * @param inVain how many answers before this one were lost in a row without anything being committed
 */
record Unsettled(
        Decision decision,
        Plan plan,
        List<CompletedStep> committed,
        List<CompletedStep> unknown,
        boolean pooled,
        int inVain) {

    /** The same work, of which another answer was lost. */
    Unsettled again(List<CompletedStep> nowCommitted, List<CompletedStep> nowUnknown, int nowInVain) {
        return new Unsettled(decision, plan, List.copyOf(nowCommitted), nowUnknown, pooled, nowInVain);
    }

    /** Whether the unknown steps are committed, if these are the rows now. */
    boolean isCommitted(SortedSet<RevisionId> rows) {
        return aim().equals(rows);
    }

    /** The rows that the unknown steps lead to. */
    Set<RevisionId> aim() {
        return unknown.get(unknown.size() - 1).step().rowsAfter();
    }
}
