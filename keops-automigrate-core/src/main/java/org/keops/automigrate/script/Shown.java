package org.keops.automigrate.script;

import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.SourceLine;

/** What of a statement's text may be shown to a person: no literal and no comment of it. Stateless. */
public final class Shown {
    private static final char HIDDEN = '…';

    /** A longer statement is not shown. */
    private static final int LONGEST = 1 << 20;

    /** The most characters of a line that are shown on each side of the place that is meant. */
    private static final int AROUND = 100;

    /** From so many digits on a number is no length and no count, but may be somebody's. */
    private static final int LONG_NUMBER = 6;

    private Shown() {}

    /**
     * The line of a statement that a position is in.
     *
     * @param statement the statement
     * @param position the position, in characters from 1
     * @return what of the line belongs to the statement, with literals hidden; null if it must not be shown
     */
    public static @Nullable SourceLine line(Statement statement, int position) {
        String text = statement.text();
        if (text.length() > LONGEST || statement.traits().secret()) {
            return null;
        }
        int wanted = Math.min(Math.max(position, 1) - 1, text.codePointCount(0, text.length()));
        int at = text.offsetByCodePoints(0, wanted);
        int from = at;
        while (from > 0 && !isEnd(text.charAt(from - 1)) && at - from < AROUND) {
            from--;
        }
        int to = at;
        while (to < text.length() && !isEnd(text.charAt(to)) && to - at < AROUND) {
            to++;
        }
        BitSet visible = visible(statement);
        String before = masked(text, from, at, visible);
        String line = before + masked(text, at, to, visible);
        // the place that is meant may itself be hidden behind the sign that ends the part before
        boolean inside = at > from && at < to && !visible.get(at) && !visible.get(at - 1);
        String shown = inside ? before + masked(text, at, to, visible).substring(1) : line;
        int caret = before.codePointCount(0, before.length()) - (inside ? 1 : 0);
        return new SourceLine(shown, caret);
    }

    /**
     * The whole statement.
     *
     * @param statement the statement
     * @return its text with literals hidden; null if it must not be shown
     */
    public static @Nullable String text(Statement statement) {
        String text = statement.text();
        return text.length() > LONGEST || statement.traits().secret()
                ? null
                : masked(text, 0, text.length(), visible(statement));
    }

    private static boolean isEnd(char c) {
        return c == '\n' || c == '\r';
    }

    private static String masked(String text, int from, int to, BitSet visible) {
        StringBuilder masked = new StringBuilder();
        boolean hiding = false;
        for (int i = from; i < to; i++) {
            if (visible.get(i)) {
                masked.append(text.charAt(i));
            } else if (!hiding) {
                masked.append(HIDDEN);
            }
            hiding = !visible.get(i);
        }
        return masked.toString();
    }

    private static BitSet visible(Statement statement) {
        String text = statement.text();
        BitSet visible = new BitSet(text.length());
        boolean strings = statement.standardConformingStrings();
        show(text, Lexemes.of(text, strings), visible);
        Body body = Body.of(statement);
        if (body != null) {
            BitSet inBody = new BitSet(body.code().length());
            show(body.code(), Lexemes.of(body.code(), strings), inBody);
            inBody.stream().forEach(i -> visible.set(body.place(i), body.place(i + 1)));
        }
        return visible;
    }

    private static void show(String text, List<Lexemes.Lexeme> lexemes, BitSet visible) {
        int end = 0;
        for (Lexemes.Lexeme lexeme : lexemes) {
            showBlanks(text, end, lexeme.from(), visible);
            boolean number = lexeme.token() == Token.NUMBER && lexeme.to() - lexeme.from() >= LONG_NUMBER;
            if (lexeme.token() == Token.STRING) {
                showQuotes(text, lexeme, visible);
            } else if (!number) {
                visible.set(lexeme.from(), lexeme.to());
            }
            end = lexeme.to();
        }
        showBlanks(text, end, text.length(), visible);
    }

    private static void showBlanks(String text, int from, int to, BitSet visible) {
        for (int i = from; i < to; i++) {
            if (Character.isWhitespace(text.charAt(i))) {
                visible.set(i);
            }
        }
    }

    /** The first delimiter and the last, so that a reader sees that there is a string. */
    private static void showQuotes(String text, Lexemes.Lexeme string, BitSet visible) {
        boolean dollar = text.charAt(string.from()) == '$';
        int open = dollar ? text.indexOf('$', string.from() + 1) : text.indexOf('\'', string.from());
        int closing = dollar ? open + 1 - string.from() : 1;
        visible.set(string.from(), open + 1);
        visible.set(string.to() - closing, string.to());
    }
}
