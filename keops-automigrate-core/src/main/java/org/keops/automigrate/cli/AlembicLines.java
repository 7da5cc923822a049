package org.keops.automigrate.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;

/** The lines that Alembic's commands print of a revision (alembic/script/base.py, {@code cmd_format}). Stateless. */
final class AlembicLines {

    private AlembicLines() {}

    /** Of {@code current}: it names no branches. */
    static String current(ListedRevision listed) {
        return listed.id() + head(listed) + points(listed);
    }

    /** Of {@code branches}. */
    static String branch(ListedRevision listed) {
        return listed.shortLine() + points(listed);
    }

    /** Of {@code branches -v}. */
    static String branchWithMessage(ListedRevision listed) {
        return branch(listed) + ", " + listed.revision().message();
    }

    /** Of {@code history}. */
    static String history(ListedRevision listed, boolean current) {
        Revision revision = listed.revision();
        String depends = revision.dependsOn().isEmpty() ? "" : " (" + String.join(", ", revision.dependsOn()) + ")";
        return parents(revision) + depends + " -> " + listed.shortLine() + (current ? " (current)" : "")
                + points(listed) + ", " + revision.message();
    }

    /** Of {@code show}, and of others with {@code -v}; an empty line is the last. */
    static List<String> entry(ListedRevision listed, List<String> document, boolean current) {
        Revision revision = listed.revision();
        List<String> lines = new ArrayList<>();
        lines.add("Rev: " + revision.id() + (listed.head() ? " (head)" : "") + points(listed)
                + (current ? " (current)" : ""));
        lines.add((listed.mergePoint() ? "Merges: " : "Parent: ") + parents(revision));
        if (!revision.dependsOn().isEmpty()) {
            lines.add("Also depends on: " + String.join(", ", revision.dependsOn()));
        }
        if (listed.branchPoint()) {
            lines.add("Branches into: " + joined(listed.revisedBy()));
        }
        if (!listed.branchLabels().isEmpty()) {
            lines.add("Branch names: " + String.join(", ", listed.branchLabels()));
        }
        lines.add("Path: " + revision.script().file());
        lines.add("");
        document.forEach(line -> lines.add("    " + line));
        lines.add("");
        return lines;
    }

    private static String head(ListedRevision listed) {
        return listed.head() ? listed.dependedOn() ? " (effective head)" : " (head)" : "";
    }

    private static String points(ListedRevision listed) {
        return (listed.branchPoint() ? " (branchpoint)" : "") + (listed.mergePoint() ? " (mergepoint)" : "");
    }

    private static String parents(Revision revision) {
        return revision.downRevisions().isEmpty() ? "<base>" : joined(revision.downRevisions());
    }

    private static String joined(List<RevisionId> ids) {
        return ids.stream().map(RevisionId::value).collect(Collectors.joining(", "));
    }
}
