package org.keops.automigrate.script;

/**
 * UTF-8 as RFC 3629 and PostgreSQL's {@code pg_utf8_islegal} demand it: no overlong forms, no surrogates, nothing above
 * U+10FFFF. Java's own decoders either replace what is malformed or lose its place.
 */
final class Utf8 {
    /** The bytes end in the middle of a character. */
    static final int TRUNCATED = 0;
    /** No character starts here. */
    static final int MALFORMED = -1;

    private Utf8() {}

    /** The number of bytes of the non-ASCII character at {@code at}, or {@link #TRUNCATED} or {@link #MALFORMED}. */
    static int length(byte[] bytes, int at, int limit) {
        int lead = bytes[at] & 0xFF;
        int length = lead < 0xC2 ? MALFORMED : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : MALFORMED;
        for (int i = 1; i < length; i++) {
            if (at + i == limit) {
                return TRUNCATED;
            }
            int next = bytes[at + i] & 0xFF;
            if ((next & 0xC0) != 0x80 || (i == 1 && !secondFits(lead, next))) {
                return MALFORMED;
            }
        }
        return length;
    }

    private static boolean secondFits(int lead, int second) {
        return switch (lead) {
            case 0xE0 -> second >= 0xA0;
            case 0xED -> second < 0xA0;
            case 0xF0 -> second >= 0x90;
            case 0xF4 -> second < 0x90;
            default -> true;
        };
    }
}
