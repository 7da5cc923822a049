package org.keops.automigrate.graph;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.keops.automigrate.model.Revision;

/** The graph as sets of strings, written from the row rule alone and without a thought of speed: the tests' second opinion. */
final class NaiveGraph {
    private final Map<String, Set<String>> older = new HashMap<>();
    private final Map<String, Set<String>> closures = new HashMap<>();

    NaiveGraph(List<Revision> revisions) {
        Map<String, String> names = new HashMap<>();
        for (Revision revision : revisions) {
            names.put(revision.id().value(), revision.id().value());
            revision.branchLabels()
                    .forEach(label -> names.put(label, revision.id().value()));
        }
        for (Revision revision : revisions) {
            Set<String> parents = new TreeSet<>();
            revision.downRevisions().forEach(parent -> parents.add(parent.value()));
            revision.dependsOn().forEach(name -> parents.add(names.getOrDefault(name, name)));
            older.put(revision.id().value(), parents);
        }
    }

    Set<String> olderThan(String revision) {
        return older.getOrDefault(revision, Set.of());
    }

    /** A revision and all its ancestors. */
    Set<String> ancestors(String revision) {
        Set<String> known = closures.get(revision);
        if (known != null) {
            return known;
        }
        Set<String> all = new TreeSet<>(Set.of(revision));
        olderThan(revision).forEach(parent -> all.addAll(ancestors(parent)));
        closures.put(revision, all);
        return all;
    }

    Set<String> applied(Collection<String> rows) {
        Set<String> all = new TreeSet<>();
        rows.forEach(row -> all.addAll(ancestors(row)));
        return all;
    }

    /** The applied revisions that are not an ancestor of another applied revision. */
    Set<String> rows(Collection<String> applied) {
        Set<String> rows = new TreeSet<>(applied);
        for (String revision : applied) {
            Set<String> below = new TreeSet<>(ancestors(revision));
            below.remove(revision);
            rows.removeAll(below);
        }
        return rows;
    }

    boolean overlap(Collection<String> revisions) {
        return !rows(revisions).equals(new TreeSet<>(revisions));
    }
}
