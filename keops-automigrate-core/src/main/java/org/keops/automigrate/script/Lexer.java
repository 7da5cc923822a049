package org.keops.automigrate.script;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL's lexical rules, as {@code src/backend/parser/scan.l} and {@code src/fe_utils/psqlscan.l} of 13 to 18 state
 * them; white space and comments are stepped over, except the comments that start a section.
 *
 * <p>Where the versions differ the text is no valid SQL in any of them (numbers run together with words: 15 and later
 * are followed). Not thread-safe.
 */
final class Lexer {
    private static final int SPACE = 0;
    private static final int NEWLINE = 1;
    private static final int WORD = 2;
    /** A letter that makes a string or an identifier special when a quote follows at once. */
    private static final int PREFIX = 3;

    private static final int DIGIT = 4;
    private static final int OTHER = 5;
    private static final byte[] KINDS = kinds();

    private final ByteWindow window;
    private boolean standardConformingStrings;
    /** Nothing but white space since the last line break. */
    private boolean lineIsBlank = true;
    /** The string that ended last, if it may go on after a line break ({@code xqs} in scan.l). */
    private @Nullable Quote continuable;

    Lexer(ByteWindow window, boolean standardConformingStrings) {
        this.window = window;
        this.standardConformingStrings = standardConformingStrings;
    }

    void setStandardConformingStrings(boolean on) {
        standardConformingStrings = on;
    }

    boolean standardConformingStrings() {
        return standardConformingStrings;
    }

    /** Reads one token: from {@code window.token} to {@code window.offset()}, until the next call. */
    Token next() throws IOException {
        Quote before = continuable;
        boolean newline = false;
        continuable = null;
        window.token = ByteWindow.NONE;
        while (window.at < window.limit || window.more()) {
            byte b = window.bytes[window.at];
            switch (KINDS[b & 0xFF]) {
                case SPACE -> window.at++;
                case NEWLINE -> {
                    window.at++;
                    newline = true;
                    lineIsBlank = true;
                }
                case WORD -> {
                    return word();
                }
                case PREFIX -> {
                    return prefixed(b | 0x20);
                }
                case DIGIT -> {
                    return number();
                }
                default -> {
                    if (b == '-' && window.peek(1) == '-') {
                        Token section = lineComment();
                        if (section != null) {
                            return section;
                        }
                    } else if (b == '/' && window.peek(1) == '*') {
                        blockComment();
                        before = null; // only white space and line comments may stand between the parts of a string
                    } else {
                        return punctuation(b, newline ? before : null);
                    }
                }
            }
        }
        window.token = window.offset();
        return Token.END;
    }

    /** Whether the word just read is this one, in any case; {@code lower} is lower case ASCII. */
    boolean wordIs(String lower) {
        int from = (int) (window.token - window.base);
        if (window.at - from != lower.length()) {
            return false;
        }
        for (int i = 0; i < lower.length(); i++) {
            byte b = window.bytes[from + i];
            if ((b >= 'A' && b <= 'Z' ? b | 0x20 : b) != lower.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** The first byte of the token just read. */
    byte first() {
        return window.bytes[(int) (window.token - window.base)];
    }

    private Token punctuation(byte b, @Nullable Quote continued) throws IOException {
        return switch (b) {
            case '\'' -> string(0, continued != null ? continued : plain());
            case '"' -> quotedIdentifier(0);
            case '$' -> dollar();
            case '(' -> one(Token.OPEN);
            case ')' -> one(Token.CLOSE);
            case ';' -> one(Token.SEMICOLON);
            case '\\' -> one(Token.BACKSLASH);
            default -> one(Token.SYMBOL);
        };
    }

    private Quote plain() {
        return standardConformingStrings ? Quote.PLAIN : Quote.ESCAPES;
    }

    private void start() {
        window.token = window.offset();
        lineIsBlank = false;
    }

    private Token one(Token token) {
        start();
        window.at++;
        return token;
    }

    private Token word() throws IOException {
        start();
        skipWord();
        return Token.WORD;
    }

    private void skipWord() throws IOException {
        do {
            byte[] bytes = window.bytes;
            int i = window.at;
            int limit = window.limit;
            while (i < limit && isWordPart(bytes[i])) {
                i++;
            }
            window.at = i;
        } while (window.at == window.limit && window.more());
    }

    private static boolean isWordPart(byte b) {
        int kind = KINDS[b & 0xFF];
        return (kind >= WORD && kind <= DIGIT) || b == '$';
    }

    private Token prefixed(int letter) throws IOException {
        int next = window.peek(1);
        if (next == '\'' && letter != 'u') {
            return string(
                    1,
                    switch (letter) {
                        case 'e' -> Quote.ESCAPES;
                        case 'n' -> plain();
                        default -> Quote.BITS;
                    });
        }
        if (next == '&' && letter == 'u') {
            int afterAmpersand = window.peek(2);
            if (afterAmpersand == '\'') {
                return string(2, Quote.UNICODE);
            }
            if (afterAmpersand == '"') {
                return quotedIdentifier(2);
            }
        }
        return word();
    }

    /** Digits, a fraction, and a word that clings to them: an exponent, a radix, or junk that the server will refuse. */
    private Token number() throws IOException {
        start();
        skipDigits();
        if (window.peek(0) == '.' && window.peek(1) != '.') {
            window.at++;
            skipDigits();
        }
        skipClingingWord();
        return Token.NUMBER;
    }

    private void skipDigits() throws IOException {
        for (int c = window.peek(0); c >= '0' && c <= '9'; c = window.peek(0)) {
            window.at++;
        }
    }

    private void skipClingingWord() throws IOException {
        if (startsWord(window.peek(0))) { // a $ does not: 1$a$ is a number and a dollar quote
            skipWord();
        }
    }

    private static boolean startsWord(int c) {
        return c >= 0 && (KINDS[c] == WORD || KINDS[c] == PREFIX);
    }

    private Token string(int prefix, Quote quote) throws IOException {
        start();
        window.at += prefix + 1;
        byte backslash = quote == Quote.ESCAPES ? (byte) '\\' : (byte) '\'';
        while (true) {
            skipUntil((byte) '\'', backslash, "string");
            boolean escape = window.bytes[window.at++] == '\\';
            if (escape) {
                window.peek(0);
                window.at = Math.min(window.at + 1, window.limit);
            } else if (quote != Quote.BITS && window.peek(0) == '\'') {
                window.at++;
            } else {
                continuable = quote;
                return Token.STRING;
            }
        }
    }

    private Token quotedIdentifier(int prefix) throws IOException {
        start();
        window.at += prefix + 1;
        while (true) {
            skipUntil((byte) '"', (byte) '"', "quoted identifier");
            window.at++;
            if (window.peek(0) != '"') {
                return Token.QUOTED_IDENTIFIER;
            }
            window.at++;
        }
    }

    private Token dollar() throws IOException {
        int next = window.peek(1);
        if (next >= '0' && next <= '9') {
            start();
            window.at++;
            skipDigits();
            skipClingingWord();
            return Token.NUMBER;
        }
        int end = 1;
        if (startsWord(next)) {
            for (int c = next; c >= 0 && c != '$' && isWordPart((byte) c); c = window.peek(end)) {
                end++;
            }
        }
        return window.peek(end) == '$' ? dollarQuoted(end + 1) : one(Token.SYMBOL);
    }

    private Token dollarQuoted(int delimiter) throws IOException {
        start();
        window.at += delimiter;
        while (true) {
            skipUntil((byte) '$', (byte) '$', "dollar-quoted string");
            // a delimiter that does not fit is stepped over but for its last $, which may start the one that does
            if (delimiterIsHere(delimiter)) {
                window.at += delimiter;
                return Token.STRING;
            }
            window.at++;
        }
    }

    private boolean delimiterIsHere(int delimiter) throws IOException {
        for (int i = 1; i < delimiter; i++) {
            int c = window.peek(i);
            if (c < 0 || window.bytes[(int) (window.token - window.base) + i] != (byte) c) {
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

    private @Nullable Token lineComment() throws IOException {
        if (lineIsBlank) {
            Token section = sectionLine();
            if (section != null) {
                return section;
            }
        }
        lineIsBlank = false;
        do {
            byte[] bytes = window.bytes;
            int i = window.at;
            int limit = window.limit;
            while (i < limit && bytes[i] != '\n' && bytes[i] != '\r') {
                i++;
            }
            window.at = i;
        } while (window.at == window.limit && window.more());
        return null;
    }

    private @Nullable Token sectionLine() throws IOException {
        int word = blanksEnd(2);
        Token section =
                window.peek(word) == 'u' || window.peek(word) == 'U' ? Token.UPGRADE_LINE : Token.DOWNGRADE_LINE;
        String name = section == Token.UPGRADE_LINE ? "upgrade" : "downgrade";
        for (int i = 0; i < name.length(); i++) {
            if ((window.peek(word + i) | 0x20) != name.charAt(i)) {
                return null;
            }
        }
        int end = blanksEnd(word + name.length());
        int last = window.peek(end);
        if (last != '\n' && last != '\r' && last != -1) {
            return null;
        }
        start();
        window.at += end;
        return section;
    }

    private int blanksEnd(int from) throws IOException {
        int i = from;
        while (window.peek(i) == ' ' || window.peek(i) == '\t') {
            i++;
        }
        return i;
    }

    private void blockComment() throws IOException {
        window.pass(window.offset());
        var start = window.location(); // taken now, since a comment between statements does not stay in memory
        lineIsBlank = false;
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

    private static byte[] kinds() {
        byte[] kinds = new byte[256];
        Arrays.fill(kinds, 0, 128, (byte) OTHER);
        Arrays.fill(kinds, 128, 256, (byte) WORD); // \200-\377: every byte of a non-ASCII character
        Arrays.fill(kinds, 'a', 'z' + 1, (byte) WORD);
        Arrays.fill(kinds, 'A', 'Z' + 1, (byte) WORD);
        Arrays.fill(kinds, '0', '9' + 1, (byte) DIGIT);
        kinds['_'] = WORD;
        for (char c : "bBeEnNuUxX".toCharArray()) {
            kinds[c] = PREFIX;
        }
        for (char c : " \t\f\u000B".toCharArray()) { // the vertical tab since 16; before, no valid text holds one
            kinds[c] = SPACE;
        }
        kinds['\n'] = NEWLINE;
        kinds['\r'] = NEWLINE;
        return kinds;
    }
}
