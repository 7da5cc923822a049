package org.keops.automigrate.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.keops.automigrate.graph.Vectors.Part;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.VersionChange;

/** Writes steps as {@code alembic --sql} does, so that the recorded texts check steps and version changes to the letter. */
final class OfflineSql {
    private final Part env;
    private final String table;
    private final String column;
    private final StringBuilder text = new StringBuilder();
    private List<RevisionId> rows;

    private OfflineSql(Part env, List<RevisionId> start) {
        this.env = env;
        this.rows = start;
        String name = quoted(env.has("version_table") ? env.text("version_table") : "alembic_version");
        String schema = env.text("version_table_schema");
        this.table = schema.isEmpty() ? name : quoted(schema) + "." + name;
        this.column = table + ".version_num";
    }

    /** What we would write for a recorded offline command. */
    static String of(RevisionGraph graph, Part recorded) {
        boolean stamp = recorded.text("command").equals("stamp");
        List<String> ranges = stamp ? recorded.strings("target") : List.of(recorded.text("target"));
        String from = ranges.get(0).indexOf(':') < 0 ? "base" : ranges.get(0).split(":", 2)[0];
        List<String> to = ranges.stream()
                .map(range -> range.substring(range.indexOf(':') + 1))
                .toList();
        List<RevisionId> rows = List.copyOf(graph.resolve(from));
        OfflineSql sql = new OfflineSql(recorded.part("env"), rows);
        if (stamp) {
            Map<String, Step> steps = new LinkedHashMap<>();
            OfflineStamp.split(graph, rows, to, steps);
            return sql.write(List.copyOf(steps.values()), List.copyOf(steps.keySet()));
        }
        List<Step> steps = recorded.text("command").equals("upgrade")
                ? graph.upgrade(rows, to.get(0))
                : graph.downgrade(rows, to.get(0));
        return sql.write(steps, titles(steps));
    }

    private String write(List<? extends Step> steps, List<String> titles) {
        boolean transactions = !env.has("transactional_ddl") || env.flag("transactional_ddl");
        boolean perStep = env.flag("transaction_per_migration");
        line(transactions && !perStep, "BEGIN;");
        for (int i = 0; i < steps.size(); i++) {
            line(transactions && perStep, "BEGIN;");
            step(steps.get(i), titles.get(i));
            line(transactions && perStep, "COMMIT;");
        }
        line(transactions && !perStep, "COMMIT;");
        return text.toString();
    }

    private void step(Step step, String title) {
        line(rows.isEmpty(), createTable());
        line(true, title);
        if (step instanceof Step.Upgrade upgrade) {
            line(true, "SELECT 'up " + upgrade.revision().id() + "';");
        } else if (step instanceof Step.Downgrade downgrade) {
            line(true, "SELECT 'down " + downgrade.revision().id() + "';");
        }
        step.versionChanges().forEach(change -> line(true, statement(change)));
        rows = List.copyOf(step.rowsAfter());
    }

    private String createTable() {
        String name = env.has("version_table") ? env.text("version_table") : "alembic_version";
        boolean key = !env.has("version_table_pk") || env.flag("version_table_pk");
        return "CREATE TABLE " + table + " (\n    version_num VARCHAR(32) NOT NULL"
                + (key ? ", \n    CONSTRAINT " + quoted(name + "_pkc") + " PRIMARY KEY (version_num)" : "") + "\n);";
    }

    private String statement(VersionChange change) {
        if (change instanceof VersionChange.Insert insert) {
            boolean key = !env.has("version_table_pk") || env.flag("version_table_pk");
            return "INSERT INTO " + table + " (version_num) VALUES ('" + insert.id() + "')"
                    + (key ? " RETURNING " + column : "") + ";";
        }
        if (change instanceof VersionChange.Update update) {
            return "UPDATE " + table + " SET version_num='" + update.to() + "' WHERE " + column + " = '" + update.from()
                    + "';";
        }
        return change instanceof VersionChange.Delete delete
                ? "DELETE FROM " + table + " WHERE " + column + " = '" + delete.id() + "';"
                : "DELETE FROM " + table + ";";
    }

    private static List<String> titles(List<Step> steps) {
        List<String> titles = new ArrayList<>();
        for (Step step : steps) {
            boolean up = step instanceof Step.Upgrade;
            Revision revision =
                    step instanceof Step.Upgrade upgrade ? upgrade.revision() : ((Step.Downgrade) step).revision();
            String below = String.join(", ", Scripts.strings(revision.downRevisions()));
            titles.add(
                    up
                            ? "-- Running upgrade " + below + " -> " + revision.id()
                            : "-- Running downgrade " + revision.id() + " -> " + below);
        }
        return titles;
    }

    private void line(boolean wanted, String line) {
        if (wanted) {
            text.append(line).append("\n\n");
        }
    }

    private static String quoted(String name) {
        return name.matches("[a-z_][a-z0-9_]*") ? name : '"' + name + '"';
    }
}
