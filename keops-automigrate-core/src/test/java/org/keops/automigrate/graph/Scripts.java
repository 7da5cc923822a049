package org.keops.automigrate.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.TransactionMode;
import org.keops.automigrate.model.VersionChange;

/** Graphs in short form, and short forms of what the graph answers. */
final class Scripts {
    private Scripts() {}

    /**
     * A graph, one revision a line: {@code id}, then {@code < parents}, {@code + dependencies}, {@code # labels}, each
     * separated by commas.
     */
    static RevisionGraph graph(String... lines) {
        return RevisionGraph.of(revisions(lines));
    }

    static List<Revision> revisions(String... lines) {
        List<Revision> revisions = new ArrayList<>();
        for (String line : lines) {
            revisions.add(revision(
                    part(line, ' ').get(0), part(line, '<'), part(line, '+'), part(line, '#'), revisions.size()));
        }
        return revisions;
    }

    private static List<String> part(String line, char mark) {
        String padded = " " + line;
        int start = padded.indexOf(mark);
        if (start < 0) {
            return List.of();
        }
        String rest = padded.substring(start + 1);
        int end = 0;
        while (end < rest.length() && "<+#".indexOf(rest.charAt(end)) < 0) {
            end++;
        }
        return List.of(rest.substring(0, end).trim().split("\\s*,\\s*", -1));
    }

    static Revision revision(String id, List<String> down, List<String> dependsOn, List<String> labels, int number) {
        return new Revision(
                new RevisionId(id),
                ids(down),
                dependsOn,
                labels,
                "doc of " + id,
                TransactionMode.AUTOMATIC,
                Location.of(number + "_" + id + ".sql"));
    }

    static List<RevisionId> ids(Collection<String> ids) {
        return ids.stream().map(RevisionId::new).toList();
    }

    static List<RevisionId> rows(String... ids) {
        return ids(List.of(ids));
    }

    static List<String> strings(Collection<RevisionId> ids) {
        return ids.stream().map(RevisionId::value).toList();
    }

    /** {@code a b c}: the revisions of the steps. */
    static String path(List<Step> steps) {
        return String.join(" ", steps.stream().map(Scripts::revisionOf).toList());
    }

    static String revisionOf(Step step) {
        if (step instanceof Step.Upgrade upgrade) {
            return upgrade.revision().id().value();
        }
        if (step instanceof Step.Downgrade downgrade) {
            return downgrade.revision().id().value();
        }
        throw new IllegalArgumentException("a stamp has no revision");
    }

    /** The rows that are there once all changes of all steps are made, one by one, as a database would make them. */
    static Set<String> rowsAfter(Collection<RevisionId> rows, List<? extends Step> steps) {
        Set<String> now = new TreeSet<>(strings(rows));
        for (Step step : steps) {
            step.versionChanges().forEach(change -> apply(change, now));
        }
        return now;
    }

    private static void apply(VersionChange change, Set<String> rows) {
        if (change instanceof VersionChange.Insert insert) {
            require(rows.add(insert.id().value()), change);
        } else if (change instanceof VersionChange.Update update) {
            require(rows.remove(update.from().value()) && rows.add(update.to().value()), change);
        } else if (change instanceof VersionChange.Delete delete) {
            require(rows.remove(delete.id().value()), change);
        } else {
            rows.clear();
        }
    }

    private static void require(boolean oneRow, VersionChange change) {
        if (!oneRow) {
            throw new AssertionError(change + " does not touch exactly one row");
        }
    }

    /** {@code I x}, {@code U x y}, {@code D x}, {@code PURGE}. */
    static List<String> changes(Step step) {
        return step.versionChanges().stream().map(Scripts::change).toList();
    }

    private static String change(VersionChange change) {
        if (change instanceof VersionChange.Insert insert) {
            return "I " + insert.id();
        }
        if (change instanceof VersionChange.Update update) {
            return "U " + update.from() + " " + update.to();
        }
        return change instanceof VersionChange.Delete delete ? "D " + delete.id() : "PURGE";
    }
}
