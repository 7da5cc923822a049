package org.keops.automigrate.script;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The names in a statement, as messages of the server write them: in lower case unless quoted, with their qualification.
 *
 * @param all the names with their places, in the order of the text
 */
record Names(List<Name> all) {

    /** The quotation marks of the languages that PostgreSQL speaks. */
    private static final String MARKS = "\"«»„“”";

    /**
     * A name.
     *
     * @param parts its parts, as they were written between the dots, with quotes resolved and letters folded
     * @param starts where in the text (in chars) each part starts
     */
    record Name(List<String> parts, List<Integer> starts) {
        /** Where the name, or the end of it that is meant, starts; or -1. */
        int find(String meant) {
            for (int i = 0; i < parts.size(); i++) {
                if (String.join(".", parts.subList(i, parts.size())).equals(meant)
                        || parts.get(i).equals(meant)) {
                    return starts.get(i);
                }
            }
            return -1;
        }
    }

    static Names of(Statement statement) {
        List<Name> names = new ArrayList<>();
        boolean dot = false;
        for (Lexemes.Lexeme lexeme : Lexemes.of(statement.text(), statement.standardConformingStrings())) {
            if (lexeme.token() == Token.WORD || lexeme.token() == Token.QUOTED_IDENTIFIER) {
                if (!dot || names.isEmpty()) {
                    names.add(new Name(new ArrayList<>(), new ArrayList<>()));
                }
                Name name = names.get(names.size() - 1);
                name.parts().add(folded(lexeme.in(statement.text())));
                name.starts().add(lexeme.from());
                dot = false;
            } else {
                dot = lexeme.token() == Token.SYMBOL && statement.text().charAt(lexeme.from()) == '.';
            }
        }
        return new Names(names);
    }

    /**
     * Finds what a message quotes first.
     *
     * @return its place in the text, in chars, or -1
     */
    int quotedIn(String message) {
        String meant = quoted(message);
        if (meant == null) {
            meant = called(message);
        }
        for (Name name : all) {
            int at = meant == null ? -1 : name.find(meant);
            if (at >= 0) {
                return at;
            }
        }
        return -1;
    }

    private static @Nullable String quoted(String message) {
        int from = indexOfMark(message, 0);
        int to = from < 0 ? -1 : indexOfMark(message, from + 1);
        return to < 0 ? null : message.substring(from + 1, to).strip();
    }

    private static int indexOfMark(String message, int from) {
        for (int i = from; i < message.length(); i++) {
            if (MARKS.indexOf(message.charAt(i)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    /** Functions are not quoted: {@code function nosuch(integer) does not exist}. */
    private static @Nullable String called(String message) {
        int parenthesis = message.indexOf('(');
        int blank = parenthesis < 0 ? -1 : message.lastIndexOf(' ', parenthesis);
        return blank < 0 || blank + 1 == parenthesis ? null : message.substring(blank + 1, parenthesis);
    }

    private static String folded(String written) {
        return written.startsWith("\"")
                ? written.substring(1, written.length() - 1).replace("\"\"", "\"")
                : written.toLowerCase(Locale.ROOT);
    }
}
