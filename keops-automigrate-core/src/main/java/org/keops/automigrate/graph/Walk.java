package org.keops.automigrate.graph;

import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;
import org.keops.automigrate.model.RevisionId;

/**
 * How far a relative target leads: step by step along {@code down_revision}, never along dependencies
 * (alembic/script/revision.py, {@code _walk}).
 *
 * <p>Immutable and thread-safe.
 *
 * @param at the revision reached, or {@link #BASE}
 * @param steps the steps done; fewer than wanted where the history ends
 */
record Walk(int at, int steps) {
    /** Below the first revisions. */
    static final int BASE = -1;

    /**
     * Walks towards the heads.
     *
     * @param lineage keeps the walk on a branch where there is a fork; null for no such hint
     */
    static Walk up(Topology topology, int from, int steps, @Nullable BitSet lineage) {
        int at = from;
        for (int done = 0; done < steps; done++) {
            BitSet next = at == BASE ? topology.without(topology.down) : set(topology.children[at]);
            if (lineage != null) {
                next.and(lineage);
            }
            if (next.isEmpty()) {
                return new Walk(at, done);
            }
            at = theOnly(topology, next, "fork", "'branch@+" + steps + "'");
        }
        return new Walk(at, steps);
    }

    /** Walks towards the base, which is one step below the first revision. */
    static Walk down(Topology topology, int from, int steps) {
        int at = from;
        for (int done = 0; done < steps; done++) {
            if (at == BASE) {
                return new Walk(at, done);
            }
            int[] parents = topology.down[at];
            at = parents.length == 0 ? BASE : theOnly(topology, set(parents), "merge", "the id of one of them");
        }
        return new Walk(at, steps);
    }

    private static BitSet set(int[] members) {
        BitSet set = new BitSet();
        for (int member : members) {
            set.set(member);
        }
        return set;
    }

    private static int theOnly(Topology topology, BitSet next, String place, String remedy) {
        if (next.cardinality() > 1) {
            List<RevisionId> ids = topology.ids(next);
            throw new RevisionException(
                    Kind.AMBIGUOUS_WALK,
                    ids,
                    "the relative target comes to a " + place + " and may go on to " + Topology.quoted(ids) + "; use "
                            + remedy);
        }
        return next.nextSetBit(0);
    }
}
