package org.keops.automigrate.script;

/**
 * What a statement does to {@code standard_conforming_strings}, which decides whether a backslash in a plain string takes
 * the next character along. The server reports changes of it; a reader has to understand them beforehand.
 *
 * <p>Understood: {@code SET [SESSION|LOCAL] … = | TO}, {@code RESET}, {@code DISCARD ALL} and a statement that begins with
 * {@code SELECT [pg_catalog.]set_config(}. Not followed: a setting that the end of a transaction takes back.
 */
final class StringSetting {
    private static final String NAME = "standard_conforming_strings";

    private StringSetting() {}

    /** The setting behind a statement, given the one that the session started with. */
    static boolean after(Statement statement, boolean initial) {
        Tokens tokens = Tokens.first(statement, 12);
        boolean now = statement.standardConformingStrings();
        String name = tokens.value(1);
        return switch (tokens.at(0)) {
            case "reset" -> (name.equals(NAME) || name.equals("all")) ? initial : now;
            case "discard" -> name.equals("all") ? initial : now;
            case "set" -> afterSet(tokens, now, initial);
            default -> {
                int open = tokens.indexOf("(");
                yield tokens.value(open + 1).equals(NAME) ? value(tokens.value(open + 3), now, initial) : now;
            }
        };
    }

    private static boolean afterSet(Tokens tokens, boolean now, boolean initial) {
        int name = tokens.isAny(1, "session", "local") ? 2 : 1;
        boolean assigned = tokens.value(name).equals(NAME) && tokens.isAny(name + 1, "=", "to");
        return assigned ? value(tokens.value(name + 2), now, initial) : now;
    }

    /** {@code parse_bool_with_len} in src/backend/utils/adt/bool.c: any beginning of a word that is no other's. */
    private static boolean value(String value, boolean now, boolean initial) {
        if (value.equals("default")) {
            return initial;
        }
        if (value.isEmpty() || value.equals("o")) {
            return now;
        }
        if (value.equals("1") || value.equals("on") || "true".startsWith(value) || "yes".startsWith(value)) {
            return true;
        }
        boolean off =
                value.equals("0") || "off".startsWith(value) || "false".startsWith(value) || "no".startsWith(value);
        return !off && now;
    }
}
