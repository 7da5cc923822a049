package org.keops.automigrate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.keops.automigrate.graph.RevisionGraph;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.TransactionMode;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.model.VersionChange;
import org.keops.automigrate.script.Dialect;
import org.keops.automigrate.script.Piece;
import org.keops.automigrate.script.ScriptReader;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.script.Statement;

/**
 * Alembic's offline mode: writes the script that would do the work, version rows included, for psql to run. Text and order
 * are those of {@code alembic upgrade a:b --sql} ({@code facts} of Alembic 1.19). Used by one thread, for one script.
 */
final class OfflineSql {
    private final Configuration configuration;
    private final OfflineTable table;
    private final Appendable out;
    private boolean tableExists;
    private boolean cutting;
    private boolean inBlock;

    OfflineSql(Configuration configuration, Appendable out) {
        this.configuration = configuration;
        this.table = new OfflineTable(configuration.versionTable());
        this.out = out;
    }

    /**
     * Writes the way from one target to another.
     *
     * @throws UnsoundScriptsException if a script on the way can not be run
     */
    void write(String from, String to) throws IOException {
        RevisionGraph graph = configuration.scripts().graph();
        Collection<RevisionId> start = graph.resolve(from);
        List<Step> steps = steps(graph, start, to);
        configuration.scripts().bodies().requireScripts(revisions(steps));
        Decision decision = new Decision.Perform(RevisionId.copyOf(start), steps);
        try (Preflight preflight = Preflight.of(configuration, decision, Dialect.STRICTEST)) {
            tableExists = !start.isEmpty();
            write(preflight);
        }
    }

    private void write(Preflight preflight) throws IOException {
        List<Problem> problems = preflight.problems();
        if (!problems.isEmpty()) {
            throw new UnsoundScriptsException(problems);
        }
        if (preflight.plan().groups().isEmpty()) {
            line("BEGIN;");
            line("COMMIT;");
        }
        for (Plan.Group group : preflight.plan().groups()) {
            if (group instanceof Plan.OutsideTransaction outside) {
                outside(outside.step());
            } else {
                line("BEGIN;");
                for (Step step : group.steps()) {
                    createTableIfMissing();
                    body(step);
                    rows(step);
                }
                line("COMMIT;");
            }
        }
    }

    /** Upwards where there is anything to apply, downwards otherwise. */
    private static List<Step> steps(RevisionGraph graph, Collection<RevisionId> start, String to) {
        try {
            List<Step> up = graph.upgrade(start, to);
            boolean onlyUp = to.equals("heads") || to.endsWith("@heads");
            return up.isEmpty() && !onlyUp ? graph.downgrade(start, to) : up;
        } catch (RevisionException e) {
            if (e.kind() == Kind.RELATIVE_TOO_FAR || e.kind() == Kind.WALKED_TOO_FAR) {
                return graph.downgrade(start, to);
            }
            throw e;
        }
    }

    private static List<Revision> revisions(List<Step> steps) {
        List<Revision> revisions = new ArrayList<>();
        for (Step step : steps) {
            if (step instanceof Step.Upgrade upgrade) {
                revisions.add(upgrade.revision());
            } else if (step instanceof Step.Downgrade downgrade) {
                revisions.add(downgrade.revision());
            }
        }
        return revisions;
    }

    /** What stands between the statements that run alone shares a transaction, the last one with the version rows. */
    private void outside(Step step) throws IOException {
        inBlock = false;
        cutting = mode(step) != TransactionMode.NONE;
        body(step);
        cutting = false;
        if (!inBlock) {
            line("BEGIN;");
        }
        createTableIfMissing();
        rows(step);
        line("COMMIT;");
    }

    private static TransactionMode mode(Step step) {
        return step instanceof Step.Upgrade upgrade
                ? upgrade.revision().transactionMode()
                : ((Step.Downgrade) step).revision().transactionMode();
    }

    private void cut(Statement statement) throws IOException {
        boolean together = !statement.traits().refusesTransaction(Dialect.STRICTEST.serverMajorVersion());
        if (cutting && together != inBlock) {
            line(together ? "BEGIN;" : "COMMIT;");
            inBlock = together;
        }
    }

    private void createTableIfMissing() throws IOException {
        if (!tableExists) {
            line(table.create());
            tableExists = true;
        }
    }

    private void body(Step step) throws IOException {
        if (step instanceof Step.Upgrade upgrade) {
            Revision revision = upgrade.revision();
            line("-- Running upgrade " + shown(revision.downRevisions()) + " -> " + revision.id());
            section(revision, Section.UPGRADE);
        } else if (step instanceof Step.Downgrade downgrade) {
            Revision revision = downgrade.revision();
            line("-- Running downgrade " + revision.id() + " -> " + shown(revision.downRevisions()));
            section(revision, Section.DOWNGRADE);
        }
    }

    private void section(Revision revision, Section section) throws IOException {
        String file = revision.script().file();
        try (ScriptReader reader =
                ScriptReader.open(configuration.scripts().bodies().open(revision), file, section)) {
            for (Piece piece = reader.next(); piece != null; piece = reader.next()) {
                String end = piece instanceof Piece.CopyFromStdin ? ";\n" : ";\n\n";
                cut(piece.statement());
                out.append(piece.statement().text()).append(end);
                if (piece instanceof Piece.CopyFromStdin copy) {
                    data(copy);
                }
            }
        }
    }

    /** The lines of a COPY, decoded as the file is: UTF-8; a piece of a character at the end of a buffer is kept for the next. */
    private void data(Piece.CopyFromStdin copy) throws IOException {
        byte[] buffer = new byte[1 << 13];
        int kept = 0;
        int last = '\n';
        for (int n = copy.data().read(buffer, 0, buffer.length);
                n >= 0;
                n = copy.data().read(buffer, kept, buffer.length - kept)) {
            int filled = kept + n;
            int whole = wholeCharacters(buffer, filled);
            out.append(StandardCharsets.UTF_8.decode(ByteBuffer.wrap(buffer, 0, whole)));
            last = filled == 0 ? last : buffer[filled - 1];
            kept = filled - whole;
            System.arraycopy(buffer, whole, buffer, 0, kept);
        }
        out.append(last == '\n' ? "\\.\n\n" : "\n\\.\n\n");
    }

    private static int wholeCharacters(byte[] bytes, int length) {
        int start = length - 1;
        while (start > 0 && start > length - 4 && (bytes[start] & 0xC0) == 0x80) {
            start--;
        }
        if (start < 0 || bytes[start] >= 0) {
            return length;
        }
        int lead = bytes[start] & 0xFF;
        int wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
        return start + wanted > length ? start : length;
    }

    private void rows(Step step) throws IOException {
        List<String> statements = new ArrayList<>();
        for (VersionChange change : step.versionChanges()) {
            statements.add(table.apply(change));
        }
        for (String statement : statements) {
            line(statement);
        }
    }

    private void line(String text) throws IOException {
        out.append(text).append("\n\n");
    }

    private static String shown(List<RevisionId> ids) {
        return ids.stream().map(RevisionId::value).collect(Collectors.joining(", "));
    }
}
