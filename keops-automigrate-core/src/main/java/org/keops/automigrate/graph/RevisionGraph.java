package org.keops.automigrate.graph;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.UnsoundScriptsException;

/**
 * The history that the scripts describe, and all arithmetic on it: which steps lead from the recorded rows to a target, and
 * which rows they leave. Speaks Alembic's language; where it differs on purpose is listed in
 * {@code docs/alembic-compatibility.md}.
 *
 * <p>In every method <em>rows</em> are the revisions recorded in the version table, in any order, and a <em>target</em> is
 * Alembic's: an id, a prefix of one, a branch label, {@code head}, {@code heads}, {@code base}, each also as
 * {@code branch@…}, and the relative {@code +1}, {@code -1}, {@code branch@+1}, {@code ae10+2}.
 *
 * <p>Immutable and thread-safe. Nothing here reads a file or a database.
 */
public final class RevisionGraph {
    private final Topology topology;
    private final Names names;

    private RevisionGraph(Topology topology) {
        this.topology = topology;
        this.names = new Names(topology);
    }

    /**
     * Builds the graph, in time linear in the number of scripts.
     *
     * @param inFileOrder the scripts, sorted by file name as Alembic does; this order decides ties
     * @return a sound graph: unique names, no loose ends, no cycle
     * @throws UnsoundScriptsException with all problems: ids or labels used twice, references to what does not exist,
     *     revisions that refer to themselves, cycles over {@code down_revision} and {@code depends_on}
     */
    public static RevisionGraph of(List<Revision> inFileOrder) {
        return new RevisionGraph(GraphBuilder.build(inFileOrder));
    }

    /**
     * All scripts.
     *
     * @return the revisions in file order
     */
    public List<Revision> revisions() {
        return topology.asList();
    }

    /**
     * Looks up a revision by its exact id.
     *
     * @param id an id, not a prefix and not a label
     * @return the revision, or empty if no script has this id
     */
    public Optional<Revision> find(RevisionId id) {
        return Optional.ofNullable(topology.find(id));
    }

    /**
     * The revisions that no other revises: {@code alembic heads}, and what {@code head} means.
     *
     * @return ids in file order
     */
    public List<RevisionId> heads() {
        return topology.ids(names.heads());
    }

    /**
     * The heads on which nothing depends: what {@code heads} means, and the rows once everything has been applied.
     *
     * @return ids in file order
     */
    public List<RevisionId> effectiveHeads() {
        return topology.ids(names.effectiveHeads());
    }

    /**
     * The revisions that revise no other.
     *
     * @return ids in file order
     */
    public List<RevisionId> bases() {
        return topology.ids(topology.without(topology.down));
    }

    /**
     * The bases that depend on nothing.
     *
     * @return ids in file order
     */
    public List<RevisionId> effectiveBases() {
        return topology.ids(topology.without(topology.all));
    }

    /**
     * The revisions that several others revise.
     *
     * @return ids in file order
     */
    public List<RevisionId> branchPoints() {
        return idsWithSeveral(topology.children);
    }

    /**
     * The revisions that revise several others.
     *
     * @return ids in file order
     */
    public List<RevisionId> mergePoints() {
        return idsWithSeveral(topology.down);
    }

    private List<RevisionId> idsWithSeveral(int[][] edges) {
        BitSet found = new BitSet(edges.length);
        for (int i = 0; i < edges.length; i++) {
            found.set(i, edges[i].length > 1);
        }
        return topology.ids(found);
    }

    /**
     * The branch labels that each revision carries, inherited ones included. They are for display and for
     * {@code branch@-N}; whether a revision belongs to a branch is a question of {@link #lineage}.
     *
     * @return for each revision in file order its labels in alphabetical order, mostly none
     */
    public Map<RevisionId, Set<String>> branchLabels() {
        Set<String>[] labels = Labels.of(topology);
        Map<RevisionId, Set<String>> byId = new LinkedHashMap<>();
        for (int i = 0; i < labels.length; i++) {
            byId.put(topology.id(i), Collections.unmodifiableSet(labels[i]));
        }
        return Collections.unmodifiableMap(byId);
    }

    /**
     * What a revision depends on, labels resolved.
     *
     * @param id the exact id of a revision of this graph
     * @return ids in written order
     * @throws RevisionException if the graph has no such revision
     */
    public List<RevisionId> dependencies(RevisionId id) {
        return idsOf(topology.dependencies[index(id)]);
    }

    /**
     * What a revision directly stands on: the revisions that it revises, then the dependencies that none of its ancestors
     * has listed already.
     *
     * @param id the exact id of a revision of this graph
     * @return ids in written order
     * @throws RevisionException if the graph has no such revision
     */
    public List<RevisionId> normalizedDown(RevisionId id) {
        return idsOf(topology.normalized[index(id)]);
    }

    private List<RevisionId> idsOf(int[] revisions) {
        List<RevisionId> ids = new ArrayList<>(revisions.length);
        for (int revision : revisions) {
            ids.add(topology.id(revision));
        }
        return Collections.unmodifiableList(ids);
    }

    /**
     * A revision and everything that it needs, through {@code down_revision} and {@code depends_on}.
     *
     * @param id the exact id of a revision of this graph
     * @return the revisions, in the order of their ids
     * @throws RevisionException if the graph has no such revision
     */
    public Set<RevisionId> ancestors(RevisionId id) {
        return topology.sortedIds(topology.ancestors(topology.only(index(id))));
    }

    /**
     * A revision and everything that needs it, through {@code down_revision} and {@code depends_on}.
     *
     * @param id the exact id of a revision of this graph
     * @return the revisions, in the order of their ids
     * @throws RevisionException if the graph has no such revision
     */
    public Set<RevisionId> descendants(RevisionId id) {
        return topology.sortedIds(topology.descendants(topology.only(index(id))));
    }

    /**
     * The branch of a revision: its ancestors and descendants by {@code down_revision} only.
     *
     * @param id the exact id of a revision of this graph
     * @return the revisions, in the order of their ids
     * @throws RevisionException if the graph has no such revision
     */
    public Set<RevisionId> lineage(RevisionId id) {
        return topology.sortedIds(topology.lineage(topology.only(index(id))));
    }

    private int index(RevisionId id) {
        return topology.rows(List.of(id)).nextSetBit(0);
    }

    /**
     * Everything that recorded rows stand for.
     *
     * @param rows the recorded revisions
     * @return the applied revisions, in the order of their ids
     * @throws RevisionException if a row is unknown
     */
    public Set<RevisionId> applied(Collection<RevisionId> rows) {
        return topology.sortedIds(topology.ancestors(topology.rows(rows)));
    }

    /**
     * The row rule: of a set of applied revisions, those on which no other of them stands.
     *
     * @param applied applied revisions; their ancestors count as applied
     * @return the rows, in the order of their ids
     * @throws RevisionException if a revision is unknown
     */
    public Set<RevisionId> rowsOf(Collection<RevisionId> applied) {
        BitSet all = topology.ancestors(topology.rows(applied));
        return topology.sortedIds(topology.tips(all, topology.all));
    }

    /**
     * Whether nothing is left to upgrade. Alembic's {@code current --check-heads} compares with {@link #heads} instead and so
     * can never succeed where one head depends on another.
     *
     * @param rows the recorded revisions
     * @return true if the rows are exactly the effective heads; false also if a row is unknown
     */
    public boolean isAtHeads(Collection<RevisionId> rows) {
        BitSet heads = names.effectiveHeads();
        BitSet found = new BitSet(topology.size());
        for (RevisionId row : rows) {
            int index = topology.indexOf(row);
            if (index < 0 || !heads.get(index)) {
                return false;
            }
            found.set(index);
        }
        return found.equals(heads);
    }

    /**
     * What {@code alembic current} shows: the newest applied revision of each branch, also of one that has no row of its own
     * because another depends on it.
     *
     * @param rows the recorded revisions
     * @return ids in file order
     * @throws RevisionException if a row is unknown
     */
    public List<RevisionId> current(Collection<RevisionId> rows) {
        return topology.ids(topology.tips(topology.ancestors(topology.rows(rows)), topology.down));
    }

    /**
     * What a target means by itself, without rows. Of the relative ones only {@code -N} and {@code branch@-N} have a
     * meaning here: counted from the heads.
     *
     * @param target a target
     * @return the revisions, in the order of their ids; empty for {@code base}
     * @throws RevisionException if the target means nothing or not one thing
     */
    public Set<RevisionId> resolve(String target) {
        return topology.sortedIds(resolution().resolve(Target.parse(target)));
    }

    /**
     * The steps of an upgrade: the target and all it needs, less what is applied. Never goes down.
     *
     * @param rows the recorded revisions
     * @param target where to go; relative ones count from the rows
     * @return the steps in the order in which Alembic runs them; empty if all is applied
     * @throws RevisionException if the target does not fit, a row is unknown or one row is an ancestor of another
     */
    public List<Step> upgrade(Collection<RevisionId> rows, String target) {
        return new Upgrade(topology, names).steps(rows, target);
    }

    /**
     * The steps of a downgrade: whatever stands on the target, in other branches too.
     *
     * @param rows the recorded revisions
     * @param target the revision to keep, or {@code base}; relative ones count from the rows
     * @return the steps in the order in which Alembic runs them; empty if the target is a row
     * @throws RevisionException if the target does not fit, a row is unknown or one row is an ancestor of another
     */
    public List<Step> downgrade(Collection<RevisionId> rows, String target) {
        return new Downgrade(topology, names).steps(rows, target);
    }

    /**
     * Records revisions without running anything: each target replaces the rows on its line.
     *
     * @param rows the recorded revisions
     * @param targets what to record; {@code base} alone, or no target at all, takes rows away
     * @return one step, without a change if all is recorded already
     * @throws RevisionException if a target does not fit, one target implies another, or a row is unknown
     */
    public Step.Stamp stamp(Collection<RevisionId> rows, List<String> targets) {
        return stamp().step(rows, targets);
    }

    /**
     * Like {@link #stamp}, but first takes all rows away unread: the way out of a row that no script has.
     *
     * @param targets what to record; {@code base} alone, or no target at all, records nothing
     * @return one step whose first change is a {@code DeleteAll}
     * @throws RevisionException if a target does not fit or one target implies another
     */
    public Step.Stamp stampPurged(List<String> targets) {
        return stamp().purged(targets);
    }

    /**
     * The revisions of a range, for reading.
     *
     * @param range {@code from:to}, {@code from:}, {@code :to} or {@code :}, both ends included; {@code current} stands for
     *     the rows
     * @param rows the recorded revisions; only looked at for {@code current}
     * @return the revisions, newest first
     * @throws RevisionException if the range is not one, or a row is unknown
     */
    public List<Revision> history(String range, Collection<RevisionId> rows) {
        Upgrade upgrade = new Upgrade(topology, names);
        int[] found = new History(topology, names, resolution(), upgrade).newestFirst(range, rows);
        List<Revision> revisions = new ArrayList<>(found.length);
        for (int revision : found) {
            revisions.add(topology.revisions[revision]);
        }
        return Collections.unmodifiableList(revisions);
    }

    // each is made when it is asked for: most boots ask for none

    private Resolution resolution() {
        return new Resolution(topology, names);
    }

    private Stamp stamp() {
        return new Stamp(topology, names, resolution());
    }
}
