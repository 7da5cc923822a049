package org.keops.automigrate.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.CurrentRevisions;
import org.keops.automigrate.model.DrawingFormat;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.RevisionId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code history}. */
@Command(name = "history", description = "List revisions, newest first.")
final class HistoryVerb extends DatabaseVerb {
    @Option(
            names = {"-r", "--rev-range"},
            paramLabel = "FROM:TO",
            defaultValue = ":",
            description = "FROM:TO, FROM: or :TO, both included; current stands for what the database records.")
    private String range = ":";

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli makes it
    private VerboseOption verbose;

    @Option(
            names = {"-i", "--indicate-current"},
            description = "Mark what the database records.")
    private boolean indicateCurrent;

    @Option(names = "--graph", description = "Draw it for the terminal.")
    private boolean graph;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "Draw it: text, mermaid, dot or svg. With -i the recorded revisions are marked.")
    private @Nullable String format;

    HistoryVerb(Terminal terminal) {
        super(terminal);
    }

    @Override
    public Integer call() throws IOException {
        Migrator migrator = migrator();
        SortedSet<RevisionId> rows = RevisionId.copyOf(List.of());
        SortedSet<RevisionId> unknown = rows;
        boolean ofCurrent = range.startsWith("current:") || range.endsWith(":current");
        if (indicateCurrent || ofCurrent) {
            CurrentRevisions current = migrator.current(dataSource());
            Outcome obstacle = ofCurrent ? obstacle(current) : obstacle(current.state());
            if (obstacle != null) {
                return answer(obstacle);
            }
            rows = current.rows();
            unknown = current.unknown();
            sayUnknown(unknown);
        }
        if (graph || format != null) {
            return drawn(migrator.draw(drawing(), range, rows));
        }
        return listed(migrator.history(range, rows), rows, unknown);
    }

    private void sayUnknown(SortedSet<RevisionId> unknown) {
        if (!unknown.isEmpty()) {
            terminal.err().println("the database records " + RevisionId.show(unknown) + ", which no script has");
        }
    }

    private int listed(List<ListedRevision> revisions, SortedSet<RevisionId> rows, SortedSet<RevisionId> unknown)
            throws IOException {
        Set<RevisionId> marked = indicateCurrent ? rows : Set.of();
        List<String> lines = new ArrayList<>();
        List<Object> listed = new ArrayList<>();
        for (ListedRevision revision : revisions) {
            boolean current = marked.contains(revision.id());
            lines.add(AlembicLines.history(revision, current));
            Map<String, @Nullable Object> fields = Fields.of(revision);
            if (indicateCurrent) {
                fields.put("current", current);
            }
            listed.add(fields);
        }
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("exitCode", ExitCode.OK);
        if (indicateCurrent) {
            fields.put("unknown", Fields.ids(unknown));
        }
        fields.put("revisions", listed);
        print(verbose.isGiven() ? entries(revisions, marked) : lines, fields);
        return ExitCode.OK;
    }

    private int drawn(String drawing) {
        if (json) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("exitCode", ExitCode.OK);
            fields.put("drawing", drawing);
            print(List.of(), fields);
        } else {
            terminal.out().print(drawing);
        }
        return ExitCode.OK;
    }

    private DrawingFormat drawing() {
        String wanted = format == null ? "text" : format;
        return switch (wanted) {
            case "text" -> DrawingFormat.TEXT;
            case "mermaid" -> DrawingFormat.MERMAID;
            case "dot" -> DrawingFormat.DOT;
            case "svg" -> DrawingFormat.SVG;
            default -> throw new UsageException("--format is text, mermaid, dot or svg, not '" + wanted + "'");
        };
    }
}
