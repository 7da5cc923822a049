package org.keops.automigrate.graph;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;
import org.keops.automigrate.model.RevisionId;

/**
 * A sound graph as arrays: a revision is its position in file order, a set of revisions is a bit set.
 *
 * <p>Everything here takes time linear in the size of the graph. Immutable once built (nobody writes to the arrays), and
 * therefore thread-safe.
 */
final class Topology {
    final Revision[] revisions;

    /** Ids and branch labels, which share one namespace. */
    final Map<String, Integer> names;

    /** {@code down_revision} in written order. */
    final int[][] down;

    /** {@code depends_on}, resolved, in written order. */
    final int[][] dependencies;

    /** {@code down_revision}, then those dependencies that no ancestor by {@code down_revision} has listed already. */
    final int[][] normalized;

    /** {@code down_revision} and {@code depends_on} together. */
    final int[][] all;

    /** By {@code down_revision}, the opposite of {@link #down}. */
    final int[][] children;

    /** The opposite of {@link #all}. */
    final int[][] dependants;

    Topology(Revision[] revisions, Map<String, Integer> names, Edges edges) {
        this.revisions = revisions;
        this.names = names;
        this.down = edges.down;
        this.dependencies = edges.dependencies;
        this.normalized = edges.normalized;
        this.all = edges.all;
        this.children = edges.children;
        this.dependants = edges.dependants;
    }

    int size() {
        return revisions.length;
    }

    RevisionId id(int revision) {
        return revisions[revision].id();
    }

    /** A revision's position by its exact id, or -1; a label is not an id. */
    int indexOf(RevisionId id) {
        Integer found = names.get(id.value());
        return found != null && id(found).value().equals(id.value()) ? found : -1;
    }

    /** The revisions and all their ancestors, through dependencies too. */
    BitSet ancestors(BitSet starts) {
        return closure(normalized, starts);
    }

    /** The revisions and everything that stands on them, through dependencies too. */
    BitSet descendants(BitSet starts) {
        return closure(dependants, starts);
    }

    /** Ancestors and descendants, by {@code down_revision} only: what Alembic calls one lineage. */
    BitSet lineage(BitSet starts) {
        BitSet all = closure(down, starts);
        all.or(closure(children, starts));
        return all;
    }

    /** The revisions and what is reached from them along the edges. */
    BitSet closure(int[][] edges, BitSet starts) {
        BitSet seen = (BitSet) starts.clone();
        int[] stack = new int[size()];
        int height = 0;
        for (int i = starts.nextSetBit(0); i >= 0; i = starts.nextSetBit(i + 1)) {
            stack[height++] = i;
        }
        while (height > 0) {
            for (int next : edges[stack[--height]]) {
                if (!seen.get(next)) {
                    seen.set(next);
                    stack[height++] = next;
                }
            }
        }
        return seen;
    }

    /** Those of a set to which no edge leads from another of the set; the edges point to older revisions. */
    BitSet tips(BitSet set, int[][] edges) {
        BitSet tips = (BitSet) set.clone();
        for (int i = set.nextSetBit(0); i >= 0; i = set.nextSetBit(i + 1)) {
            for (int older : edges[i]) {
                tips.clear(older);
            }
        }
        return tips;
    }

    /** The recorded revisions as positions; the rows' own order is kept by their owner. */
    BitSet rows(Collection<RevisionId> rows) {
        BitSet set = new BitSet(size());
        List<RevisionId> unknown = new ArrayList<>();
        for (RevisionId row : rows) {
            int index = indexOf(row);
            if (index >= 0) {
                set.set(index);
            } else {
                unknown.add(row);
            }
        }
        if (!unknown.isEmpty()) {
            throw new RevisionException(
                    Kind.UNKNOWN_ROW,
                    unknown,
                    "the version table records " + quoted(unknown) + ", which none of the " + size()
                            + " scripts has: a newer build was here, or a script is missing");
        }
        return set;
    }

    /** Like {@link #rows} for commands that need rows as a run of Alembic leaves them. */
    BitSet soundRows(Collection<RevisionId> rows) {
        BitSet set = rows(rows);
        List<RevisionId> overlap = overlap(set);
        if (!overlap.isEmpty()) {
            throw new RevisionException(
                    Kind.OVERLAPPING_ROWS,
                    overlap,
                    "the version table records " + overlap.get(0) + " and also its own ancestor " + overlap.get(1)
                            + ", which no upgrade leaves so; stamp the revision that the schema really is at");
        }
        return set;
    }

    /** A revision of the set and an ancestor of it that is of the set too; empty if there is no such pair. */
    List<RevisionId> overlap(BitSet set) {
        if (set.cardinality() < 2) {
            return List.of();
        }
        BitSet below = new BitSet(size());
        for (int i = set.nextSetBit(0); i >= 0; i = set.nextSetBit(i + 1)) {
            for (int parent : normalized[i]) {
                below.set(parent);
            }
        }
        below = ancestors(below);
        below.and(set);
        if (below.isEmpty()) {
            return List.of();
        }
        int lower = below.nextSetBit(0);
        BitSet above = descendants(only(lower));
        above.clear(lower);
        above.and(set);
        return List.of(id(above.nextSetBit(0)), id(lower));
    }

    /** The revisions that have no such edge: the bases, the heads. */
    BitSet without(int[][] edges) {
        BitSet found = new BitSet(size());
        for (int i = 0; i < edges.length; i++) {
            found.set(i, edges[i].length == 0);
        }
        return found;
    }

    BitSet only(int revision) {
        BitSet set = new BitSet(size());
        set.set(revision);
        return set;
    }

    /** The ids of a set in file order. */
    List<RevisionId> ids(BitSet set) {
        RevisionId[] ids = new RevisionId[set.cardinality()];
        int filled = 0;
        for (int i = set.nextSetBit(0); i >= 0; i = set.nextSetBit(i + 1)) {
            ids[filled++] = id(i);
        }
        return List.of(ids);
    }

    /** The ids of a set in their natural order. */
    SortedSet<RevisionId> sortedIds(BitSet set) {
        return Collections.unmodifiableSortedSet(new TreeSet<>(ids(set)));
    }

    static String quoted(Collection<RevisionId> ids) {
        StringBuilder text = new StringBuilder();
        for (RevisionId id : ids) {
            text.append(text.isEmpty() ? "'" : ", '").append(id).append('\'');
        }
        return text.toString();
    }

    /** The scripts in file order, as a list that nobody can change. */
    List<Revision> asList() {
        return new AbstractList<>() {
            @Override
            public Revision get(int index) {
                return revisions[index];
            }

            @Override
            public int size() {
                return revisions.length;
            }
        };
    }

    @Nullable
    Revision find(RevisionId id) {
        int index = indexOf(id);
        return index < 0 ? null : revisions[index];
    }
}
