package org.keops.automigrate.script;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The tokens of a text with their places in it. Stateless. */
final class Lexemes {

    private Lexemes() {}

    /**
     * A token and where it stands.
     *
     * @param token its kind
     * @param from where it starts, in chars
     * @param to where it ends, in chars
     */
    record Lexeme(Token token, int from, int to) {
        String in(String text) {
            return text.substring(from, to);
        }
    }

    /** The tokens; of a text that can not be read to its end, those that can. */
    static List<Lexeme> of(String text, boolean standardConformingStrings) {
        List<Lexeme> lexemes = new ArrayList<>();
        ByteWindow window = new ByteWindow(text.getBytes(StandardCharsets.UTF_8));
        Lexer lexer = new Lexer(window, standardConformingStrings);
        int bytes = 0;
        int chars = 0;
        try {
            for (Token token = lexer.next(); token != Token.END; token = lexer.next()) {
                int start = (int) window.token;
                int from = chars + chars(window, bytes, start);
                int to = from + chars(window, start, window.at);
                lexemes.add(new Lexeme(token, from, to));
                bytes = window.at;
                chars = to;
            }
        } catch (ScriptSyntaxException e) {
            return lexemes;
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is read: all bytes are there
        }
        return lexemes;
    }

    private static int chars(ByteWindow window, int from, int to) {
        int chars = 0;
        for (int i = from; i < to; i++) {
            int b = window.bytes[i] & 0xFF;
            // every byte that starts a character; four bytes make a pair of surrogates
            chars += b < 0x80 || b >= 0xC0 ? b >= 0xF0 ? 2 : 1 : 0;
        }
        return chars;
    }
}
