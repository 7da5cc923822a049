package org.keops.automigrate.graph;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.VersionChange;

/**
 * What a stamp records (alembic/script/base.py, {@code _stamp_revs}), except that every requested revision is recorded in
 * the end. Immutable and thread-safe.
 */
final class Stamp {
    private final Topology topology;
    private final Names names;
    private final Resolution resolution;

    Stamp(Topology topology, Names names, Resolution resolution) {
        this.topology = topology;
        this.names = names;
        this.resolution = resolution;
    }

    Step.Stamp purged(List<String> targets) {
        Step.Stamp fresh = step(List.of(), targets);
        List<VersionChange> changes = new ArrayList<>();
        changes.add(new VersionChange.DeleteAll());
        changes.addAll(fresh.versionChanges());
        return new Step.Stamp(Collections.unmodifiableList(changes), fresh.rowsAfter());
    }

    Step.Stamp step(Collection<RevisionId> rows, List<String> texts) {
        Set<RevisionId> recorded = new LinkedHashSet<>(rows);
        topology.rows(recorded);
        Set<RevisionId> onLine = new LinkedHashSet<>();
        Set<Integer> wanted = new LinkedHashSet<>();
        List<String> targets = texts.isEmpty() ? List.of("base") : texts;
        for (String text : targets) {
            Target target = Target.parse(text);
            BitSet line = line(target, recorded);
            recorded.stream().filter(row -> line.get(topology.indexOf(row))).forEach(onLine::add);
            wanted.addAll(resolution.inOrder(target));
        }
        refuseOverlap(wanted);
        return wanted.isEmpty() ? toBase(recorded, onLine) : to(wanted, recorded, onLine);
    }

    /** Everything that shares lineage, dependencies included, with what a target names; everything for {@code base}. */
    private BitSet line(Target target, Set<RevisionId> recorded) {
        if (target.relative() && !recorded.isEmpty()) {
            throw new RevisionException(
                    Kind.CANT_LOCATE,
                    "can't locate '" + target.text()
                            + "': a stamp takes a revision, a label, 'head', 'heads' or 'base', nothing relative");
        }
        String branch = target.branch();
        BitSet named = branch == null ? new BitSet() : names.branch(branch);
        named.or(resolution.resolve(target));
        if (named.isEmpty()) {
            named.set(0, topology.size());
        }
        BitSet line = topology.ancestors(named);
        line.or(topology.descendants(named));
        return line;
    }

    private static Step.Stamp toBase(Set<RevisionId> recorded, Set<RevisionId> onLine) {
        Set<RevisionId> left = new TreeSet<>(recorded);
        left.removeAll(onLine);
        List<VersionChange> changes = new ArrayList<>();
        onLine.forEach(row -> changes.add(new VersionChange.Delete(row)));
        return step(changes, left);
    }

    /** Rows of the line make way for the first new revision that is above or below one of them; the others are inserted. */
    private Step.Stamp to(Set<Integer> wanted, Set<RevisionId> recorded, Set<RevisionId> onLine) {
        Set<RevisionId> left = new TreeSet<>(recorded);
        BitSet rows = topology.rows(recorded);
        List<RevisionId> replaceable = new ArrayList<>(onLine);
        replaceable.removeIf(row -> wanted.contains(topology.indexOf(row)));
        List<VersionChange> changes = new ArrayList<>();
        for (int revision : wanted) {
            RevisionId id = topology.id(revision);
            if (!left.add(id)) {
                continue;
            }
            boolean related = isRelated(revision, rows);
            changes.addAll(VersionRows.replace(related ? replaceable : List.of(), id));
            if (related) {
                replaceable.forEach(left::remove);
                replaceable = List.of();
            }
        }
        return step(changes, left);
    }

    private boolean isRelated(int revision, BitSet rows) {
        BitSet start = topology.only(revision);
        return topology.ancestors(start).intersects(rows)
                || topology.descendants(start).intersects(rows);
    }

    private void refuseOverlap(Set<Integer> wanted) {
        BitSet set = new BitSet(topology.size());
        for (int revision : wanted) {
            set.set(revision);
        }
        List<RevisionId> overlap = topology.overlap(set);
        if (!overlap.isEmpty()) {
            throw new RevisionException(
                    Kind.OVERLAPPING_TARGETS,
                    overlap,
                    "'" + overlap.get(0) + "' implies '" + overlap.get(1)
                            + "', so recording both would break the next upgrade; stamp only the first");
        }
    }

    private static Step.Stamp step(List<VersionChange> changes, Set<RevisionId> left) {
        return new Step.Stamp(
                Collections.unmodifiableList(changes), Collections.unmodifiableSortedSet(new TreeSet<>(left)));
    }
}
