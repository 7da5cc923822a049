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
     * @return their contents as written, and with doubled quotes resolved, in the order in which they stand
     */
    public static List<String> of(Statement statement) {
        List<String> literals = new ArrayList<>();
        try {
            collect(statement.text(), statement.standardConformingStrings(), literals);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is read: all bytes are there
        }
        return literals;
    }

    private static void collect(String text, boolean standardConformingStrings, List<String> literals)
            throws IOException {
        ByteWindow window = new ByteWindow(text.getBytes(StandardCharsets.UTF_8));
        Lexer lexer = new Lexer(window, standardConformingStrings);
        for (Token token = lexer.next(); token != Token.END; token = lexer.next()) {
            if (token == Token.STRING) {
                add(window.tokenText(), standardConformingStrings, literals);
            }
        }
    }

    private static void add(String written, boolean standardConformingStrings, List<String> literals)
            throws IOException {
        boolean dollar = written.startsWith("$");
        int open = 1 + (dollar ? written.indexOf('$', 1) : written.indexOf('\''));
        String content = written.substring(open, written.length() - (dollar ? open : 1));
        String meant = dollar ? content : content.replace("''", "'");
        if (content.length() <= LONGEST) {
            literals.add(content);
            literals.add(meant);
        }
        collectWithin(dollar ? content : meant.replace("\\'", "'"), standardConformingStrings, literals);
    }

    /** Most of what has quotes inside is code, with literals of its own, however long it is. */
    private static void collectWithin(String text, boolean standardConformingStrings, List<String> literals)
            throws IOException {
        try {
            collect(text, standardConformingStrings, literals);
        } catch (ScriptSyntaxException e) {
            // it is a text and no code, and counts as a whole
            return;
        }
    }
}
