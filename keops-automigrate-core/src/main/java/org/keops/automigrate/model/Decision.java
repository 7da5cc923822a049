package org.keops.automigrate.model;

import java.util.List;
import java.util.SortedSet;

/** What a boot has made up its mind to do. Immutable and thread-safe. */
public sealed interface Decision {

    /**
     * Nothing is attempted and nothing is written.
     *
     * @param outcome what the report will say
     */
    record LeaveAlone(Outcome outcome) implements Decision {}

    /**
     * The schema is assumed current: record revisions, run nothing, leave the permissions as they are.
     *
     * @param revisions the revisions to record
     */
    record Stamp(SortedSet<RevisionId> revisions) implements Decision {}

    /**
     * Everything is applied; the application's role may lack permissions.
     *
     * @param rows the recorded revisions
     * @param repairPermissions whether anything lacks
     */
    record AtHead(SortedSet<RevisionId> rows, boolean repairPermissions) implements Decision {}

    /**
     * Run the pending revisions, then repair the permissions.
     *
     * @param rows the recorded revisions, empty for base
     * @param stampFirst revisions to record before, in a database without a version; empty otherwise
     */
    record Upgrade(SortedSet<RevisionId> rows, SortedSet<RevisionId> stampFirst) implements Decision {}

    /**
     * Do what an operator asked for by name.
     *
     * @param rows the recorded revisions, empty for base
     * @param steps what that comes to; none where only the permissions are to be repaired
     */
    record Perform(SortedSet<RevisionId> rows, List<Step> steps) implements Decision {

        /**
         * Copies its parts.
         *
         * @param rows the component of this name
         * @param steps the component of this name
         */
        public Perform {
            rows = RevisionId.copyOf(rows);
            steps = List.copyOf(steps);
        }
    }

    /**
     * What a database calls for to which everything was applied.
     *
     * @param found what is there
     * @return the decision
     */
    static Decision atHead(DatabaseState.Versioned found) {
        return new AtHead(found.rows(), found.permissionsLack());
    }

    /**
     * Whether anything has to be written, so that the lock is needed.
     *
     * @return false if the boot ends here
     */
    default boolean needsWork() {
        if (this instanceof AtHead atHead) {
            return atHead.repairPermissions();
        }
        return !(this instanceof LeaveAlone);
    }
}
