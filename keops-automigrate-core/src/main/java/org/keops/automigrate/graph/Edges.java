package org.keops.automigrate.graph;

import java.util.Arrays;
import java.util.BitSet;

/** The arrows of a graph while it is built, and the arithmetic on them. Not thread-safe; confined to one construction. */
final class Edges {
    private static final int[] NONE = {};

    final int[][] down;
    final int[][] dependencies;

    /** {@code down_revision} and {@code depends_on} together, each once. */
    final int[][] all;

    /** The opposite of {@link #down}. */
    final int[][] children;

    /** The opposite of {@link #all}. */
    final int[][] dependants;

    /** {@link #all} without the dependencies that an ancestor has listed already; set by {@link #normalize}. */
    final int[][] normalized;

    Edges(int[][] down, int[][] dependencies) {
        this.down = down;
        this.dependencies = dependencies;
        this.all = new int[down.length][];
        boolean downOnly = true;
        for (int i = 0; i < down.length; i++) {
            all[i] = union(down[i], dependencies[i]);
            downOnly &= dependencies[i].length == 0;
        }
        this.children = inverse(down);
        this.dependants = downOnly ? children : inverse(all);
        this.normalized = all.clone();
    }

    /**
     * The revisions so that each comes after its parents and dependencies. Shorter than the graph if there is a cycle:
     * then it lacks what is on a cycle or stands on one.
     */
    int[] parentsFirst() {
        int[] waiting = new int[all.length];
        int[] order = new int[all.length];
        int filled = 0;
        for (int i = 0; i < all.length; i++) {
            waiting[i] = all[i].length;
            if (waiting[i] == 0) {
                order[filled++] = i;
            }
        }
        for (int done = 0; done < filled; done++) {
            for (int next : dependants[order[done]]) {
                if (--waiting[next] == 0) {
                    order[filled++] = next;
                }
            }
        }
        return filled == all.length ? order : Arrays.copyOf(order, filled);
    }

    /**
     * Alembic's normalized dependencies (revision.py, {@code _normalize_depends_on}): a dependency counts only where no
     * ancestor by {@code down_revision} lists it as well. Only what is listed twice can be affected.
     */
    void normalize(int[] parentsFirst) {
        int[] listed = new int[all.length];
        for (int[] list : dependencies) {
            for (int dependency : list) {
                listed[dependency]++;
            }
        }
        for (int dependency = 0; dependency < listed.length; dependency++) {
            if (listed[dependency] > 1) {
                normalize(dependency, parentsFirst);
            }
        }
    }

    private void normalize(int dependency, int[] parentsFirst) {
        BitSet listedBelow = new BitSet(all.length);
        for (int revision : parentsFirst) {
            for (int parent : down[revision]) {
                if (listedBelow.get(parent) || contains(dependencies[parent], dependency)) {
                    listedBelow.set(revision);
                }
            }
            if (listedBelow.get(revision)
                    && contains(dependencies[revision], dependency)
                    && !contains(down[revision], dependency)) {
                normalized[revision] = without(normalized[revision], dependency);
            }
        }
    }

    private static int[][] inverse(int[][] edges) {
        int[] sizes = new int[edges.length];
        for (int[] targets : edges) {
            for (int target : targets) {
                sizes[target]++;
            }
        }
        int[][] inverse = new int[edges.length][];
        for (int i = 0; i < sizes.length; i++) {
            inverse[i] = sizes[i] == 0 ? NONE : new int[sizes[i]];
            sizes[i] = 0;
        }
        for (int from = 0; from < edges.length; from++) {
            for (int target : edges[from]) {
                inverse[target][sizes[target]++] = from;
            }
        }
        return inverse;
    }

    static boolean contains(int[] list, int wanted) {
        for (int entry : list) {
            if (entry == wanted) {
                return true;
            }
        }
        return false;
    }

    /** A list with one entry more, unless it is there already. */
    static int[] with(int[] list, int added) {
        if (list.length == 0) {
            return new int[] {added};
        }
        if (contains(list, added)) {
            return list;
        }
        int[] longer = Arrays.copyOf(list, list.length + 1);
        longer[list.length] = added;
        return longer;
    }

    private static int[] without(int[] list, int removed) {
        int[] shorter = new int[list.length - 1];
        int filled = 0;
        for (int entry : list) {
            if (entry != removed) {
                shorter[filled++] = entry;
            }
        }
        return shorter;
    }

    private static int[] union(int[] first, int[] second) {
        int[] union = first;
        for (int entry : second) {
            union = with(union, entry);
        }
        return union;
    }
}
