package org.keops.automigrate.script;

import java.util.List;
import java.util.Locale;

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
        List<String> tokens = Tokens.first(statement, 12);
        boolean now = statement.standardConformingStrings();
        return switch (tokens.get(0)) {
            case "reset" -> (is(tokens, 1, NAME) || is(tokens, 1, "all")) ? initial : now;
            case "discard" -> is(tokens, 1, "all") ? initial : now;
            case "set" -> afterSet(tokens, now, initial);
            default -> {
                int open = tokens.indexOf("(");
                yield is(tokens, open + 1, NAME) ? value(tokens, open + 3, now, initial) : now;
            }
        };
    }

    private static boolean afterSet(List<String> tokens, boolean now, boolean initial) {
        int name = is(tokens, 1, "session") || is(tokens, 1, "local") ? 2 : 1;
        boolean assigned = is(tokens, name, NAME) && (is(tokens, name + 1, "=") || is(tokens, name + 1, "to"));
        return assigned ? value(tokens, name + 2, now, initial) : now;
    }

    /** The word or the quoted text at {@code i}, in lower case; names of settings know no case. */
    private static String at(List<String> tokens, int i) {
        String token = i < tokens.size() ? tokens.get(i).toLowerCase(Locale.ROOT) : "";
        boolean quoted = token.length() > 1 && (token.charAt(0) == '\'' || token.charAt(0) == '"');
        return quoted ? token.substring(1, token.length() - 1) : token;
    }

    private static boolean is(List<String> tokens, int i, String word) {
        return at(tokens, i).equals(word);
    }

    /** {@code parse_bool_with_len} in src/backend/utils/adt/bool.c: any beginning of a word that is no other's. */
    private static boolean value(List<String> tokens, int i, boolean now, boolean initial) {
        String value = at(tokens, i);
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
