package org.keops.automigrate.script;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The tokens of a statement as text: words in lower case, anything else as it is written. Immutable. */
final class Tokens {
    private static final int LONGEST = 64;
    private static final int HEAD = 1 << 16;

    private final List<String> tokens;

    private Tokens(List<String> tokens) {
        this.tokens = tokens;
    }

    /**
     * The first tokens of a statement, at most {@code most}, none of them beyond a certain length of text. A long token,
     * whose text nobody asks for, becomes {@code '}.
     */
    static Tokens first(Statement statement, int most) {
        String text = statement.text();
        String head = text.length() > HEAD ? text.substring(0, HEAD) : text;
        ByteWindow window = new ByteWindow(head.getBytes(StandardCharsets.UTF_8));
        Lexer lexer = new Lexer(window, statement.standardConformingStrings());
        List<String> tokens = new ArrayList<>();
        try {
            for (Token token = lexer.next(); token != Token.END && tokens.size() < most; token = lexer.next()) {
                tokens.add(text(window, token));
            }
        } catch (ScriptSyntaxException e) {
            tokens.add("'"); // the head ends within a quote, since the whole statement had none open
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is read: all bytes are there
        }
        return new Tokens(tokens);
    }

    int size() {
        return tokens.size();
    }

    /** The token at {@code i}, or nothing. */
    String at(int i) {
        return i < tokens.size() ? tokens.get(i) : "";
    }

    boolean is(int i, String token) {
        return at(i).equals(token);
    }

    boolean isAny(int i, String one, String other) {
        return is(i, one) || is(i, other);
    }

    int indexOf(String token) {
        return tokens.indexOf(token);
    }

    /** The name or the value at {@code i}: a word, or what stands in quotes, in lower case. */
    String value(int i) {
        String token = at(i).toLowerCase(Locale.ROOT);
        boolean quoted = token.length() > 1 && (token.charAt(0) == '\'' || token.charAt(0) == '"');
        return quoted ? token.substring(1, token.length() - 1) : token;
    }

    /** Whether an option in parentheses is on ({@code defGetBoolean}); one without a value is. */
    boolean isOn(String option, boolean absent) {
        for (int i = 2; i < tokens.size(); i++) {
            if (value(i).equals(option) && isAny(i - 1, "(", ",")) {
                return switch (value(is(i + 1, "=") ? i + 2 : i + 1)) {
                    case "false", "off", "0" -> false;
                    default -> true;
                };
            }
        }
        return absent;
    }

    private static String text(ByteWindow window, Token token) {
        int from = (int) (window.token - window.base);
        int length = window.at - from;
        if (length > LONGEST) {
            return "'";
        }
        String text = new String(window.bytes, from, length, StandardCharsets.UTF_8);
        return token == Token.WORD ? text.toLowerCase(Locale.ROOT) : text;
    }
}
