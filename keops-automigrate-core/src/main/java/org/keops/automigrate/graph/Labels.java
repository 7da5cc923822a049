package org.keops.automigrate.graph;

import java.util.BitSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which branch labels a revision carries (alembic/script/revision.py, {@code _add_branches}): its own, those of its
 * ancestors by {@code down_revision}, and, on a plain chain, those from above. Stateless.
 */
final class Labels {
    private Labels() {}

    /** The labels of each revision, in alphabetical order. */
    static Set<String>[] of(Topology topology) {
        @SuppressWarnings({"unchecked", "rawtypes"})
        Set<String>[] labels = new Set[topology.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = new TreeSet<>();
        }
        for (int i = 0; i < labels.length; i++) {
            if (!topology.revisions[i].branchLabels().isEmpty()) {
                BitSet carriers = topology.closure(topology.children, topology.only(i));
                addChainBelow(topology, i, carriers);
                for (int carrier = carriers.nextSetBit(0); carrier >= 0; carrier = carriers.nextSetBit(carrier + 1)) {
                    labels[carrier].addAll(topology.revisions[i].branchLabels());
                }
            }
        }
        return labels;
    }

    /** A label reaches what is below it only if nothing forks or merges from the tip down to there. */
    private static void addChainBelow(Topology topology, int labelled, BitSet carriers) {
        int at = labelled;
        while (isPlain(topology, at) && topology.children[at].length == 1) {
            at = topology.children[at][0];
        }
        if (!isPlain(topology, at)) {
            return;
        }
        at = labelled;
        while (topology.down[at].length == 1 && isPlain(topology, topology.down[at][0])) {
            at = topology.down[at][0];
            carriers.set(at);
        }
    }

    private static boolean isPlain(Topology topology, int revision) {
        return topology.dependants[revision].length < 2 && topology.down[revision].length < 2;
    }
}
