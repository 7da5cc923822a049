package org.keops.automigrate.graph;

import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;

/**
 * A target as written: {@code [branch@][name][+N|-N]}. Knows the grammar, not the graph.
 *
 * <p>Alembic reads the same with the expression {@code (?:(.+?)@)?(\w+)?((?:\+|-)\d+)} and ignores what follows the number;
 * here nothing may follow.
 *
 * <p>Immutable and thread-safe.
 *
 * @param text the whole as written, for messages
 * @param branch what stands before the {@code @}, or null
 * @param name the name that is left, without the number; may be empty
 * @param relative whether there is a number
 * @param steps the number with its sign; 0 if there is none
 */
record Target(String text, @Nullable String branch, String name, boolean relative, int steps) {
    /** More steps than any graph has, so that a number never overflows. */
    private static final int DIGITS_THAT_FIT = 9;

    static Target parse(String text) {
        if (text.indexOf(':') >= 0) {
            throw new RevisionException(
                    Kind.RANGE_NOT_ALLOWED,
                    "'" + text + "' is a range; one target is wanted here, as in 'head' or 'ae10+2'");
        }
        int at = text.indexOf('@');
        String branch = at < 0 ? null : text.substring(0, at);
        String rest = text.substring(at + 1);
        if (rest.isEmpty() || (branch != null && branch.isEmpty())) {
            throw new RevisionException(
                    Kind.CANT_LOCATE,
                    "'" + text
                            + "' is not a target; write an id, a branch label, 'head', 'heads', 'base', 'branch@head' or '+1'");
        }
        int sign = startOfNumber(rest);
        if (sign < 0) {
            return new Target(text, branch, rest, false, 0);
        }
        return new Target(text, branch, rest.substring(0, sign), true, number(rest, sign));
    }

    /** Whether the number leads down; {@code -0} counts as {@code +0}, as in Alembic. */
    boolean leadsDown() {
        return steps < 0;
    }

    private static int startOfNumber(String rest) {
        int sign = rest.length() - 1;
        while (sign >= 0 && rest.charAt(sign) >= '0' && rest.charAt(sign) <= '9') {
            sign--;
        }
        boolean found = sign >= 0 && sign < rest.length() - 1 && isSign(rest.charAt(sign));
        return found ? sign : -1;
    }

    private static boolean isSign(char c) {
        return c == '+' || c == '-';
    }

    private static int number(String rest, int sign) {
        String digits = rest.substring(sign + 1);
        int number = digits.length() > DIGITS_THAT_FIT ? Integer.MAX_VALUE : Integer.parseInt(digits);
        return rest.charAt(sign) == '-' ? -number : number;
    }
}
