package org.keops.automigrate.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;

/**
 * Names the cycles of a graph that has some: one for each knot of revisions that reach each other, its shortest through
 * the knot's first revision, in order and without innocent neighbours. Runs only when there is something to report.
 */
final class Cycles {
    private final Revision[] revisions;
    private final Edges edges;
    private final BitSet suspects;

    Cycles(Revision[] revisions, Edges edges, int[] innocent) {
        this.revisions = revisions;
        this.edges = edges;
        this.suspects = new BitSet(revisions.length);
        suspects.set(0, revisions.length);
        for (int revision : innocent) {
            suspects.clear(revision);
        }
    }

    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        for (int i = suspects.nextSetBit(0); i >= 0; i = suspects.nextSetBit(i + 1)) {
            int[] cycle = shortestCycle(i);
            if (cycle.length > 0) {
                problems.add(new Problem(revisions[i].script(), sentence(cycle)));
                clearKnot(i);
            }
        }
        return problems;
    }

    /** Breadth first from a revision to itself; empty if there is no way back. */
    private int[] shortestCycle(int start) {
        int[] cameFrom = new int[revisions.length];
        Arrays.fill(cameFrom, -1);
        Deque<Integer> todo = new ArrayDeque<>();
        todo.add(start);
        while (!todo.isEmpty()) {
            int at = todo.remove();
            for (int older : edges.all[at]) {
                if (older == start) {
                    return path(start, at, cameFrom);
                }
                if (suspects.get(older) && cameFrom[older] < 0) {
                    cameFrom[older] = at;
                    todo.add(older);
                }
            }
        }
        return new int[0];
    }

    private static int[] path(int start, int end, int[] cameFrom) {
        int length = 1;
        for (int at = end; at != start; at = cameFrom[at]) {
            length++;
        }
        int[] path = new int[length];
        int at = end;
        for (int i = length - 1; i > 0; i--) {
            path[i] = at;
            at = cameFrom[at];
        }
        path[0] = start;
        return path;
    }

    private void clearKnot(int member) {
        BitSet knot = reach(edges.all, member);
        knot.and(reach(edges.dependants, member));
        suspects.andNot(knot);
    }

    private BitSet reach(int[][] along, int start) {
        BitSet seen = new BitSet(revisions.length);
        Deque<Integer> todo = new ArrayDeque<>();
        seen.set(start);
        todo.add(start);
        while (!todo.isEmpty()) {
            for (int next : along[todo.remove()]) {
                if (suspects.get(next) && !seen.get(next)) {
                    seen.set(next);
                    todo.add(next);
                }
            }
        }
        return seen;
    }

    private String sentence(int[] cycle) {
        StringBuilder text = new StringBuilder("cycle: ");
        for (int i = 0; i < cycle.length; i++) {
            int older = cycle[(i + 1) % cycle.length];
            text.append('\'').append(revisions[cycle[i]].id()).append('\'');
            if (i > 0) {
                text.append(" (").append(revisions[cycle[i]].script()).append(')');
            }
            text.append(Edges.contains(edges.down[cycle[i]], older) ? " revises " : " depends on ");
        }
        text.append('\'').append(revisions[cycle[0]].id());
        return text.append("'; a revision can stand only on older ones, remove one of these references")
                .toString();
    }
}
