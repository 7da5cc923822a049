package org.keops.automigrate.model;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Sets of revision ids as the values of this package hold them: sorted and unmodifiable. Stateless. */
public final class RevisionIds {

    private RevisionIds() {}

    /**
     * Copies ids.
     *
     * @param ids any ids
     * @return an unmodifiable set of them, in their natural order
     */
    public static SortedSet<RevisionId> copyOf(Collection<RevisionId> ids) {
        return Collections.unmodifiableSortedSet(new TreeSet<>(ids));
    }

    /**
     * Renders ids for a message, as Alembic does.
     *
     * @param ids any ids
     * @return the ids joined by comma and blank, or {@code <base>} where there is none
     */
    public static String show(Collection<RevisionId> ids) {
        return ids.isEmpty()
                ? "<base>"
                : ids.stream().sorted().map(RevisionId::value).collect(Collectors.joining(", "));
    }
}
