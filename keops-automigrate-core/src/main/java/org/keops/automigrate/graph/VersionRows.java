package org.keops.automigrate.graph;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.VersionChange;

/**
 * What steps do to the rows of the version table (alembic/runtime/migration.py, {@code HeadMaintainer} and
 * {@code RevisionStep}).
 *
 * <p>The one rule: the rows are those applied revisions on which no other applied revision stands, through
 * {@code down_revision} or {@code depends_on}. So it is enough to count, for each revision, the applied ones directly on it.
 * Not thread-safe; confined to one call.
 */
final class VersionRows {
    private final Topology topology;
    private final int[] standingOn;
    private final TreeSet<RevisionId> rows = new TreeSet<>();

    VersionRows(Topology topology, BitSet applied) {
        this.topology = topology;
        this.standingOn = new int[topology.size()];
        for (int i = applied.nextSetBit(0); i >= 0; i = applied.nextSetBit(i + 1)) {
            for (int dependant : topology.dependants[i]) {
                if (applied.get(dependant)) {
                    standingOn[i]++;
                }
            }
            if (standingOn[i] == 0) {
                rows.add(topology.id(i));
            }
        }
    }

    /** Applies a revision whose parents and dependencies are applied. */
    Step.Upgrade upgrade(int revision) {
        List<RevisionId> covered = new ArrayList<>();
        for (int parent : topology.normalized[revision]) {
            if (standingOn[parent] == 0) {
                covered.add(topology.id(parent));
            }
        }
        count(revision, 1);
        RevisionId id = topology.id(revision);
        List<VersionChange> changes = replace(covered, id);
        for (RevisionId older : covered) {
            rows.remove(older);
        }
        rows.add(id);
        return new Step.Upgrade(topology.revisions[revision], changes, snapshot());
    }

    /** Takes back a revision on which no applied one stands. */
    Step.Downgrade downgrade(int revision) {
        count(revision, -1);
        List<RevisionId> freed = new ArrayList<>();
        for (int parent : topology.normalized[revision]) {
            if (standingOn[parent] == 0) {
                freed.add(topology.id(parent));
            }
        }
        RevisionId id = topology.id(revision);
        List<VersionChange> changes = spread(id, freed);
        rows.remove(id);
        rows.addAll(freed);
        return new Step.Downgrade(topology.revisions[revision], changes, snapshot());
    }

    private void count(int revision, int change) {
        for (int older : topology.all[revision]) {
            standingOn[older] += change;
        }
    }

    /** Rows that become one: all but the last go, the last moves. */
    static List<VersionChange> replace(List<RevisionId> old, RevisionId by) {
        if (old.isEmpty()) {
            return List.of(new VersionChange.Insert(by));
        }
        int last = old.size() - 1;
        if (last == 0) {
            return List.of(new VersionChange.Update(old.get(0), by));
        }
        List<VersionChange> changes = new ArrayList<>();
        for (RevisionId gone : old.subList(0, last)) {
            changes.add(new VersionChange.Delete(gone));
        }
        changes.add(new VersionChange.Update(old.get(last), by));
        return Collections.unmodifiableList(changes);
    }

    /** One row that becomes several: all but the last are new, the row moves to the last. */
    private static List<VersionChange> spread(RevisionId old, List<RevisionId> into) {
        if (into.isEmpty()) {
            return List.of(new VersionChange.Delete(old));
        }
        List<VersionChange> changes = new ArrayList<>();
        int last = into.size() - 1;
        for (RevisionId added : into.subList(0, last)) {
            changes.add(new VersionChange.Insert(added));
        }
        changes.add(new VersionChange.Update(old, into.get(last)));
        return Collections.unmodifiableList(changes);
    }

    /** Mostly one row: of thousands of steps each has its own. */
    private Set<RevisionId> snapshot() {
        return rows.size() == 1 ? Set.of(rows.first()) : Collections.unmodifiableSortedSet(new TreeSet<>(rows));
    }
}
