package org.keops.automigrate.model;

import java.util.Collection;
import java.util.Collections;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The identifier of a revision, as it stands in a script's header and in {@code alembic_version.version_num}.
 *
 * <p>Alembic accepts nearly any text here, and a version table may hold anything, so this type only demands that there
 * is one. The stricter rules for identifiers that a <em>script</em> may introduce are {@link RevisionRules}'.
 *
 * <p>Immutable and thread-safe. The natural order is that of the characters.
 *
 * @param value the identifier, never empty; compared case-sensitively as Alembic does
 */
public record RevisionId(String value) implements Comparable<RevisionId> {

    /**
     * Checks that there is an identifier at all.
     *
     * @param value the component of this name
     * @throws IllegalArgumentException if {@code value} is empty
     */
    public RevisionId {
        Objects.requireNonNull(value, "value");
        if (value.isEmpty()) {
            throw new IllegalArgumentException("a revision id must not be empty");
        }
    }

    /**
     * Copies ids, as the values of this package hold them.
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
        if (ids.size() == 1) {
            return ids.iterator().next().value();
        }
        // a loop: each boot writes a line with ids, and the first lambda of a process costs milliseconds
        StringBuilder text = new StringBuilder();
        for (RevisionId id : new TreeSet<>(ids)) {
            text.append(text.length() == 0 ? "" : ", ").append(id.value());
        }
        return text.toString();
    }

    /** As generated for any record; written out because generating it costs a booting service some 20 ms. */
    @Override
    @SuppressWarnings("exports") // who compiles against this module does without the annotation
    public boolean equals(@Nullable Object other) {
        return other instanceof RevisionId id && value.equals(id.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public int compareTo(RevisionId other) {
        return value.compareTo(other.value);
    }

    /** The identifier itself. */
    @Override
    public String toString() {
        return value;
    }
}
