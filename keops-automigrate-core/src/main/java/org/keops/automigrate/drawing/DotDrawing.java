package org.keops.automigrate.drawing;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.RevisionId;

/** Draws in Graphviz's language. Stateless. */
final class DotDrawing {

    private DotDrawing() {}

    static String of(Drawing drawing) {
        StringBuilder text = new StringBuilder("""
                digraph history {
                    rankdir=BT;
                    node [shape=box, style=rounded, fontname="sans-serif", fontsize=11];
                """);
        Set<RevisionId> drawn = new HashSet<>();
        for (ListedRevision revision : drawing.revisions()) {
            drawn.add(revision.id());
            boolean current = drawing.isCurrent(revision);
            String message = revision.revision().message();
            text.append("    ").append(quoted(revision.id().value())).append(" [label=");
            text.append(quoted(
                    revision.id() + Drawing.marks(revision, current) + (message.isEmpty() ? "" : "\n" + message)));
            text.append(revision.head() ? ", penwidth=2" : "");
            text.append(current ? ", style=\"rounded,filled\", fillcolor=\"#bfe3c0\"" : "")
                    .append("];\n");
        }
        Map<RevisionId, List<RevisionId>> dependencies = drawing.dependencies();
        for (ListedRevision revision : drawing.revisions()) {
            arrows(text, drawn, revision, revision.revision().downRevisions(), "");
            arrows(text, drawn, revision, dependencies.getOrDefault(revision.id(), List.of()), " [style=dashed]");
        }
        return text.append("}\n").toString();
    }

    private static void arrows(
            StringBuilder text, Set<RevisionId> drawn, ListedRevision to, List<RevisionId> from, String style) {
        for (RevisionId one : from) {
            if (drawn.contains(one)) {
                text.append("    ").append(quoted(one.value())).append(" -> ");
                text.append(quoted(to.id().value())).append(style).append(";\n");
            }
        }
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
