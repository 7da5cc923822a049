package org.keops.automigrate.cli;

import java.io.StringWriter;
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
import picocli.CommandLine.Option;
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
            Outcome obstacle = obstacle(current.state());
            if (obstacle == null && !current.unknown().isEmpty()) {
                obstacle = new Outcome.Ahead(current.unknown(), false);
            }
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

    /** {@code check}. */
    @Command(
            name = "check",
            description = "Read every script to its end; with --heads also ask whether a database is current.")
    static final class Check extends DatabaseVerb {
        @Option(names = "--heads", description = "Whether the database is at the heads.")
        private boolean heads;

        Check(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() {
            Migrator migrator = migrator().check();
            if (!heads) {
                return say(ExitCode.OK, "the scripts are sound");
            }
            CurrentRevisions current = migrator.current(dataSource());
            Outcome obstacle = obstacle(current.state());
            if (obstacle == null && !current.unknown().isEmpty()) {
                obstacle = new Outcome.Ahead(current.unknown(), false);
            }
            if (obstacle != null) {
                return answer(obstacle);
            }
            String rows = current.rows().isEmpty() ? "no version" : String.join(", ", Fields.ids(current.rows()));
            return current.atHeads()
                    ? say(ExitCode.OK, "the scripts are sound, the database is at the heads: " + rows)
                    : say(ExitCode.NO, "the scripts are sound, the database is not at the heads: it records " + rows);
        }

        private int say(int code, String line) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("exitCode", code);
            fields.put("message", line);
            print(line, fields);
            return code;
        }
    }

    /** {@code sql}. */
    @Command(
            name = "sql",
            description = "Write the script for psql that would bring a database from one revision to another.")
    static final class Sql extends Verb {
        @Parameters(
                paramLabel = "FROM:TO",
                arity = "1..2",
                description = "FROM:TO, or FROM TO, or TO alone, which starts from base.")
        private List<String> ends = new ArrayList<>();

        Sql(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() throws java.io.IOException {
            String from = "base";
            String to = ends.get(ends.size() - 1);
            if (ends.size() == 2) {
                from = ends.get(0);
            } else if (to.indexOf(':') >= 0) {
                from = to.substring(0, to.indexOf(':'));
                to = to.substring(to.indexOf(':') + 1);
            }
            if (from.isEmpty() || to.isEmpty()) {
                throw new UsageException("'" + ends.get(0) + "' leaves one end open; write FROM:TO");
            }
            if (json) {
                StringWriter script = new StringWriter();
                migrator().sql(from, to, script);
                Map<String, @Nullable Object> fields = new LinkedHashMap<>();
                fields.put("exitCode", ExitCode.OK);
                fields.put("sql", script.toString());
                print(List.of(), fields);
            } else {
                migrator().sql(from, to, terminal.out());
                terminal.out().flush();
            }
            return ExitCode.OK;
        }
    }
}
