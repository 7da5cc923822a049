package org.keops.automigrate.model;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

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
        if (ids.isEmpty()) {
            return "<base>";
        }
        // a loop: each boot writes a line with ids, and the first lambda of a process costs milliseconds
        StringBuilder text = new StringBuilder();
        for (RevisionId id : new TreeSet<>(ids)) {
            text.append(text.length() == 0 ? "" : ", ").append(id.value());
        }
        return text.toString();
    }
}
