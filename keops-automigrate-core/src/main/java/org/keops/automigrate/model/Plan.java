package org.keops.automigrate.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;

/**
 * The steps that a decision comes to, cut into groups that commit together. Immutable and thread-safe.
 *
 * @param from the revisions recorded before
 * @param to the revisions recorded once all is done
 * @param groups the groups in the order in which they run
 */
public record Plan(SortedSet<RevisionId> from, SortedSet<RevisionId> to, List<Group> groups) {

    /**
     * Copies its parts.
     *
     * @param from the component of this name
     * @param to the component of this name
     * @param groups the component of this name
     */
    public Plan {
        from = RevisionId.copyOf(from);
        to = RevisionId.copyOf(to);
        groups = List.copyOf(groups);
    }

    /** Steps and how they commit. */
    public sealed interface Group {

        /**
         * The steps of the group.
         *
         * @return at least one step, in the order in which they run
         */
        List<Step> steps();
    }

    /**
     * Steps that commit together with their version rows, or not at all.
     *
     * @param steps the steps
     */
    public record InOneTransaction(List<Step> steps) implements Group {

        /**
         * Copies the steps.
         *
         * @param steps the component of this name
         */
        public InOneTransaction {
            steps = List.copyOf(steps);
        }
    }

    /**
     * One revision whose statements commit one by one, because a transaction block would refuse them; its version rows
     * follow in a transaction of their own. An interruption leaves the statements that were done.
     *
     * @param step the revision's step
     */
    public record OutsideTransaction(Step step) implements Group {

        @Override
        public List<Step> steps() {
            return List.of(step);
        }
    }

    /**
     * All steps of all groups.
     *
     * @return the steps in the order in which they run
     */
    public List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        for (Group group : groups) {
            steps.addAll(group.steps());
        }
        return Collections.unmodifiableList(steps);
    }
}
