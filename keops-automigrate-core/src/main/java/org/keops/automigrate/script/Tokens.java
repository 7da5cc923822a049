package org.keops.automigrate.script;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The first tokens of a statement as text: words in lower case, anything else as it is written. They are read as they are
 * asked for, which for most statements is the first two. Not thread-safe.
 */
final class Tokens {
    private static final int LONGEST = 64;
    private static final int HEAD = 1 << 16;

    private final List<String> tokens = new ArrayList<>();
    private final List<String> written = new ArrayList<>();
    private final ByteWindow window;
    private final Lexer lexer;
    private int left;

    private Tokens(ByteWindow window, boolean standardConformingStrings, int most) {
        this.window = window;
        this.lexer = new Lexer(window, standardConformingStrings);
        this.left = most;
    }

    /**
     * The first tokens of a statement, at most {@code most}, none of them beyond a certain length of text. A long token,
     * whose text nobody asks for, becomes {@code '}.
     */
    static Tokens first(String text, boolean standardConformingStrings, int most) {
        String head = text.length() > HEAD ? text.substring(0, HEAD) : text;
        ByteWindow window = new ByteWindow(head.getBytes(StandardCharsets.UTF_8));
        return new Tokens(window, standardConformingStrings, most);
    }

    static Tokens first(Statement statement, int most) {
        return first(statement.text(), statement.standardConformingStrings(), most);
    }

    /** Whether there are more than {@code i}; reads up to there. */
    private boolean reaches(int i) {
        while (tokens.size() <= i && left > 0) {
            left--;
            read();
        }
        return i < tokens.size();
    }

    private void read() {
        try {
            Token token = lexer.next();
            if (token == Token.END) {
                left = 0;
            } else {
                add(token, window.tokenText());
            }
        } catch (ScriptSyntaxException e) {
            left = 0;
            add(Token.STRING, "'"); // the head ends within a quote, since the whole statement had none open
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is read: all bytes are there
        }
    }

    private void readAll() {
        reaches(Integer.MAX_VALUE);
    }

    private void add(Token token, String text) {
        written.add(text);
        tokens.add(text.length() > LONGEST ? "'" : token == Token.WORD ? text.toLowerCase(Locale.ROOT) : text);
    }

    int size() {
        readAll();
        return tokens.size();
    }

    /** The token at {@code i}, or nothing. */
    String at(int i) {
        return reaches(i) ? tokens.get(i) : "";
    }

    /** The token at {@code i} with the case and the length that it has in the text, or nothing. */
    String written(int i) {
        return reaches(i) ? written.get(i) : "";
    }

    boolean is(int i, String token) {
        return at(i).equals(token);
    }

    boolean isAny(int i, String one, String other) {
        return is(i, one) || is(i, other);
    }

    boolean has(String token) {
        return indexOf(token) >= 0;
    }

    int indexOf(String token) {
        readAll();
        return tokens.indexOf(token);
    }

    /** The name or the value at {@code i}: a word, or what stands in quotes, in lower case. */
    String value(int i) {
        String token = at(i).toLowerCase(Locale.ROOT);
        boolean quoted = token.length() > 1 && (token.charAt(0) == '\'' || token.charAt(0) == '"');
        return quoted ? token.substring(1, token.length() - 1) : token;
    }

    /** The name at {@code i}, as the server knows it: what stands in quotes as it stands, anything else in lower case. */
    String name(int i) {
        String written = written(i);
        return written.startsWith("\"")
                ? written.substring(1, written.length() - 1).replace("\"\"", "\"")
                : written.toLowerCase(Locale.ROOT);
    }

    /** Whether an option in parentheses is on ({@code defGetBoolean}); one without a value is. */
    boolean isOn(String option, boolean absent) {
        for (int i = 2; reaches(i); i++) {
            if (value(i).equals(option) && isAny(i - 1, "(", ",")) {
                return switch (value(is(i + 1, "=") ? i + 2 : i + 1)) {
                    case "false", "off", "0" -> false;
                    default -> true;
                };
            }
        }
        return absent;
    }
}
