package org.keops.automigrate.model;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A revision with its place in the history, as Alembic lists it. Immutable and thread-safe.
 *
 * @param revision the revision
 * @param branchLabels the labels of the branches it is on, inherited ones included, in alphabetical order
 * @param revisedBy the revisions that directly revise it, in the order of their files
 * @param dependedOn whether a revision of another branch depends on it
 */
public record ListedRevision(
        Revision revision, Set<String> branchLabels, List<RevisionId> revisedBy, boolean dependedOn) {

    /**
     * Copies its parts.
     *
     * @param revision the component of this name
     * @param branchLabels the component of this name
     * @param revisedBy the component of this name
     * @param dependedOn the component of this name
     */
    public ListedRevision {
        branchLabels = Collections.unmodifiableSet(new TreeSet<>(branchLabels));
        revisedBy = List.copyOf(revisedBy);
    }

    /**
     * Its id.
     *
     * @return the revision's id
     */
    public RevisionId id() {
        return revision.id();
    }

    /**
     * Whether no other revises it: what {@code head} means.
     *
     * @return true for a head
     */
    public boolean head() {
        return revisedBy.isEmpty();
    }

    /**
     * Whether several others revise it.
     *
     * @return true where branches begin
     */
    public boolean branchPoint() {
        return revisedBy.size() > 1;
    }

    /**
     * Whether it revises several others.
     *
     * @return true where branches end
     */
    public boolean mergePoint() {
        return revision.downRevisions().size() > 1;
    }

    /**
     * The id with what is special about it, as in {@code alembic heads}.
     *
     * @return for example {@code 27c6a (shoppingcart) (head)}
     */
    public String shortLine() {
        StringBuilder line = new StringBuilder(id().value());
        if (!branchLabels.isEmpty()) {
            line.append(" (").append(String.join(", ", branchLabels)).append(')');
        }
        if (head()) {
            line.append(dependedOn ? " (effective head)" : " (head)");
        }
        return line.toString();
    }

    /** The line of {@code alembic history}: {@code <base> -> ae10 (branchpoint), add a table}. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder(written(revision.downRevisions()));
        if (!revision.dependsOn().isEmpty()) {
            line.append(" (").append(String.join(", ", revision.dependsOn())).append(')');
        }
        line.append(" -> ").append(shortLine());
        line.append(branchPoint() ? " (branchpoint)" : "").append(mergePoint() ? " (mergepoint)" : "");
        return line.append(", ").append(revision.message()).toString();
    }

    private static String written(List<RevisionId> ids) {
        return ids.isEmpty() ? "<base>" : ids.stream().map(RevisionId::value).collect(Collectors.joining(", "));
    }
}
