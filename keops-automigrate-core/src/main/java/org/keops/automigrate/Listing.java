package org.keops.automigrate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.keops.automigrate.graph.RevisionGraph;
import org.keops.automigrate.model.CurrentRevisions;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;

/** The revisions of a graph as Alembic lists them. Immutable and thread-safe. */
final class Listing {
    private final RevisionGraph graph;
    private final Map<RevisionId, ListedRevision> listed = new LinkedHashMap<>();

    Listing(RevisionGraph graph) {
        this.graph = graph;
        Map<RevisionId, List<RevisionId>> revisedBy = new LinkedHashMap<>();
        Set<RevisionId> dependedOn = new HashSet<>();
        for (Revision revision : graph.revisions()) {
            for (RevisionId down : revision.downRevisions()) {
                revisedBy.computeIfAbsent(down, id -> new ArrayList<>()).add(revision.id());
            }
            dependedOn.addAll(graph.dependencies(revision.id()));
        }
        Map<RevisionId, Set<String>> labels = graph.branchLabels();
        for (Revision revision : graph.revisions()) {
            RevisionId id = revision.id();
            listed.put(
                    id,
                    new ListedRevision(
                            revision,
                            labels.getOrDefault(id, Set.of()),
                            revisedBy.getOrDefault(id, List.of()),
                            dependedOn.contains(id)));
        }
    }

    List<ListedRevision> heads() {
        return of(graph.heads());
    }

    List<ListedRevision> branches() {
        return of(graph.branchPoints());
    }

    List<ListedRevision> history(String range, Collection<RevisionId> rows) {
        return of(graph.history(range, rows).stream().map(Revision::id).toList());
    }

    List<ListedRevision> show(String target) {
        return of(graph.resolve(target));
    }

    CurrentRevisions current(DatabaseState state) {
        Collection<RevisionId> rows = state instanceof DatabaseState.Versioned versioned ? versioned.rows() : List.of();
        List<RevisionId> known =
                rows.stream().filter(row -> graph.find(row).isPresent()).toList();
        List<RevisionId> unknown = new ArrayList<>(rows);
        unknown.removeAll(known);
        return new CurrentRevisions(
                state, of(graph.current(known)), RevisionId.copyOf(unknown), !rows.isEmpty() && graph.isAtHeads(rows));
    }

    private List<ListedRevision> of(Collection<RevisionId> ids) {
        List<ListedRevision> found = new ArrayList<>(ids.size());
        for (RevisionId id : ids) {
            ListedRevision one = listed.get(id);
            if (one != null) {
                found.add(one);
            }
        }
        return List.copyOf(found);
    }
}
