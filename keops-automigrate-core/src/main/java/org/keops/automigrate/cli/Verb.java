package org.keops.automigrate.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Particulars;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.SourceLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What all verbs share: the scripts, and two ways to write an answer. Filled by picocli, for one call. */
abstract class Verb implements Callable<Integer> {
    final Terminal terminal;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli makes it
    ScriptOptions scripts;

    @Option(names = "--json", description = "Write the answer as one line of JSON.")
    boolean json;

    Verb(Terminal terminal) {
        this.terminal = terminal;
    }

    /** For verbs that look at scripts or at the version table only. */
    MigratorBuilder configure() {
        return scripts.configure().leavePermissionsAlone();
    }

    Migrator migrator() {
        return configure().build();
    }

    int answer(BootReport report) {
        int code = ExitCode.of(report);
        List<String> lines = new ArrayList<>(List.of(Names.options(report.toString())));
        if (report.outcome() instanceof Outcome.Failed failed) {
            lines.addAll(excerpt(failed.failure().particulars()));
            failed.problems().stream().skip(1).forEach(problem -> lines.addAll(lines(problem)));
        }
        if (report.outcome() instanceof Outcome.Ahead ahead && ahead.refused()) {
            lines.add("Use the scripts that have " + RevisionId.show(ahead.unknown())
                    + ", or record what the schema is at: stamp --purge TARGET");
        }
        print(lines, Fields.of(report, code));
        return code;
    }

    int answer(Outcome outcome) {
        int code = ExitCode.of(outcome);
        Map<String, @Nullable Object> fields = Fields.of(outcome);
        fields.put("exitCode", code);
        print(Names.options(outcome.describe()), fields);
        return code;
    }

    /** All about some revisions, as Alembic says it with {@code -v}. */
    List<String> entries(List<ListedRevision> revisions, Set<RevisionId> current) throws IOException {
        Documents documents = new Documents(scripts.sources());
        List<String> lines = new ArrayList<>();
        for (ListedRevision listed : revisions) {
            lines.addAll(AlembicLines.entry(listed, documents.of(listed), current.contains(listed.id())));
        }
        return lines;
    }

    int answer(List<ListedRevision> revisions, List<String> lines) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("exitCode", ExitCode.OK);
        fields.put("revisions", revisions.stream().map(Fields::of).toList());
        print(lines, fields);
        return ExitCode.OK;
    }

    void print(String line, Map<String, @Nullable Object> fields) {
        print(List.of(line), fields);
    }

    void print(Collection<String> lines, Map<String, @Nullable Object> fields) {
        if (json) {
            terminal.out().println(Json.write(fields));
        } else {
            lines.forEach(terminal.out()::println);
        }
    }

    /** The line of the script with a caret under the place; the whole statement where that was asked for. */
    private static List<String> excerpt(Particulars particulars) {
        List<String> lines = new ArrayList<>();
        lines.addAll(indented(particulars.line()));
        if (particulars.statement() != null) {
            lines.add("The statement, its literals hidden:");
            particulars.statement().lines().forEach(line -> lines.add("    " + line));
        }
        return lines;
    }

    /** A problem with its line of the script. */
    static List<String> lines(Problem problem) {
        List<String> lines = new ArrayList<>(List.of(problem.toString()));
        lines.addAll(indented(problem.line()));
        return lines;
    }

    private static List<String> indented(@Nullable SourceLine line) {
        return line == null
                ? List.of()
                : line.toString().lines().map(one -> "    " + one).toList();
    }

    /** What a state that is neither at a version nor without one comes to; null for those two. */
    static @Nullable Outcome obstacle(DatabaseState state) {
        if (state instanceof DatabaseState.Offline offline) {
            return new Outcome.Offline(offline.detail());
        }
        if (state instanceof DatabaseState.CredentialsRejected rejected) {
            return new Outcome.CredentialsRejected(rejected.detail());
        }
        return state instanceof DatabaseState.Inaccessible inaccessible
                ? new Outcome.Inaccessible(inaccessible.reason(), inaccessible.detail())
                : null;
    }
}
