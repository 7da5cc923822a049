package org.keops.automigrate.drawing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.keops.automigrate.model.DrawingFormat;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.RevisionId;

/**
 * What is to be drawn.
 *
 * @param revisions newest first, each before those that it revises
 * @param current the recorded revisions, to be marked
 */
public record Drawing(List<ListedRevision> revisions, Set<RevisionId> current) {

    /** Copies its parts. */
    public Drawing {
        revisions = List.copyOf(revisions);
        current = Set.copyOf(current);
    }

    /**
     * Draws.
     *
     * @param format how
     * @return the picture, ended by a line break
     */
    public String write(DrawingFormat format) {
        return switch (format) {
            case TEXT -> TextDrawing.of(this);
            case MERMAID -> MermaidDrawing.of(this);
            case DOT -> DotDrawing.of(this);
            case SVG -> SvgDrawing.of(this);
        };
    }

    boolean isCurrent(ListedRevision revision) {
        return current.contains(revision.id());
    }

    /** What the revisions depend on, as far as it is drawn, in written order; those that depend on nothing are left out. */
    Map<RevisionId, List<RevisionId>> dependencies() {
        Map<String, RevisionId> names = new HashMap<>();
        for (ListedRevision one : revisions) {
            names.put(one.id().value(), one.id());
            one.revision().branchLabels().forEach(label -> names.put(label, one.id()));
        }
        Map<RevisionId, List<RevisionId>> dependencies = new HashMap<>();
        for (ListedRevision one : revisions) {
            List<RevisionId> needed = new ArrayList<>();
            for (String name : one.revision().dependsOn()) {
                RevisionId drawn = names.get(name);
                if (drawn != null) {
                    needed.add(drawn);
                }
            }
            if (!needed.isEmpty()) {
                dependencies.put(one.id(), needed);
            }
        }
        return dependencies;
    }

    /** The words in brackets behind an id: branch labels begun here, head, current. */
    static String marks(ListedRevision revision, boolean current) {
        List<String> labels = revision.revision().branchLabels();
        return (labels.isEmpty() ? "" : " (" + String.join(", ", labels) + ")")
                + (revision.head() ? " (head)" : "")
                + (current ? " (current)" : "");
    }
}
