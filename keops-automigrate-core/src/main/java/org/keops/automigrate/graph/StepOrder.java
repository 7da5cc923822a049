package org.keops.automigrate.graph;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The order in which Alembic runs steps (alembic/script/revision.py, {@code _topological_sort}): from the starts down one
 * line as far as it goes before the next; a parent shared by several lines comes after all of them.
 *
 * <p>Where Alembic's order depends on Python's hash seed (several dependencies of one revision), the written order counts.
 * Not thread-safe; confined to one call.
 */
final class StepOrder {
    private final Topology topology;
    private final BitSet todo;
    private final List<Line> lines = new ArrayList<>();
    private final int[] order;
    private int ordered;

    /** One line of the history that is being followed down. Where two meet, one of them ends: they never stand together. */
    private static final class Line {
        int at;

        /** Of where it stands; on a plain stretch also what it has passed, where nobody stands any more. */
        BitSet ancestors;

        Line(int at, BitSet ancestors) {
            this.at = at;
            this.ancestors = ancestors;
        }
    }

    private StepOrder(Topology topology, BitSet set) {
        this.topology = topology;
        this.todo = (BitSet) set.clone();
        this.order = new int[set.cardinality()];
    }

    /**
     * Orders a set of revisions.
     *
     * @param starts where to begin; everything in the set is one of these or below one of them
     * @return the set, newest first
     */
    static int[] newestFirst(Topology topology, BitSet set, BitSet starts) {
        return new StepOrder(topology, set).from(starts);
    }

    private int[] from(BitSet starts) {
        for (int i = starts.nextSetBit(0); i >= 0; i = starts.nextSetBit(i + 1)) {
            if (todo.get(i)) {
                lines.add(line(i));
            }
        }
        int current = 0;
        while (!lines.isEmpty()) {
            int above = lineAbove(current);
            current = above >= 0 ? above : advance(current);
        }
        return order;
    }

    private Line line(int at) {
        return new Line(at, topology.ancestors(topology.only(at)));
    }

    /** Another line that has yet to pass through the revision at which a line stands, or -1. */
    private int lineAbove(int current) {
        int at = lines.get(current).at;
        for (int i = 0; i < lines.size(); i++) {
            if (i != current && lines.get(i).ancestors.get(at)) {
                return i;
            }
        }
        return -1;
    }

    private int advance(int current) {
        Line line = lines.get(current);
        int passed = line.at;
        order[ordered++] = passed;
        todo.clear(passed);
        int[] next = next(passed);
        if (next.length == 0) {
            lines.remove(current);
            return Math.max(current - 1, 0);
        }
        line.at = next[0];
        boolean plain = topology.down[passed].length == 1 && topology.normalized[passed].length == 1;
        if (!plain) {
            line.ancestors = topology.ancestors(topology.only(next[0]));
        }
        for (int i = 1; i < next.length; i++) {
            lines.add(line(next[i]));
        }
        return current;
    }

    private int[] next(int passed) {
        int[] next = {};
        for (int parent : topology.normalized[passed]) {
            if (todo.get(parent) && !someLineIsAt(parent)) {
                next = Edges.with(next, parent);
            }
        }
        return next;
    }

    private boolean someLineIsAt(int revision) {
        for (Line line : lines) {
            if (line.at == revision) {
                return true;
            }
        }
        return false;
    }
}
