package org.keops.automigrate.script;

import java.io.IOException;

/** Steps over what stands in quotes, once {@code window.token} says where it starts. Not thread-safe. */
final class Quotes {
    private final ByteWindow window;

    Quotes(ByteWindow window) {
        this.window = window;
    }

    /** A string, whose opening quote stands {@code prefix} bytes ahead. */
    void skipString(int prefix, Quote quote) throws IOException {
        window.at += prefix + 1;
        byte backslash = quote == Quote.ESCAPES ? (byte) '\\' : (byte) '\'';
        while (true) {
            skipUntil((byte) '\'', backslash, "string");
            if (window.bytes[window.at++] == '\\') {
                boolean more = window.peek(0) != -1; // first: it may move the bytes
                window.at += more ? 1 : 0; // whatever it is; a number goes on with ordinary digits
            } else if (quote == Quote.BITS || window.peek(0) != '\'') {
                return;
            } else {
                window.at++;
            }
        }
    }

    /** A quoted identifier, whose opening quote stands {@code prefix} bytes ahead. */
    void skipIdentifier(int prefix) throws IOException {
        window.at += prefix + 1;
        while (true) {
            skipUntil((byte) '"', (byte) '"', "quoted identifier");
            window.at++;
            if (window.peek(0) != '"') {
                return;
            }
            window.at++;
        }
    }

    /** The length of the {@code $…$} that starts here, or 0 if none does ({@code dolqdelim} of scan.l). */
    int dollarDelimiter() throws IOException {
        int end = 1;
        int c = window.peek(1);
        if (Bytes.startsWord(c)) {
            while (c >= 0 && c != '$' && Bytes.isWordPart((byte) c)) {
                end++;
                c = window.peek(end);
            }
        }
        return c == '$' ? end + 1 : 0;
    }

    /** A dollar-quoted string with a delimiter of that length. */
    void skipDollarQuoted(int delimiter) throws IOException {
        window.at += delimiter;
        while (true) {
            skipUntil((byte) '$', (byte) '$', "dollar-quoted string");
            // a delimiter that does not fit is stepped over but for its last $, which may start the one that does
            if (isHere(delimiter)) {
                window.at += delimiter;
                return;
            }
            window.at++;
        }
    }

    private boolean isHere(int delimiter) throws IOException {
        for (int i = 1; i < delimiter; i++) {
            int c = window.peek(i);
            if (c < 0 || window.bytes[window.tokenIndex() + i] != (byte) c) {
                return false;
            }
        }
        return true;
    }

    private void skipUntil(byte one, byte other, String what) throws IOException {
        while (true) {
            byte[] bytes = window.bytes;
            int i = window.at;
            int limit = window.limit;
            while (i < limit && bytes[i] != one && bytes[i] != other) {
                i++;
            }
            window.at = i;
            if (i < limit) {
                return;
            }
            if (!window.more()) {
                throw new ScriptSyntaxException(
                        window.locate(window.token), "this " + what + " is not ended anywhere in the script");
            }
        }
    }
}
