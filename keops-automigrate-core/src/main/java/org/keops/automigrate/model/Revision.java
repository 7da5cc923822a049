package org.keops.automigrate.model;

import java.util.List;
import java.util.Objects;

/**
 * One revision of the schema as its script's header describes it: Alembic's identity, parents and labels.
 *
 * <p>Immutable and thread-safe.
 *
 * @param id the revision's own id
 * @param downRevisions the revisions it follows, in written order; empty for a base, several for a merge
 * @param dependsOn ids or branch labels of revisions that must have been applied before, in written order
 * @param branchLabels names given to the branch that this revision starts, in written order
 * @param message the first line of the header, in Alembic's words the revision's message; may be empty
 * @param transactionMode how the script asks to be run
 * @param script where the script is
 */
public record Revision(
        RevisionId id,
        List<RevisionId> downRevisions,
        List<String> dependsOn,
        List<String> branchLabels,
        String message,
        TransactionMode transactionMode,
        Location script) {

    /**
     * Checks that all parts are there and copies the lists.
     *
     * @param id the component of this name
     * @param downRevisions the component of this name
     * @param dependsOn the component of this name
     * @param branchLabels the component of this name
     * @param message the component of this name
     * @param transactionMode the component of this name
     * @param script the component of this name
     */
    public Revision {
        Objects.requireNonNull(id, "id");
        downRevisions = List.copyOf(downRevisions);
        dependsOn = List.copyOf(dependsOn);
        branchLabels = List.copyOf(branchLabels);
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(transactionMode, "transactionMode");
        Objects.requireNonNull(script, "script");
    }
}
