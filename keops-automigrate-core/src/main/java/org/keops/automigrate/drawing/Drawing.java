package org.keops.automigrate.drawing;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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

    /** What a revision depends on, as far as it is drawn: ids and labels, in written order. */
    List<RevisionId> dependencies(ListedRevision revision) {
        Map<String, RevisionId> names = new LinkedHashMap<>();
        for (ListedRevision one : revisions) {
            names.put(one.id().value(), one.id());
            one.revision().branchLabels().forEach(label -> names.put(label, one.id()));
        }
        return revision.revision().dependsOn().stream()
                .map(names::get)
                .filter(Drawing::isThere)
                .toList();
    }

    private static boolean isThere(@Nullable RevisionId id) {
        return id != null;
    }

    /** The words in brackets behind an id: branch labels begun here, head, current. */
    static String marks(ListedRevision revision, boolean current) {
        List<String> labels = revision.revision().branchLabels();
        return (labels.isEmpty() ? "" : " (" + String.join(", ", labels) + ")")
                + (revision.head() ? " (head)" : "")
                + (current ? " (current)" : "");
    }
}
