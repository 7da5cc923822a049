package org.keops.automigrate.script;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Location;

/** Steps over comments, from their first character on. Not thread-safe. */
final class Comments {
    private final ByteWindow window;
    private boolean inBody;

    Comments(ByteWindow window) {
        this.window = window;
    }

    /** From here on a comment stands among statements; those before are the header. */
    void bodyBegins() {
        inBody = true;
    }

    /** {@code -- …} up to the line break, which is not part of it: LF or CR. */
    void skipLine() throws IOException {
        do {
            byte[] bytes = window.bytes;
            int i = window.at;
            int limit = window.limit;
            while (i < limit && bytes[i] != '\n' && bytes[i] != '\r') {
                i++;
            }
            window.at = i;
        } while (window.at == window.limit && window.more());
    }

    /** {@code /* … *}{@code /} with those inside it (state {@code xc} of scan.l). */
    void skipBlock() throws IOException {
        Location start = window.locate(window.offset()); // now: between statements a comment does not stay in memory
        SectionLookalike.refuse(blockAhead(), inBody, start);
        window.at += 2;
        for (int depth = 1; depth > 0; ) {
            if (window.at == window.limit && !window.more()) {
                throw new ScriptSyntaxException(start, "this comment is not ended anywhere in the script");
            }
            byte b = window.bytes[window.at++];
            if (b == '*' && window.peek(0) == '/') {
                window.at++;
                depth--;
            } else if (b == '/' && window.peek(0) == '*') {
                window.at++;
                depth++;
            }
        }
    }

    /**
     * The section that this line comment starts by saying nothing but its name, or null; nothing is stepped over.
     *
     * @throws ScriptSyntaxException if it is nearly such a line: what follows would run with the upgrade
     */
    @Nullable
    Token section() throws IOException {
        int name = blanksEnd(2);
        int initial = window.peek(name) | 0x20;
        boolean up = initial == 'u';
        if ((up || initial == 'd') && says(up ? "upgrade" : "downgrade", name)) {
            return up ? Token.UPGRADE_LINE : Token.DOWNGRADE_LINE;
        }
        if (mayBeLookalike(name)) {
            window.pass(window.offset());
            SectionLookalike.refuse(lineAhead(), inBody, window.location());
        }
        return null;
    }

    /**
     * Whether one of the first words begins with a letter as those that {@link SectionLookalike} minds: hardly any comment
     * has to be taken apart. A letter that is not ASCII counts as one of them.
     */
    private boolean mayBeLookalike(int from) throws IOException {
        int there = window.ahead(SectionLookalike.LONGEST); // first: it may move the bytes
        byte[] bytes = window.bytes;
        int end = window.at + there;
        boolean inWord = false;
        int left = inBody ? 2 : 1;
        for (int i = window.at + from; i < end; i++) {
            int c = bytes[i];
            int lower = c | 0x20;
            boolean letter = lower >= 'a' && lower <= 'z';
            boolean begins = letter && !inWord;
            if (c < 0 || (begins && (lower == 'd' || lower == 'u' || (inBody && lower == 'r')))) {
                return true;
            }
            if ((begins && --left == 0) || c == '\n' || c == '\r') {
                return false;
            }
            inWord = letter;
        }
        return false;
    }

    /** The beginning of the line that starts here, as much of it as could be taken for a section line. */
    private String lineAhead() throws IOException {
        int length = 0;
        for (int c = window.peek(0); c != '\n' && c != '\r' && c != -1 && length < SectionLookalike.LONGEST; ) {
            c = window.peek(++length);
        }
        return ahead(length);
    }

    /** The beginning of the block comment that starts here. */
    private String blockAhead() throws IOException {
        int length = 2;
        while (length < SectionLookalike.LONGEST
                && window.peek(length) != -1
                && !(window.peek(length - 1) == '*' && window.peek(length) == '/')) {
            length++;
        }
        return ahead(length);
    }

    private String ahead(int length) {
        return new String(window.bytes, window.at, length, StandardCharsets.UTF_8);
    }

    private boolean says(String word, int at) throws IOException {
        for (int i = 0; i < word.length(); i++) {
            if ((window.peek(at + i) | 0x20) != word.charAt(i)) {
                return false;
            }
        }
        int behind = window.peek(blanksEnd(at + word.length()));
        return behind == '\n' || behind == '\r' || behind == -1;
    }

    private int blanksEnd(int from) throws IOException {
        int i = from;
        for (int c = window.peek(i); c == ' ' || c == '\t'; ) {
            c = window.peek(++i);
        }
        return i;
    }
}
