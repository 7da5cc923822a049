package org.keops.automigrate.script;

import java.util.Arrays;

/** The classes of bytes that scan.l defines: {@code space}, {@code newline}, {@code ident_start}, {@code decdigit}. */
final class Bytes {
    static final int SPACE = 0;
    static final int NEWLINE = 1;
    static final int WORD = 2;
    /** A letter that makes a string or an identifier special when a quote follows at once. */
    static final int PREFIX = 3;

    static final int DIGIT = 4;
    static final int OTHER = 5;

    private static final byte[] KINDS = kinds();

    private Bytes() {}

    static int kind(byte b) {
        return KINDS[b & 0xFF];
    }

    /** {@code ident_start}. */
    static boolean startsWord(int c) {
        return c >= 0 && (KINDS[c] == WORD || KINDS[c] == PREFIX);
    }

    /** {@code ident_cont}, which has the dollar, so that {@code a$b$c} is one word. */
    static boolean isWordPart(byte b) {
        int kind = KINDS[b & 0xFF];
        return (kind >= WORD && kind <= DIGIT) || b == '$';
    }

    static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static byte[] kinds() {
        byte[] kinds = new byte[256];
        Arrays.fill(kinds, 0, 128, (byte) OTHER);
        Arrays.fill(kinds, 128, 256, (byte) WORD); // \200-\377: every byte of a non-ASCII character
        Arrays.fill(kinds, 'a', 'z' + 1, (byte) WORD);
        Arrays.fill(kinds, 'A', 'Z' + 1, (byte) WORD);
        Arrays.fill(kinds, '0', '9' + 1, (byte) DIGIT);
        kinds['_'] = WORD;
        for (char c : "bBeEnNuUxX".toCharArray()) {
            kinds[c] = PREFIX;
        }
        for (char c : " \t\f\u000B".toCharArray()) { // the vertical tab since 16; before, no valid text holds one
            kinds[c] = SPACE;
        }
        kinds['\n'] = NEWLINE;
        kinds['\r'] = NEWLINE;
        return kinds;
    }
}
