package org.keops.automigrate.script;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Puts the operators together again that {@link Lexer} gives as single characters: {@code a=-1} has two of them, which are
 * those of {@code a = - 1}, while {@code a <= 1} is not {@code a < = 1}. The rules are those of {@code operator} in scan.l.
 * Not thread-safe.
 */
final class Operators {
    private static final String CHARACTERS = "~!@#^&|`?+-*/%<>=";
    /** An operator that has none of these cannot end with a sign. */
    private static final String SPECIAL = "~!@#^&|`?%";

    private final Consumer<byte[]> target;
    private final ByteArrayOutputStream run = new ByteArrayOutputStream();
    private byte last;
    private int next = -1;

    Operators(Consumer<byte[]> target) {
        this.target = target;
    }

    /** One character of an operator or of punctuation, at an offset. */
    void accept(byte symbol, int offset) {
        if (offset != next || !joins(symbol)) {
            end();
        }
        run.write(symbol);
        last = symbol;
        next = offset + 1;
    }

    /** Something else follows. */
    void end() {
        String operator = run.toString(StandardCharsets.ISO_8859_1);
        run.reset();
        next = -1;
        int length = operator.length();
        if (operator.chars().noneMatch(c -> SPECIAL.indexOf(c) >= 0)) {
            while (length > 1 && isSign(operator.charAt(length - 1))) {
                length--;
            }
        }
        if (length > 0) {
            give(operator.substring(0, length));
        }
        for (int i = length; i < operator.length(); i++) {
            give(operator.substring(i, i + 1));
        }
    }

    private void give(String operator) {
        target.accept(operator.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** {@code ::}, {@code :=} and {@code ..} are the only ones of other characters. */
    private boolean joins(byte symbol) {
        if (run.size() == 1 && (last == ':' || last == '.')) {
            return symbol == last || (last == ':' && symbol == '=');
        }
        return isOperator(last) && isOperator(symbol) && run.toByteArray()[0] != ':';
    }

    private static boolean isOperator(byte symbol) {
        return CHARACTERS.indexOf(symbol) >= 0;
    }

    private static boolean isSign(char c) {
        return c == '+' || c == '-';
    }
}
