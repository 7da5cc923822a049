package org.keops.automigrate.script;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The code of a function or of {@code DO} as the server sees it, with the way back to where each character stands in the
 * statement. Immutable.
 */
final class Body {
    /** What follows the backslash of a character that is written as a number ({@code xeoctesc}, {@code xehexesc}, {@code xeunicode} of scan.l). */
    private static final String NUMBERED = "01234567xuU";

    private final String code;
    /** Where in the statement's text (in chars) each char of the code stands, and the end of the last. */
    private final int[] places;

    private Body(String code, int[] places) {
        this.code = code;
        this.places = places;
    }

    /** The code, with doubled quotes and escapes resolved. */
    String code() {
        return code;
    }

    /** Where in the statement's text (in chars) a char of the code stands, or the end of the code. */
    int place(int at) {
        return places[at];
    }

    /** The code of {@code DO}, of a function or of a procedure; null for other statements. */
    static @Nullable Body of(Statement statement) {
        Tokens head = Tokens.first(statement, 4);
        boolean block = head.is(0, "do");
        if (!block && !(head.is(0, "create") && head.isAny(head.is(1, "or") ? 3 : 1, "function", "procedure"))) {
            return null;
        }
        String text = statement.text();
        String before = "";
        for (Lexemes.Lexeme lexeme : Lexemes.of(text, statement.standardConformingStrings())) {
            // any other string is a default, a setting or the name of the language
            if (lexeme.token() == Token.STRING && (block ? !before.equals("language") : before.equals("as"))) {
                return of(text, lexeme, statement.standardConformingStrings());
            }
            before = lexeme.in(text).toLowerCase(Locale.ROOT);
        }
        return null;
    }

    private static @Nullable Body of(String text, Lexemes.Lexeme string, boolean standardConformingStrings) {
        int open = text.indexOf('\'', string.from());
        return switch (text.charAt(string.from())) {
            case '$' -> {
                int tag = text.indexOf('$', string.from() + 1) + 1 - string.from();
                yield plain(text, string.from() + tag, string.to() - tag);
            }
            case '\'' -> resolved(text, open + 1, string.to() - 1, !standardConformingStrings);
            case 'e', 'E' -> resolved(text, open + 1, string.to() - 1, true);
            default -> null; // Unicode escapes are numbers, too
        };
    }

    private static Body plain(String text, int from, int to) {
        int[] places = new int[to - from + 1];
        for (int i = 0; i < places.length; i++) {
            places[i] = from + i;
        }
        return new Body(text.substring(from, to), places);
    }

    /** Null if characters are written as numbers: quotes may be among them, and what is a literal would look like code. */
    private static @Nullable Body resolved(String text, int from, int to, boolean escapes) {
        StringBuilder code = new StringBuilder();
        int[] places = new int[to - from + 1];
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            places[code.length()] = i;
            if (c == '\'' || (escapes && c == '\\')) {
                i++;
                if (c == '\\' && NUMBERED.indexOf(text.charAt(i)) >= 0) {
                    return null;
                }
                c = c == '\'' ? c : unescaped(text.charAt(i));
            }
            code.append(c);
        }
        places[code.length()] = to;
        return new Body(code.toString(), places);
    }

    private static char unescaped(char letter) {
        return switch (letter) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'f' -> '\f';
            default -> letter;
        };
    }

    /** Where the line starts that the procedural language calls {@code line}: it counts line feeds, from 1. */
    int startOfLine(int line) {
        int at = 0;
        for (int i = 1; i < line; i++) {
            int feed = code.indexOf('\n', at);
            if (feed < 0) {
                return at;
            }
            at = feed + 1;
        }
        return at;
    }

    int firstOfLine(int line) {
        int at = startOfLine(line);
        while (at < code.length() && Character.isWhitespace(code.charAt(at)) && code.charAt(at) != '\n') {
            at++;
        }
        return at;
    }

    /** Where the name stands that a message quotes, in chars of the code, or -1; looked for from a place on. */
    int named(String message, int from) {
        int at = Names.in(code.substring(from), true).quotedIn(message);
        return at < 0 ? -1 : from + at;
    }

    /**
     * Finds the text of an inner statement. PL/pgSQL puts blanks where {@code INTO} stood, and a {@code SELECT} in front of
     * an expression and in the place of {@code PERFORM}.
     *
     * @param from where to start, in chars of the code
     * @param position the char of the inner statement that is wanted, from 0
     * @return the place of that char in the code, or -1
     */
    int find(String inner, int from, int position) {
        int at = align(inner, 0, from);
        if (at >= 0) {
            return at + position;
        }
        int expression = expression(inner);
        at = expression == inner.length() ? -1 : align(inner, expression, from);
        return at < 0 ? -1 : at + Math.max(0, position - expression);
    }

    /** What follows a {@code SELECT} at the front and, the code's own or put there, one char behind it; else the end. */
    private static int expression(String inner) {
        int end = inner.length() - inner.stripLeading().length() + "SELECT".length();
        boolean found = inner.stripLeading().startsWith("SELECT") && end < inner.length();
        return found && !Character.isLetterOrDigit(inner.charAt(end)) ? end + 1 : inner.length();
    }

    private int align(String inner, int skip, int from) {
        int length = inner.length() - skip;
        for (int at = from; at + length <= code.length(); at++) {
            int i = 0;
            while (i < length && (inner.charAt(skip + i) == ' ' || inner.charAt(skip + i) == code.charAt(at + i))) {
                i++;
            }
            if (i == length) {
                return at;
            }
        }
        return -1;
    }
}
