package org.keops.automigrate.script;

import java.util.Objects;
import org.keops.automigrate.model.Location;

/**
 * One statement of a script, as it is to be sent. What it means is found once, by whoever reads the script.
 *
 * <p>Immutable and thread-safe.
 *
 * @param text the text from the first token to the last; without the {@code ;}, and without the comments around it, so
 *     that statements can be joined; comments inside are kept
 * @param start where the text starts
 * @param byteOffset where the text starts, in bytes from the start of the script
 * @param byteLength the length of the text in the script, in bytes
 * @param standardConformingStrings whether a backslash is an ordinary character in plain strings here
 * @param traits what it means for whoever runs it
 */
public record Statement(
        String text,
        Location start,
        long byteOffset,
        int byteLength,
        boolean standardConformingStrings,
        StatementTraits traits) {
    /** A server in Turkish takes it for an {@code i} in names, where a character is a byte ({@code downcase_identifier}). */
    private static final char DOTTED = '\u0130';

    /** Checks that all parts are there. */
    public Statement {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(start, "start");
        Objects.requireNonNull(traits, "traits");
    }

    Statement(String text, Location start, long byteOffset, int byteLength, boolean standardConformingStrings) {
        this(
                text,
                start,
                byteOffset,
                byteLength,
                standardConformingStrings,
                StatementTraits.of(text, standardConformingStrings));
    }

    /**
     * Whether something stands in the text, in any case; without a copy of the text, which may be long.
     *
     * @param word what; looked for by its underscore if it has one, else by its first character
     * @return true also where it is part of something longer
     */
    public boolean mentions(String word) {
        return mentions(word, Math.max(0, word.indexOf('_')));
    }

    /**
     * The same.
     *
     * @param word what
     * @param rare the position in it of a character that is rare in SQL, by which it is looked for
     * @return true also where it is part of something longer
     */
    public boolean mentions(String word, int rare) {
        char lower = Character.toLowerCase(word.charAt(rare));
        char upper = Character.toUpperCase(lower);
        return mentions(word, rare, lower)
                || (upper != lower && mentions(word, rare, upper))
                || (lower == 'i' && mentions(word, rare, DOTTED));
    }

    private boolean mentions(String word, int rare, char by) {
        for (int at = text.indexOf(by); at >= 0; at = text.indexOf(by, at + 1)) {
            if (stands(word, at - rare)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether one of several words stands in the text, in any case, which is gone through once.
     *
     * @param words each with an underscore
     * @return true also where one is part of something longer
     */
    public boolean mentionsAny(String... words) {
        for (int at = text.indexOf('_'); at >= 0; at = text.indexOf('_', at + 1)) {
            for (String word : words) {
                if (stands(word, at - word.indexOf('_'))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Hardly ever do both ends agree where the whole does not. */
    private boolean stands(String word, int at) {
        int last = word.length() - 1;
        return at >= 0
                && at + last < text.length()
                && isSame(text.charAt(at), word.charAt(0))
                && isSame(text.charAt(at + last), word.charAt(last))
                && text.regionMatches(true, at, word, 0, word.length());
    }

    /**
     * In any case; some characters that are no letters are taken for one another, and what is not ASCII for everything: it
     * is looked at with the whole.
     */
    private static boolean isSame(char one, char other) {
        return one > 0x7F || (one | 0x20) == (other | 0x20);
    }

    /**
     * Finds the place in the script that the server means by an error position.
     *
     * @param position the position in {@link #text()}, in characters (code points) from 1, as PostgreSQL's error field
     *     {@code P} counts; one that lies outside of the text means its nearest end
     * @return the place
     */
    public Location locate(int position) {
        int line = start.line();
        int column = start.column();
        int i = 0;
        for (int left = position - 1; left > 0 && i < text.length(); left--) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            boolean firstOfPair = c == '\r' && i < text.length() && text.charAt(i) == '\n';
            if (c == '\n' || (c == '\r' && !firstOfPair)) {
                line++;
                column = 1;
            } else {
                column++;
            }
        }
        return new Location(start.file(), line, column);
    }

    /** The position in {@link #text()} of a place in the script, in characters from 1; 0 if it is not in the statement. */
    int position(Location place) {
        int most = text.codePointCount(0, text.length()) + 1;
        int line = start.line();
        int column = start.column();
        int i = 0;
        for (int position = 1; position <= most; position++) {
            if (line == place.line() && column == place.column()) {
                return position;
            }
            if (i < text.length()) {
                int c = text.codePointAt(i);
                i += Character.charCount(c);
                boolean firstOfPair = c == '\r' && i < text.length() && text.charAt(i) == '\n';
                boolean breaks = c == '\n' || (c == '\r' && !firstOfPair);
                line += breaks ? 1 : 0;
                column = breaks ? 1 : column + 1;
            }
        }
        return 0;
    }

    /** Place and command, never the text: it may hold a secret. */
    @Override
    public String toString() {
        return start + " " + traits.command();
    }
}
