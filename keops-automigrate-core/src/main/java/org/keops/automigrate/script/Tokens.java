package org.keops.automigrate.script;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The tokens of a statement as text: words in lower case, anything else as it is written. */
final class Tokens {
    private static final int LONGEST = 64;

    private Tokens() {}

    /** The first tokens of a statement, at most {@code most}. A long token, whose text nobody asks for, becomes {@code ""}. */
    static List<String> first(Statement statement, int most) {
        ByteWindow window = new ByteWindow(statement.text().getBytes(StandardCharsets.UTF_8));
        Lexer lexer = new Lexer(window, statement.standardConformingStrings());
        List<String> tokens = new ArrayList<>();
        try {
            for (Token token = lexer.next(); token != Token.END && tokens.size() < most; token = lexer.next()) {
                tokens.add(text(window, token));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is read: all bytes are there
        }
        return tokens;
    }

    private static String text(ByteWindow window, Token token) {
        int from = (int) (window.token - window.base);
        int length = window.at - from;
        if (length > LONGEST) {
            return "";
        }
        String text = new String(window.bytes, from, length, StandardCharsets.UTF_8);
        return token == Token.WORD ? text.toLowerCase(Locale.ROOT) : text;
    }
}
