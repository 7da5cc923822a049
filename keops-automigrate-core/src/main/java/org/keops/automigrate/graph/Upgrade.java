package org.keops.automigrate.graph;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;

/**
 * What an upgrade runs (alembic/script/revision.py, {@code _parse_upgrade_target} and {@code _collect_upgrade_revisions}).
 * Immutable and thread-safe.
 */
final class Upgrade {
    private final Topology topology;
    private final Names names;

    Upgrade(Topology topology, Names names) {
        this.topology = topology;
        this.names = names;
    }

    List<Step> steps(Collection<RevisionId> rows, String text) {
        BitSet goal = goal(Target.parse(text), rows);
        refuseOverlap(goal);
        BitSet applied = topology.ancestors(topology.soundRows(rows));
        BitSet pending = topology.ancestors(goal);
        pending.andNot(applied);
        if (pending.isEmpty()) {
            return List.of();
        }
        int[] newestFirst = StepOrder.newestFirst(topology, pending, goal);
        VersionRows version = new VersionRows(topology, applied);
        List<Step> steps = new ArrayList<>(newestFirst.length);
        for (int i = newestFirst.length - 1; i >= 0; i--) {
            steps.add(version.upgrade(newestFirst[i]));
        }
        return Collections.unmodifiableList(steps);
    }

    private BitSet goal(Target target, Collection<RevisionId> rows) {
        if (!target.relative()) {
            return names.resolve(target);
        }
        boolean fromRows = target.name().isEmpty();
        if (fromRows && target.steps() <= 0) {
            throw new RevisionException(
                    Kind.RELATIVE_TOO_FAR,
                    "'" + target.text() + "' does not lead up from what is recorded; an upgrade takes '+1' or more");
        }
        Walk walk = walk(target, fromRows ? topology.rows(rows) : new BitSet());
        if (walk.at() == Walk.BASE || walk.steps() < Math.abs(target.steps())) {
            throw new RevisionException(
                    fromRows ? Kind.RELATIVE_TOO_FAR : Kind.WALKED_TOO_FAR,
                    "'" + target.text() + "' leaves the history after " + walk.steps() + " of its steps");
        }
        return topology.only(walk.at());
    }

    /** Follows a relative target as far as the history goes. */
    Walk walk(Target target, BitSet rows) {
        if (target.steps() <= 0) {
            return Walk.down(topology, names.resolveNameOnBranch(target), -target.steps());
        }
        boolean named = !target.name().isEmpty();
        int start = named ? names.resolveName(target) : Walk.BASE;
        String branch = target.branch();
        BitSet lineage = branch == null ? null : names.lineage(branch);
        if (!named) {
            start = theOnly(target, lineage == null ? rows : startsOn(lineage, rows));
        }
        return Walk.up(topology, start, target.steps(), lineage);
    }

    /** The rows on a branch, or else the newest of the branch that is applied only because something depends on it. */
    private BitSet startsOn(BitSet lineage, BitSet rows) {
        BitSet starts = (BitSet) rows.clone();
        starts.and(lineage);
        if (!starts.isEmpty()) {
            return starts;
        }
        BitSet applied = topology.ancestors(rows);
        applied.and(lineage);
        return topology.tips(applied, topology.normalized);
    }

    private int theOnly(Target target, BitSet starts) {
        if (starts.cardinality() > 1) {
            List<RevisionId> ids = topology.ids(starts);
            throw new RevisionException(
                    Kind.AMBIGUOUS_UPGRADE,
                    ids,
                    "'" + target.text() + "' counts from one recorded revision, but there are several: "
                            + Topology.quoted(ids) + "; write 'branch@+" + target.steps()
                            + "' or the revision to reach");
        }
        return starts.isEmpty() ? Walk.BASE : starts.nextSetBit(0);
    }

    void refuseOverlap(BitSet goal) {
        List<RevisionId> overlap = topology.overlap(goal);
        if (!overlap.isEmpty()) {
            throw new RevisionException(
                    Kind.OVERLAPPING_TARGETS,
                    overlap,
                    "requested revision '" + overlap.get(0) + "' already includes requested revision '" + overlap.get(1)
                            + "'; name only the first");
        }
    }
}
