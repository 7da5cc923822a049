package org.keops.automigrate.script;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the head of a script: the comment lines before the first statement, in the form of the docstring that Alembic
 * writes at the head of a migration.
 *
 * <pre>{@code
 * -- Add feedback table
 * --
 * -- Revision ID: 84c03f89212d
 * -- Revises: 64d08233eefa
 * -- Create Date: 2019-09-19 08:38:49.937987
 * }</pre>
 *
 * <p>Nothing behind it is read but the rest of one buffer. A boot reads the headers of all scripts, so this reads bytes
 * and decodes only the comment lines. Not thread-safe.
 */
public final class HeaderParser {
    private static final int CHUNK = 1 << 10;
    private static final int LONGEST_KEY = 24;

    private final ByteWindow window;
    private final HeaderFields fields;
    private int line = 1;
    private boolean inMessage = true;

    private HeaderParser(InputStream in, String file) {
        this.window = new ByteWindow(in, file, CHUNK);
        this.fields = new HeaderFields(file);
    }

    /**
     * Reads the head of a script.
     *
     * @param in the script, or as much of it as holds the head; not closed
     * @param file its name, for messages and for the revision
     * @return the revision that the head describes, or everything that is wrong with it
     * @throws IOException if the input cannot be read
     */
    public static Header parse(InputStream in, String file) throws IOException {
        return new HeaderParser(in, file).parse();
    }

    private Header parse() throws IOException {
        try {
            window.skipByteOrderMark();
            window.mark = window.offset();
            String comment = nextComment();
            while (comment != null && !isSectionLine(comment)) {
                read(comment);
                comment = nextComment();
            }
        } catch (ScriptSyntaxException e) { // not UTF-8: what follows it is better not guessed at
            fields.unreadable(e.problem());
        }
        return fields.header();
    }

    /** The next line if it is a comment, without its line break; null if the head is over. Blank lines are skipped. */
    private @Nullable String nextComment() throws IOException {
        int c = skipSpace();
        fields.atLine(line);
        if (c != '-' || window.peek(1) != '-') {
            fields.endedBy(c, c == -1 ? -1 : window.peek(1));
            return null;
        }
        if (!skipToLineEnd()) {
            window.pass(window.offset()); // complains about what is not UTF-8
        }
        return window.textFromMark((int) (window.offset() - window.mark));
    }

    /** Returns whether all that was stepped over is ASCII, and there is no NUL. */
    private boolean skipToLineEnd() throws IOException {
        boolean plain = true;
        do {
            byte[] bytes = window.bytes;
            int limit = window.limit;
            int i = window.at;
            while (i < limit && bytes[i] != '\n' && bytes[i] != '\r') {
                plain &= bytes[i] > 0;
                i++;
            }
            window.at = i;
        } while (window.at == window.limit && window.more());
        return plain;
    }

    /** Steps to the next character that is no white space, and marks the start of its line. */
    private int skipSpace() throws IOException {
        boolean afterCarriageReturn = false;
        int c = window.peek(0);
        while (c == ' ' || (c >= '\t' && c <= '\r')) {
            window.at++;
            if (c == '\n' || c == '\r') {
                line += c == '\n' && afterCarriageReturn ? 0 : 1;
                window.mark = window.offset();
            }
            afterCarriageReturn = c == '\r';
            c = window.peek(0);
        }
        return c;
    }

    private static boolean isSectionLine(String comment) {
        String text = text(comment);
        return text.equalsIgnoreCase("upgrade") || text.equalsIgnoreCase("downgrade");
    }

    private static String text(String comment) {
        return comment.substring(comment.indexOf("--") + 2).strip();
    }

    private void read(String comment) {
        int colon = comment.indexOf(':');
        int from = comment.indexOf("--") + 2;
        String written = colon < 0 ? "" : comment.substring(from, colon).strip();
        HeaderKey key = HeaderKey.of(written);
        if (key != null) {
            inMessage = false;
            fields.set(key, comment, colon + 1);
            return;
        }
        boolean firstLine = inMessage && fields.hasNoMessage();
        String text = text(comment);
        if (inMessage && !text.isEmpty()) {
            fields.addToMessage(text);
        } else {
            inMessage = firstLine; // a blank line ends the message, but not before it has begun
        }
        if (!firstLine && !written.isEmpty() && written.length() <= LONGEST_KEY) {
            fields.suspect(written, comment);
        }
    }
}
