package org.keops.automigrate;

import java.util.List;
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
 */
record Unsettled(
        Decision decision, Plan plan, List<CompletedStep> committed, List<CompletedStep> unknown, boolean pooled) {

    /** Whether the unknown steps are committed, if these are the rows now. */
    boolean isCommitted(SortedSet<RevisionId> rows) {
        return unknown.get(unknown.size() - 1).step().rowsAfter().equals(rows);
    }
}
