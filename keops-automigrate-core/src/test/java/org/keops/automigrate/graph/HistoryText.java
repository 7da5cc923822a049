package org.keops.automigrate.graph;

import java.util.List;
import java.util.Set;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;

/** Writes the whole history as {@code alembic history} does; the recorded texts show labels and kinds of heads. */
final class HistoryText {
    private HistoryText() {}

    static String of(RevisionGraph graph) {
        StringBuilder text = new StringBuilder();
        for (Revision revision : graph.history(":", List.of())) {
            RevisionId id = revision.id();
            String below = String.join(", ", Scripts.strings(revision.downRevisions()));
            text.append(below.isEmpty() ? "<base>" : below);
            mark(text, String.join(", ", Scripts.strings(graph.dependencies(id))));
            text.append(" -> ").append(id);
            mark(text, String.join(", ", graph.branchLabels().getOrDefault(id, Set.of())));
            boolean head = graph.heads().contains(id);
            mark(text, head ? (graph.effectiveHeads().contains(id) ? "head" : "effective head") : "");
            mark(text, graph.branchPoints().contains(id) ? "branchpoint" : "");
            mark(text, graph.mergePoints().contains(id) ? "mergepoint" : "");
            text.append(", ").append(revision.message()).append('\n');
        }
        return text.toString();
    }

    private static void mark(StringBuilder text, String mark) {
        if (!mark.isEmpty()) {
            text.append(" (").append(mark).append(')');
        }
    }
}
