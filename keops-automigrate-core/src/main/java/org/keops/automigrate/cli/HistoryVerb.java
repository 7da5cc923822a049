package org.keops.automigrate.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.CurrentRevisions;
import org.keops.automigrate.model.DrawingFormat;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.RevisionId;
import picocli.CommandLine.Command;
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

    @Option(
            names = {"-v", "--verbose"},
            description = "Say all about each revision.")
    private boolean verbose;

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
    public Integer call() {
        Migrator migrator = migrator();
        Set<RevisionId> rows = Set.of();
        if (indicateCurrent || range.startsWith("current:") || range.endsWith(":current")) {
            CurrentRevisions current = migrator.current(dataSource());
            Outcome obstacle = obstacle(current.state());
            if (obstacle != null) {
                return answer(obstacle);
            }
            rows = current.rows();
        }
        if (graph || format != null) {
            return drawn(migrator.draw(drawing(), range, rows));
        }
        List<ListedRevision> revisions = migrator.history(range, rows);
        List<String> lines = new ArrayList<>();
        for (ListedRevision revision : revisions) {
            String mark = indicateCurrent && rows.contains(revision.id()) ? " (current)" : "";
            if (verbose) {
                lines.addAll(QuestionVerb.describe(revision));
            } else {
                lines.add(revision + mark);
            }
        }
        return answer(revisions, lines);
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
