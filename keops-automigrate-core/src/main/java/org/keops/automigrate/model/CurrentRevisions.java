package org.keops.automigrate.model;

import java.util.List;
import java.util.SortedSet;

/**
 * What {@code current} found. Immutable and thread-safe.
 *
 * @param state what was seen of the database: its rows, none, or why they can not be read
 * @param revisions the newest applied revision of each branch, also of one without a row of its own because another
 *     depends on it; in the order of the files
 * @param unknown recorded revisions that no script has
 * @param atHeads whether nothing is left to upgrade; Alembic's {@code --check-heads} fails for ever where one head depends
 *     on another, this does not
 */
public record CurrentRevisions(
        DatabaseState state, List<ListedRevision> revisions, SortedSet<RevisionId> unknown, boolean atHeads) {

    /**
     * Copies its parts.
     *
     * @param state the component of this name
     * @param revisions the component of this name
     * @param unknown the component of this name
     * @param atHeads the component of this name
     */
    public CurrentRevisions {
        revisions = List.copyOf(revisions);
        unknown = RevisionId.copyOf(unknown);
    }

    /**
     * The rows of the version table.
     *
     * @return the recorded revisions; empty where none is recorded or they could not be read
     */
    public SortedSet<RevisionId> rows() {
        return state instanceof DatabaseState.Versioned versioned ? versioned.rows() : RevisionId.copyOf(List.of());
    }
}
