package org.keops.automigrate.python;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.python.PythonToken.Kind;

/** What stands behind an assignment, if it can be read without running anything. Stateless. */
final class PythonLiteral {

    private PythonLiteral() {}

    /** What is known of constants. */
    interface Constants {
        /** What a dotted name was assigned; null if that is not known. */
        @Nullable
        List<String> value(String dotted);
    }

    /** {@code None}, a string, or strings between commas, in brackets or bare; null for anything else. */
    static @Nullable List<String> read(List<PythonToken> value, Constants constants) {
        if (isNone(value)) {
            return List.of();
        }
        List<String> named = constant(value, constants);
        if (named != null) {
            return named;
        }
        List<PythonToken> bare = value;
        while (bare.size() >= 2 && closes(bare.get(0), bare.get(bare.size() - 1))) {
            bare = bare.subList(1, bare.size() - 1);
        }
        if (isNone(bare)) {
            return List.of();
        }
        List<String> items = items(bare, constants);
        // nothing at all is a list only within brackets
        return items != null && items.isEmpty() && bare.size() == value.size() ? null : items;
    }

    /** Strings between commas, a last comma allowed; null if one of them is something else. */
    private static @Nullable List<String> items(List<PythonToken> tokens, Constants constants) {
        List<String> items = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= tokens.size(); i++) {
            boolean end = i == tokens.size();
            if (!end && !tokens.get(i).is(",")) {
                continue;
            }
            if (i > start) {
                String text = text(tokens.subList(start, i), constants);
                if (text == null) {
                    return null;
                }
                items.add(text);
            } else if (!end) {
                return null;
            }
            start = i + 1;
        }
        return items;
    }

    /** One string of a sequence: literals side by side, or a constant. */
    private static @Nullable String text(List<PythonToken> item, Constants constants) {
        if (item.stream().allMatch(token -> token.kind() == Kind.STRING)) {
            return joined(item);
        }
        List<String> named = constant(item, constants);
        return named != null && named.size() == 1 ? named.get(0) : null;
    }

    /** What a name or {@code module.NAME} was assigned; null if that is not known, or the tokens are no name. */
    private static @Nullable List<String> constant(List<PythonToken> name, Constants constants) {
        for (int i = 0; i < name.size(); i++) {
            boolean fits =
                    i % 2 == 0 ? name.get(i).kind() == Kind.WORD : name.get(i).is(".");
            if (!fits) {
                return null;
            }
        }
        return name.size() % 2 == 0 ? null : constants.value(PythonImports.dotted(name, 0, name.size()));
    }

    private static boolean isNone(List<PythonToken> value) {
        return value.size() == 1 && value.get(0).isWord("None");
    }

    private static boolean closes(PythonToken open, PythonToken close) {
        return (open.is("(") && close.is(")")) || (open.is("[") && close.is("]")) || (open.is("{") && close.is("}"));
    }

    /** Literals side by side are one string. */
    static String joined(List<PythonToken> strings) {
        StringBuilder text = new StringBuilder();
        strings.forEach(string -> text.append(string.text()));
        return text.toString();
    }
}
