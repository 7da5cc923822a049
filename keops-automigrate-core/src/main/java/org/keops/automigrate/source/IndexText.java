package org.keops.automigrate.source;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.TransactionMode;

/**
 * The text of an index behind its front: a line for each script, of fields with tabs between. Apart from the front, because
 * a boot that finds nothing to do reads no more than that. Read field by field, by one thread.
 */
final class IndexText {
    /** By which rules: to be counted up when a look finds more than before, so that nobody believes one that saw less. */
    private static final String SOUND = "sound 1";

    private final String text;
    private final boolean proven;
    /** Where the next field begins. */
    private int at;
    /** Where the line ends. */
    private int end;

    private IndexText(String text, boolean proven) {
        this.text = text;
        this.proven = proven;
    }

    /**
     * Reads the rows.
     *
     * @param proven whether the scripts are known to be those that it was written of
     * @throws IllegalArgumentException if it is damaged
     */
    static List<ScriptIndex.Row> rows(String text, String folder, boolean proven) {
        return new IndexText(text, proven).rows(folder);
    }

    private List<ScriptIndex.Row> rows(String folder) {
        List<ScriptIndex.Row> rows = new ArrayList<>();
        while (at < text.length()) {
            int feed = text.indexOf('\n', at);
            end = feed < 0 ? text.length() : feed;
            rows.add(row(folder));
            at = end + 1;
        }
        return rows;
    }

    private ScriptIndex.Row row(String folder) {
        String fileName = unescaped(field());
        long size = Long.parseLong(field());
        long crc = ScriptIndex.hex(field());
        String fingerprint = field();
        RevisionId id = new RevisionId(field());
        List<RevisionId> parents = parents(field());
        List<String> dependsOn = names(field());
        List<String> labels = names(field());
        TransactionMode mode = mode(field());
        boolean sound = field().equals(SOUND) && proven;
        String message = unescaped(lastField());
        Revision revision = new Revision(id, parents, dependsOn, labels, message, mode, Location.of(folder + fileName));
        return new ScriptIndex.Row(fileName, size, crc, fingerprint, revision, sound);
    }

    private String field() {
        int tab = text.indexOf('\t', at);
        if (tab < 0 || tab > end) {
            throw new IllegalArgumentException("a field lacks");
        }
        String field = text.substring(at, tab);
        at = tab + 1;
        return field;
    }

    private String lastField() {
        String field = text.substring(at, end);
        if (field.indexOf('\t') >= 0) {
            throw new IllegalArgumentException("a field too many");
        }
        return field;
    }

    private static List<RevisionId> parents(String field) {
        List<String> names = names(field);
        if (names.size() == 1) {
            return List.of(new RevisionId(field));
        }
        List<RevisionId> parents = new ArrayList<>(names.size());
        for (String name : names) {
            parents.add(new RevisionId(name));
        }
        return parents;
    }

    /** Not {@code valueOf}, which looks for the names by reflection when it is first asked. */
    private static TransactionMode mode(String name) {
        for (TransactionMode mode : TransactionMode.values()) {
            if (mode.name().equals(name)) {
                return mode;
            }
        }
        throw new IllegalArgumentException(name);
    }

    /** The whole file: the front with its sums, then the rows. */
    static byte[] write(Collection<RevisionId> heads, List<ScriptIndex.Row> rows) {
        StringBuilder text = new StringBuilder();
        Seal seal = new Seal();
        for (ScriptIndex.Row row : rows) {
            seal.add(row.fileName(), row.size(), row.crc());
            append(text, row);
        }
        byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
        StringBuilder front = new StringBuilder(ScriptIndex.FORMAT).append("\nheads");
        for (RevisionId head : heads) {
            front.append(' ').append(head.value());
        }
        front.append("\nseal ")
                .append(seal.show())
                .append("\nrows ")
                .append(ScriptIndex.sum(body, 0, body.length))
                .append('\n');
        byte[] start = front.toString().getBytes(StandardCharsets.UTF_8);
        front.append("front ")
                .append(ScriptIndex.sum(start, 0, start.length))
                .append("\n\n")
                .append(text);
        return front.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void append(StringBuilder text, ScriptIndex.Row row) {
        Revision revision = row.revision();
        text.append(escaped(row.fileName())).append('\t');
        text.append(row.size()).append('\t');
        text.append(Long.toHexString(row.crc())).append('\t');
        text.append(row.fingerprint()).append('\t');
        text.append(revision.id()).append('\t');
        appendNames(text, revision.downRevisions());
        appendNames(text, revision.dependsOn());
        appendNames(text, revision.branchLabels());
        text.append(revision.transactionMode().name()).append('\t');
        text.append(row.sound() ? SOUND : "").append('\t');
        text.append(escaped(revision.message())).append('\n');
    }

    /** No name holds a comma: it parts them in a header, too. */
    private static void appendNames(StringBuilder text, List<?> names) {
        for (int i = 0; i < names.size(); i++) {
            text.append(i == 0 ? "" : ",").append(names.get(i));
        }
        text.append('\t');
    }

    private static List<String> names(String field) {
        if (field.indexOf(',') < 0) {
            return field.isEmpty() ? List.of() : List.of(field);
        }
        return ScriptIndex.split(field, ',');
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
    }

    private static String unescaped(String text) {
        if (text.indexOf('\\') < 0) {
            return text;
        }
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                i++;
                c = text.charAt(i) == 't' ? '\t' : text.charAt(i) == 'n' ? '\n' : text.charAt(i);
            }
            plain.append(c);
        }
        return plain.toString();
    }
}
