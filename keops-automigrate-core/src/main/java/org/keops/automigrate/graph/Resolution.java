package org.keops.automigrate.graph;

import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;

/**
 * What a target means when no rows are involved (alembic/script/revision.py, {@code get_revisions}): a name, or {@code -N}
 * counted from the heads. Immutable and thread-safe.
 */
final class Resolution {
    private final Topology topology;
    private final Names names;

    Resolution(Topology topology, Names names) {
        this.topology = topology;
        this.names = names;
    }

    /** The revisions; nothing for base, also where {@code -N} leads there. */
    BitSet resolve(Target target) {
        BitSet found = new BitSet(topology.size());
        inOrder(target).forEach(found::set);
        return found;
    }

    /** The same in the order in which Alembic comes to them: that of the heads that a number counts from. */
    Set<Integer> inOrder(Target target) {
        Set<Integer> found = new LinkedHashSet<>();
        if (!target.relative()) {
            names.resolve(target).stream().forEach(found::add);
            return found;
        }
        if (!target.name().isEmpty() || !target.leadsDown()) {
            throw new RevisionException(
                    Kind.CANT_LOCATE,
                    "can't locate '" + target.text()
                            + "': of the relative targets only '-1' and 'branch@-1' are known here");
        }
        BitSet heads = names.effectiveHeads();
        String branch = target.branch();
        if (branch != null) {
            names.branch(branch);
            keepLabelled(heads, branch);
        }
        for (int head = heads.nextSetBit(0); head >= 0; head = heads.nextSetBit(head + 1)) {
            int at = Walk.down(topology, head, -target.steps()).at();
            if (at != Walk.BASE) {
                found.add(at);
            }
        }
        return found;
    }

    /** Leaves those that carry a branch label, be it their own or not. */
    void keepLabelled(BitSet revisions, String label) {
        Set<String>[] labels = Labels.of(topology);
        for (int one = revisions.nextSetBit(0); one >= 0; one = revisions.nextSetBit(one + 1)) {
            if (!labels[one].contains(label)) {
                revisions.clear(one);
            }
        }
    }
}
