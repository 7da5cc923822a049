package org.keops.automigrate.script;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names in a statement, as messages of the server write them: in lower case unless quoted, with their qualification.
 *
 * @param all the names with their places, in the order of the text
 * @param values the contents of string literals with their places: a label of an enum is a name, too
 */
record Names(List<Name> all, List<Name> values) {

    /** The quotation marks of the languages that PostgreSQL speaks. */
    private static final String MARKS = "\"«»„“”";

    /** What a message calls an object without quoting its name. */
    private static final Pattern OF_A_KIND = Pattern.compile(
            "\\b(?:column|constraint|table|view|index|sequence|type|domain|schema|extension|server) (\\S+)");

    /** duplicate_column, where the later of two is the one too many. */
    private static final String TWICE = "42701";

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
        return in(statement.text(), statement.standardConformingStrings());
    }

    /** The names in some code. */
    static Names in(String text, boolean standardConformingStrings) {
        List<Name> names = new ArrayList<>();
        List<Name> values = new ArrayList<>();
        boolean dot = false;
        for (Lexemes.Lexeme lexeme : Lexemes.of(text, standardConformingStrings)) {
            if (lexeme.token() == Token.STRING && text.charAt(lexeme.to() - 1) == '\'') {
                String written = lexeme.in(text);
                String value = written.substring(written.indexOf('\'') + 1, written.length() - 1);
                values.add(new Name(List.of(value.replace("''", "'")), List.of(lexeme.from())));
            }
            if (lexeme.token() == Token.WORD || lexeme.token() == Token.QUOTED_IDENTIFIER) {
                if (!dot || names.isEmpty()) {
                    names.add(new Name(new ArrayList<>(), new ArrayList<>()));
                }
                Name name = names.get(names.size() - 1);
                name.parts().add(folded(lexeme.in(text)));
                name.starts().add(lexeme.from());
                dot = false;
            } else {
                dot = lexeme.token() == Token.SYMBOL && text.charAt(lexeme.from()) == '.';
            }
        }
        return new Names(names, values);
    }

    /**
     * Finds what an error is about.
     *
     * @return its place in the text, in chars, or -1
     */
    int meantBy(Fault fault) {
        int at = quotedIn(fault.message());
        if (at >= 0 && fault.sqlState().equals(TWICE)) {
            List<Name> later =
                    all.stream().filter(name -> name.starts().get(0) > at).toList();
            return Math.max(at, new Names(later, List.of()).quotedIn(fault.message()));
        }
        return at >= 0 ? at : dropped(fault.message());
    }

    /** What a message names without quotes: {@code cannot drop table a because other objects depend on it}. */
    private int dropped(String message) {
        Matcher named = OF_A_KIND.matcher(message);
        int at = -1;
        while (at < 0 && named.find()) {
            at = find(all, named.group(1));
        }
        return at;
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
        int at = meant == null ? -1 : find(all, meant);
        return at >= 0 || meant == null ? at : find(values, meant);
    }

    private static int find(List<Name> names, String meant) {
        for (Name name : names) {
            int at = name.find(meant);
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
