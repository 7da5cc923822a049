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
 * What a downgrade takes back (alembic/script/revision.py, {@code _parse_downgrade_target} and
 * {@code _collect_downgrade_revisions}), except that a branch is always looked at. Immutable and thread-safe.
 */
final class Downgrade {
    private final Topology topology;
    private final Names names;

    Downgrade(Topology topology, Names names) {
        this.topology = topology;
        this.names = names;
    }

    /**
     * Where a downgrade leads.
     *
     * @param at the revision to stay, or {@link Walk#BASE}
     * @param branch which way up from there is to go; empty for every way
     */
    private record Goal(int at, BitSet branch) {}

    List<Step> steps(Collection<RevisionId> rows, String text) {
        Target target = Target.parse(text);
        Goal goal = target.relative() ? relative(target, rows) : absolute(target);
        BitSet current = topology.soundRows(rows);
        BitSet applied = topology.ancestors(current);
        BitSet dropped = topology.descendants(roots(target, goal));
        dropped.and(applied);
        if (dropped.isEmpty()) {
            refuseUnlessThere(target, goal.at(), current);
            return List.of();
        }
        VersionRows version = new VersionRows(topology, applied);
        int[] newestFirst = StepOrder.newestFirst(topology, dropped, current);
        List<Step> steps = new ArrayList<>(newestFirst.length);
        for (int revision : newestFirst) {
            steps.add(version.downgrade(revision));
        }
        return Collections.unmodifiableList(steps);
    }

    private Goal absolute(Target target) {
        return new Goal(names.resolveOne(target), branch(target));
    }

    private BitSet branch(Target target) {
        String branch = target.branch();
        return branch == null ? new BitSet() : names.branch(branch);
    }

    private Goal relative(Target target, Collection<RevisionId> rows) {
        if (!target.name().isEmpty()) {
            return new Goal(fromName(target), branch(target));
        }
        if (!target.leadsDown()) {
            throw new RevisionException(
                    Kind.RELATIVE_TOO_FAR,
                    "'" + target.text() + "' does not lead down from what is recorded; a downgrade takes '-1' or less");
        }
        int start = fromRows(target, topology.rows(rows));
        Walk walk = Walk.down(topology, start, -target.steps());
        if (walk.steps() < -target.steps()) {
            throw tooFar(Kind.RELATIVE_TOO_FAR, target, walk);
        }
        return new Goal(walk.at(), target.branch() == null ? topology.only(start) : branch(target));
    }

    private int fromName(Target target) {
        String branch = target.branch();
        Walk walk = target.leadsDown()
                ? Walk.down(topology, names.resolveNameOnBranch(target), -target.steps())
                : Walk.up(
                        topology,
                        names.resolveName(target),
                        target.steps(),
                        branch == null ? null : names.lineage(branch));
        boolean baseInDisguise = target.steps() == 0 && walk.at() == Walk.BASE;
        if (walk.steps() < Math.abs(target.steps()) || baseInDisguise) {
            throw tooFar(Kind.WALKED_TOO_FAR, target, walk);
        }
        return walk.at();
    }

    /** The one recorded revision to count from; Alembic takes the first that the database happens to return. */
    private int fromRows(Target target, BitSet rows) {
        String branch = target.branch();
        BitSet starts = branch == null ? rows : startsOn(names.lineage(branch), rows);
        if (starts.isEmpty()) {
            throw new RevisionException(
                    Kind.RELATIVE_TOO_FAR,
                    "'" + target.text() + "' counts from a recorded revision, but there is none"
                            + (branch == null ? "" : " on branch '" + branch + "'"));
        }
        if (starts.cardinality() > 1) {
            List<RevisionId> ids = topology.ids(starts);
            throw new RevisionException(
                    Kind.AMBIGUOUS_DOWNGRADE,
                    ids,
                    "'" + target.text() + "' counts from one recorded revision, but there are several: "
                            + Topology.quoted(ids) + "; write '" + ids.get(0) + "@" + target.steps()
                            + "' or the revision to go back to");
        }
        return starts.nextSetBit(0);
    }

    private BitSet startsOn(BitSet lineage, BitSet rows) {
        BitSet starts = (BitSet) rows.clone();
        starts.and(lineage);
        if (starts.isEmpty()) {
            starts = topology.tips(topology.ancestors(rows), topology.down);
            starts.and(lineage);
        }
        return starts;
    }

    /** What is to go first: all direct children of the goal, or those on the way to the branch where there are several. */
    private BitSet roots(Target target, Goal goal) {
        BitSet roots = new BitSet(topology.size());
        if (goal.at() == Walk.BASE) {
            roots.or(topology.without(topology.down));
        } else {
            for (int child : topology.children[goal.at()]) {
                roots.set(child);
            }
        }
        if (roots.cardinality() > 1 && !goal.branch().isEmpty()) {
            roots.and(topology.closure(topology.down, goal.branch()));
            if (roots.isEmpty()) {
                throw new RevisionException(
                        Kind.NOT_A_DOWNGRADE_TARGET,
                        topology.ids(goal.branch()),
                        "'" + target.text() + "' is not a downgrade target: its branch does not lead up from there");
            }
        }
        return roots;
    }

    private void refuseUnlessThere(Target target, int at, BitSet current) {
        if (at != Walk.BASE && !current.get(at)) {
            List<RevisionId> ids = topology.ids(current);
            throw new RevisionException(
                    Kind.NOT_A_DOWNGRADE_TARGET,
                    List.of(topology.id(at)),
                    "destination '" + target.text() + "' is not a downgrade target: nothing recorded ("
                            + (ids.isEmpty() ? "no revision" : Topology.quoted(ids)) + ") stands on it");
        }
    }

    private static RevisionException tooFar(Kind kind, Target target, Walk walk) {
        return new RevisionException(
                kind, "'" + target.text() + "' leaves the history after " + walk.steps() + " of its steps");
    }
}
