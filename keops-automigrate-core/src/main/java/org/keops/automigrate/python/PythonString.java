package org.keops.automigrate.python;

/** The value of a string literal, collected while it is read. For one literal. */
final class PythonString {
    private final boolean raw;
    private final StringBuilder value = new StringBuilder();
    private boolean odd;

    PythonString(boolean raw) {
        this.raw = raw;
    }

    void plain(char c) {
        value.append(c);
    }

    /** A line break behind a backslash. */
    void continued() {
        if (raw) {
            value.append("\\\n");
        }
    }

    /** Reads an escape that begins at {@code at} and returns where it ends. */
    int escape(String text, int at) {
        char c = text.charAt(at + 1);
        if (raw) {
            value.append('\\').append(c);
            return at + 2;
        }
        int simple = "abfnrtv\\'\"".indexOf(c);
        if (simple >= 0) {
            value.append("\u0007\b\f\n\r\t\u000b\\'\"".charAt(simple));
            return at + 2;
        }
        return switch (c) {
            case 'x' -> number(text, at + 2, 2, 16);
            case 'u' -> number(text, at + 2, 4, 16);
            case 'U' -> number(text, at + 2, 8, 16);
            case '0', '1', '2', '3', '4', '5', '6', '7' -> number(text, at + 1, octalDigits(text, at + 1), 8);
            case 'N' -> {
                odd = true; // a character by its name
                yield at + 2;
            }
            default -> {
                value.append('\\').append(c);
                yield at + 2;
            }
        };
    }

    String text() {
        return value.toString();
    }

    /** Whether it holds what is not understood here. */
    boolean odd() {
        return odd;
    }

    private int number(String text, int from, int digits, int radix) {
        int to = Math.min(text.length(), from + digits);
        try {
            value.appendCodePoint(Integer.parseInt(text, from, to, radix));
        } catch (IllegalArgumentException e) {
            odd = true;
        }
        return to;
    }

    private static int octalDigits(String text, int from) {
        int to = from;
        while (to < text.length() && to < from + 3 && text.charAt(to) >= '0' && text.charAt(to) <= '7') {
            to++;
        }
        return to - from;
    }
}
