package org.keops.automigrate.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.CurrentRevisions;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Questions about the scripts and about a database. Nothing is changed. */
final class QuestionVerb {

    private QuestionVerb() {}

    /** {@code current}. */
    @Command(name = "current", description = "Say where the database is.")
    static final class Current extends DatabaseVerb {
        Current(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() {
            CurrentRevisions current = migrator().current(dataSource());
            Outcome obstacle = obstacle(current);
            if (obstacle != null) {
                return answer(obstacle);
            }
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("exitCode", ExitCode.OK);
            fields.put("rows", Fields.ids(current.rows()));
            fields.put("atHeads", current.atHeads());
            fields.put("revisions", current.revisions().stream().map(Fields::of).toList());
            print(current.revisions().stream().map(ListedRevision::shortLine).toList(), fields);
            return ExitCode.OK;
        }
    }

    /** {@code heads}. */
    @Command(name = "heads", description = "List the revisions that no other revises.")
    static final class Heads extends Verb {
        Heads(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() {
            List<ListedRevision> heads = migrator().heads();
            return answer(heads, heads.stream().map(ListedRevision::shortLine).toList());
        }
    }

    /** {@code branches}. */
    @Command(name = "branches", description = "List the revisions that several others revise.")
    static final class Branches extends Verb {
        Branches(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() {
            Migrator migrator = migrator();
            Map<RevisionId, ListedRevision> all =
                    migrator.history(":").stream().collect(Collectors.toMap(ListedRevision::id, one -> one));
            List<String> lines = new ArrayList<>();
            for (ListedRevision point : migrator.branches()) {
                lines.add(withMessage(point));
                for (RevisionId child : point.revisedBy()) {
                    ListedRevision next = all.get(child);
                    if (next != null) {
                        lines.add(" ".repeat(point.id().value().length()) + " -> " + withMessage(next));
                    }
                }
            }
            return answer(migrator.branches(), lines);
        }

        private static String withMessage(ListedRevision listed) {
            return listed.shortLine() + (listed.branchPoint() ? " (branchpoint)" : "")
                    + (listed.mergePoint() ? " (mergepoint)" : "") + ", "
                    + listed.revision().message();
        }
    }

    /** {@code show}. */
    @Command(name = "show", description = "Say all about a revision.")
    static final class Show extends Verb {
        @Parameters(paramLabel = "TARGET", description = "An id, its beginning, a label, head, heads, …")
        @SuppressWarnings("NullAway.Init") // picocli demands it
        private String target;

        Show(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() {
            List<ListedRevision> found = migrator().show(target);
            List<String> lines = new ArrayList<>();
            found.forEach(one -> lines.addAll(describe(one)));
            return answer(found, lines);
        }
    }

    /** The lines of {@code alembic show}. */
    static List<String> describe(ListedRevision listed) {
        Revision revision = listed.revision();
        List<String> lines = new ArrayList<>();
        lines.add("Rev: " + revision.id() + (listed.head() ? " (head)" : "")
                + (listed.branchPoint() ? " (branchpoint)" : "") + (listed.mergePoint() ? " (mergepoint)" : ""));
        String parents = revision.downRevisions().isEmpty() ? "<base>" : joined(revision.downRevisions());
        lines.add((listed.mergePoint() ? "Merges: " : "Parent: ") + parents);
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
        lines.add("    " + revision.message());
        lines.add("");
        return lines;
    }

    private static String joined(List<RevisionId> ids) {
        return ids.stream().map(RevisionId::value).collect(Collectors.joining(", "));
    }
}
