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
 * a boot that finds nothing to do reads no more than that. Stateless.
 */
final class IndexText {
    private static final int FIELDS = 10;

    private IndexText() {}

    /** @throws IllegalArgumentException if it is damaged */
    static List<ScriptIndex.Row> rows(String text, String folder) {
        List<ScriptIndex.Row> rows = new ArrayList<>();
        for (int from = 0; from < text.length(); ) {
            int end = text.indexOf('\n', from);
            rows.add(row(folder, text.substring(from, end < 0 ? text.length() : end)));
            from = end < 0 ? text.length() : end + 1;
        }
        return rows;
    }

    private static ScriptIndex.Row row(String folder, String line) {
        List<String> fields = ScriptIndex.split(line, '\t');
        if (fields.size() != FIELDS) {
            throw new IllegalArgumentException("not " + FIELDS + " fields");
        }
        List<RevisionId> parents = new ArrayList<>();
        for (String parent : names(fields.get(5))) {
            parents.add(new RevisionId(parent));
        }
        String fileName = unescaped(fields.get(0));
        Revision revision = new Revision(
                new RevisionId(fields.get(4)),
                parents,
                names(fields.get(6)),
                names(fields.get(7)),
                unescaped(fields.get(9)),
                TransactionMode.valueOf(fields.get(8)),
                Location.of(folder + fileName));
        return new ScriptIndex.Row(
                fileName, Long.parseLong(fields.get(1)), ScriptIndex.hex(fields.get(2)), fields.get(3), revision);
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
        return field.isEmpty() ? List.of() : ScriptIndex.split(field, ',');
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
