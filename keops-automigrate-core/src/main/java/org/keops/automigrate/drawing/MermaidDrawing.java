package org.keops.automigrate.drawing;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.RevisionId;

/** Draws as a Mermaid flowchart; revisions get short names of their own, because an id may be any text. Stateless. */
final class MermaidDrawing {

    private MermaidDrawing() {}

    static String of(Drawing drawing) {
        StringBuilder text = new StringBuilder("flowchart BT\n");
        Map<RevisionId, String> names = new HashMap<>();
        for (ListedRevision revision : drawing.revisions()) {
            String name = "r" + names.size();
            names.put(revision.id(), name);
            boolean current = drawing.isCurrent(revision);
            String message = revision.revision().message();
            text.append("    ")
                    .append(name)
                    .append("[\"")
                    .append(escaped(revision.id().value()));
            text.append(escaped(Drawing.marks(revision, current)));
            text.append(message.isEmpty() ? "" : "<br/>" + escaped(message)).append("\"]");
            text.append(current ? ":::current" : revision.head() ? ":::head" : "")
                    .append('\n');
        }
        Map<RevisionId, List<RevisionId>> dependencies = drawing.dependencies();
        for (ListedRevision revision : drawing.revisions()) {
            arrows(text, names, revision, revision.revision().downRevisions(), " --> ");
            arrows(text, names, revision, dependencies.getOrDefault(revision.id(), List.of()), " -.-> ");
        }
        return text.append("    classDef head stroke-width:3px\n")
                .append("    classDef current fill:#bfe3c0,stroke:#2c7a2f,stroke-width:3px,color:#10300f\n")
                .toString();
    }

    private static void arrows(
            StringBuilder text, Map<RevisionId, String> names, ListedRevision to, List<RevisionId> from, String arrow) {
        for (RevisionId one : from) {
            String name = names.get(one);
            if (name != null) {
                text.append("    ")
                        .append(name)
                        .append(arrow)
                        .append(names.get(to.id()))
                        .append('\n');
            }
        }
    }

    private static String escaped(String text) {
        return text.replace("#", "#35;")
                .replace("&", "#amp;")
                .replace("\"", "#quot;")
                .replace("<", "#lt;")
                .replace(">", "#gt;")
                .replace('\n', ' ');
    }
}
