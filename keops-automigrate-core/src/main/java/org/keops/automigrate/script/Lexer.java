package org.keops.automigrate.script;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL's lexical rules, as {@code src/backend/parser/scan.l} and {@code src/fe_utils/psqlscan.l} of 13 to 18 state
 * them; white space and comments are stepped over, except the comments that start a section.
 *
 * <p>Where the versions differ the text is no valid SQL in any of them (numbers run together with words: 15 and later
 * are followed). Not thread-safe.
 */
final class Lexer {
    private final ByteWindow window;
    private final Quotes quotes;
    private final Comments comments;
    private boolean standardConformingStrings;
    /** Nothing but white space since the last line break. */
    private boolean lineIsBlank = true;
    /** How the string that ended last goes on after a line break ({@code state_before_str_stop} in psqlscan.l). */
    private @Nullable Quote continuable;

    Lexer(ByteWindow window, boolean standardConformingStrings) {
        this.window = window;
        this.quotes = new Quotes(window);
        this.comments = new Comments(window);
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
            int kind = Bytes.kind(b);
            switch (kind) {
                case Bytes.SPACE -> window.at++;
                case Bytes.NEWLINE -> {
                    window.at++;
                    newline = true;
                    lineIsBlank = true;
                }
                case Bytes.WORD, Bytes.PREFIX -> {
                    Token quoted = kind == Bytes.PREFIX ? prefixed(b | 0x20) : null;
                    return quoted != null ? quoted : word();
                }
                case Bytes.DIGIT -> {
                    return number();
                }
                default -> {
                    if (b == '-' && window.peek(1) == '-') {
                        Token section = lineComment();
                        if (section != null) {
                            return section;
                        }
                    } else if (b == '/' && window.peek(1) == '*') {
                        lineIsBlank = false;
                        comments.skipBlock();
                        before = null; // only white space and line comments may stand between the parts of a string
                    } else {
                        return punctuation(b, newline ? before : null);
                    }
                }
            }
        }
        start();
        return Token.END;
    }

    /** Whether the word just read is this one, in any case; {@code lower} is lower case ASCII. */
    boolean wordIs(String lower) {
        int from = window.tokenIndex();
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

    /** From here on a comment stands among statements. */
    void bodyBegins() {
        comments.bodyBegins();
    }

    /** The first byte of the token just read. */
    byte first() {
        return window.bytes[window.tokenIndex()];
    }

    /** The comment is a token if it alone fills its line and starts a section; else it is stepped over. */
    private @Nullable Token lineComment() throws IOException {
        Token section = lineIsBlank ? comments.section() : null;
        start();
        if (section == null) {
            window.token = ByteWindow.NONE;
        }
        comments.skipLine();
        return section;
    }

    private Token punctuation(byte b, @Nullable Quote continued) throws IOException {
        return switch (b) {
            case '\'' -> string(0, continued != null ? continued : plain());
            case '"' -> identifier(0);
            case '$' -> dollar();
            default -> one(symbol(b));
        };
    }

    private static Token symbol(byte b) {
        return switch (b) {
            case '(' -> Token.OPEN;
            case ')' -> Token.CLOSE;
            case ';' -> Token.SEMICOLON;
            case '\\' -> Token.BACKSLASH;
            default -> Token.SYMBOL;
        };
    }

    /** What a letter with a quote behind it begins; null if it begins a word. */
    private @Nullable Token prefixed(int letter) throws IOException {
        int next = window.peek(1);
        if (next == '\'' && letter != 'u') {
            return string(1, letter == 'e' ? Quote.ESCAPES : letter == 'n' ? plain() : Quote.BITS);
        }
        if (next == '&' && letter == 'u' && window.peek(2) == '\'') {
            return string(2, Quote.UNICODE);
        }
        return next == '&' && letter == 'u' && window.peek(2) == '"' ? identifier(2) : null;
    }

    private Token string(int prefix, Quote quote) throws IOException {
        start();
        quotes.skipString(prefix, quote);
        continuable = quote;
        return Token.STRING;
    }

    private Token identifier(int prefix) throws IOException {
        start();
        quotes.skipIdentifier(prefix);
        return Token.QUOTED_IDENTIFIER;
    }

    /** A parameter, a dollar-quoted string, or a dollar that nothing is made of. */
    private Token dollar() throws IOException {
        start();
        if (Bytes.isDigit(window.peek(1))) {
            window.at++;
            skipDigits();
            skipClingingWord();
            return Token.NUMBER;
        }
        int delimiter = quotes.dollarDelimiter();
        if (delimiter == 0) {
            return one(Token.SYMBOL);
        }
        quotes.skipDollarQuoted(delimiter);
        return Token.STRING;
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
            while (i < limit && Bytes.isWordPart(bytes[i])) {
                i++;
            }
            window.at = i;
        } while (window.at == window.limit && window.more());
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
        while (Bytes.isDigit(window.peek(0))) {
            window.at++;
        }
    }

    private void skipClingingWord() throws IOException {
        if (Bytes.startsWord(window.peek(0))) { // a dollar does not cling: 1$a$ is a number and a dollar quote
            skipWord();
        }
    }

    private Quote plain() {
        return standardConformingStrings ? Quote.PLAIN : Quote.ESCAPES;
    }

    private Token one(Token token) {
        start();
        window.at++;
        return token;
    }

    private void start() {
        window.token = window.offset();
        lineIsBlank = false;
    }
}
