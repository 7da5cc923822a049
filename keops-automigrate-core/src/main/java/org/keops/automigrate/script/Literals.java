package org.keops.automigrate.script;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The contents of a statement's string literals: what a message about it must not repeat. Stateless. */
public final class Literals {
    /** A server does not quote more than this of a value in a message. */
    private static final int LONGEST = 4096;

    private Literals() {}

    /**
     * Finds the literals.
     *
     * @param statement the statement
     * @return their contents without the quotes, doubled quotes resolved, in the order in which they stand
     */
    public static List<String> of(Statement statement) {
        ByteWindow window = new ByteWindow(statement.text().getBytes(StandardCharsets.UTF_8));
        Lexer lexer = new Lexer(window, statement.standardConformingStrings());
        List<String> literals = new ArrayList<>();
        try {
            for (Token token = lexer.next(); token != Token.END; token = lexer.next()) {
                int from = (int) (window.token - window.base);
                if (token == Token.STRING && window.at - from <= LONGEST) {
                    literals.add(content(new String(window.bytes, from, window.at - from, StandardCharsets.UTF_8)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is read: all bytes are there
        }
        return literals;
    }

    private static String content(String written) {
        int quote = written.indexOf('\'');
        if (written.startsWith("$")) {
            int tag = written.indexOf('$', 1) + 1;
            return written.substring(tag, written.length() - tag);
        }
        return written.substring(quote + 1, written.length() - 1).replace("''", "'");
    }
}
