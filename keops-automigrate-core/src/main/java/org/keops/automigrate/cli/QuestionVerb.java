package org.keops.automigrate.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.CurrentRevisions;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.RevisionId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Questions about the scripts and about a database. Nothing is changed. */
final class QuestionVerb {

    private QuestionVerb() {}

    /** {@code current}. */
    @Command(name = "current", description = "Say where the database is.")
    static final class Current extends DatabaseVerb {
        @Mixin
        @SuppressWarnings("NullAway.Init") // picocli makes it
        private VerboseOption verbose;

        Current(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() throws IOException {
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
            print(
                    verbose.isGiven()
                            ? entries(current)
                            : current.revisions().stream()
                                    .map(AlembicLines::current)
                                    .toList(),
                    fields);
            return ExitCode.OK;
        }

        private List<String> entries(CurrentRevisions current) throws IOException {
            List<String> lines = new ArrayList<>();
            lines.add("Current revision(s) for " + connection.place(terminal) + ":");
            lines.addAll(entries(current.revisions(), Set.of()));
            return lines;
        }
    }

    /** {@code heads}. */
    @Command(name = "heads", description = "List the revisions that no other revises.")
    static final class Heads extends Verb {
        @Mixin
        @SuppressWarnings("NullAway.Init") // picocli makes it
        private VerboseOption verbose;

        Heads(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() throws IOException {
            List<ListedRevision> heads = migrator().heads();
            return answer(
                    heads,
                    verbose.isGiven()
                            ? entries(heads, Set.of())
                            : heads.stream().map(ListedRevision::shortLine).toList());
        }
    }

    /** {@code branches}. */
    @Command(name = "branches", description = "List the revisions that several others revise.")
    static final class Branches extends Verb {
        @Mixin
        @SuppressWarnings("NullAway.Init") // picocli makes it
        private VerboseOption verbose;

        Branches(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() throws IOException {
            List<ListedRevision> history = migrator().history(":");
            Map<RevisionId, ListedRevision> all =
                    history.stream().collect(Collectors.toMap(ListedRevision::id, one -> one));
            List<ListedRevision> points =
                    history.stream().filter(ListedRevision::branchPoint).toList();
            List<String> lines = new ArrayList<>();
            for (ListedRevision point : points) {
                lines.addAll(
                        verbose.isGiven() ? entries(List.of(point), Set.of()) : List.of(AlembicLines.branch(point)));
                String indent = " ".repeat(point.id().value().length()) + " -> ";
                for (RevisionId child : point.revisedBy()) {
                    ListedRevision next = Objects.requireNonNull(all.get(child));
                    lines.add(indent
                            + (verbose.isGiven() ? AlembicLines.branchWithMessage(next) : AlembicLines.branch(next)));
                }
                lines.add("");
            }
            return answer(points, lines);
        }
    }

    /** {@code show}. */
    @Command(name = "show", description = "Say all about a revision.")
    static final class Show extends DatabaseVerb {
        @Parameters(
                paramLabel = "TARGET",
                description = "An id, its beginning, a label, head, heads, …; current for what a database records.")
        @SuppressWarnings("NullAway.Init") // picocli demands it
        private String target;

        Show(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() throws IOException {
            Migrator migrator = migrator();
            if (!target.equals("current")) {
                List<ListedRevision> found = migrator.show(target);
                return answer(found, entries(found, Set.of()));
            }
            CurrentRevisions current = migrator.current(dataSource());
            Outcome obstacle = obstacle(current);
            if (obstacle != null) {
                return answer(obstacle);
            }
            List<ListedRevision> recorded = new ArrayList<>();
            current.rows().forEach(row -> recorded.addAll(migrator.show(row.value())));
            return answer(recorded, entries(recorded, Set.of()));
        }
    }
}
