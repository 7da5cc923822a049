package org.keops.automigrate.model;

import java.util.List;
import java.util.Set;

/** One step of a plan: what runs, and what it does to the rows of {@code alembic_version}. Immutable and thread-safe. */
public sealed interface Step {

    /**
     * The changes of the version rows, in the order in which they are to be made, after the script has run.
     *
     * @return the changes; empty for a step that leaves the rows as they are
     */
    List<VersionChange> versionChanges();

    /**
     * The rows once the step is done.
     *
     * @return the revisions recorded after this step, in the order of their ids
     */
    Set<RevisionId> rowsAfter();

    /**
     * Runs the upgrade section of a revision's script.
     *
     * @param revision the revision to apply
     * @param versionChanges what it does to the version rows
     * @param rowsAfter the version rows once it is done
     */
    record Upgrade(Revision revision, List<VersionChange> versionChanges, Set<RevisionId> rowsAfter) implements Step {}

    /**
     * Runs the downgrade section of a revision's script.
     *
     * @param revision the revision to take back
     * @param versionChanges what it does to the version rows
     * @param rowsAfter the version rows once it is done
     */
    record Downgrade(Revision revision, List<VersionChange> versionChanges, Set<RevisionId> rowsAfter)
            implements Step {}

    /**
     * Records revisions without running any script.
     *
     * @param versionChanges what it does to the version rows
     * @param rowsAfter the version rows once it is done
     */
    record Stamp(List<VersionChange> versionChanges, Set<RevisionId> rowsAfter) implements Step {}
}
