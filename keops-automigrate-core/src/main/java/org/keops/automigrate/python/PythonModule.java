package org.keops.automigrate.python;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.python.PythonToken.Kind;

/**
 * The variables of a revision file, as Python would have set them: assignments at the margin of literals, the last one
 * counts. Immutable.
 */
final class PythonModule {
    private static final Set<String> WANTED = Set.of("revision", "down_revision", "branch_labels", "depends_on");

    private final String file;
    private final List<PythonToken> tokens;
    private final Map<String, List<String>> values = new LinkedHashMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private String docstring = "";

    PythonModule(String file, String text) {
        this.file = file;
        this.tokens = PythonLexer.tokens(text);
        int start = 0;
        boolean atTop = true;
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).kind() == Kind.END_OF_LINE || tokens.get(i).is(";")) {
                if (i > start) {
                    List<PythonToken> statement = tokens.subList(start, i);
                    if (atTop && statement.stream().allMatch(token -> token.kind() == Kind.STRING)) {
                        docstring = joined(statement);
                    }
                    atTop = false;
                    read(statement, start);
                }
                start = i + 1;
            }
        }
    }

    /** What is assigned to a variable: nothing for {@code None}; null if it is not assigned at all. */
    @Nullable
    List<String> value(String variable) {
        return values.get(variable);
    }

    String docstring() {
        return docstring;
    }

    List<Problem> problems() {
        return problems;
    }

    List<PythonToken> tokens() {
        return tokens;
    }

    private void read(List<PythonToken> statement, int start) {
        List<String> targets = new ArrayList<>();
        int at = 0;
        while (at + 1 < statement.size() && statement.get(at).kind() == Kind.WORD) {
            int equals = at + 1;
            if (statement.get(equals).is(":")) {
                equals = assignment(statement, equals);
            }
            if (equals >= statement.size() || !statement.get(equals).is("=")) {
                break;
            }
            targets.add(statement.get(at).text());
            at = equals + 1;
        }
        if (targets.stream().noneMatch(WANTED::contains) || !atMargin(statement, start)) {
            return;
        }
        List<PythonToken> value = statement.subList(at, statement.size());
        List<String> read = literal(value);
        for (String target : targets) {
            if (read == null) {
                values.remove(target);
                problems.add(new Problem(
                        new Location(file, statement.get(0).line(), 0),
                        target + " is not None, a string, or a tuple or list of strings; only such literals are read,"
                                + " because nothing of the file is run"));
            } else {
                values.put(target, read);
            }
        }
    }

    /** The first statement of a line stands at the margin; the others, behind a semicolon, are where it is. */
    private boolean atMargin(List<PythonToken> statement, int start) {
        int first = start;
        while (first > 0 && tokens.get(first - 1).is(";")) {
            first--;
            while (first > 0
                    && tokens.get(first - 1).kind() != Kind.END_OF_LINE
                    && !tokens.get(first - 1).is(";")) {
                first--;
            }
        }
        return first == start ? statement.get(0).atMargin() : tokens.get(first).atMargin();
    }

    /** Behind an annotation, which may hold brackets but no assignment at its own level. */
    private static int assignment(List<PythonToken> statement, int from) {
        int brackets = 0;
        for (int i = from; i < statement.size(); i++) {
            PythonToken token = statement.get(i);
            if (token.is("(") || token.is("[") || token.is("{")) {
                brackets++;
            } else if (token.is(")") || token.is("]") || token.is("}")) {
                brackets--;
            } else if (brackets == 0 && token.is("=")) {
                return i;
            }
        }
        return statement.size();
    }

    /** {@code None}, a string, or strings between commas, in brackets or bare; null for anything else. */
    private static @Nullable List<String> literal(List<PythonToken> value) {
        if (value.size() == 1 && value.get(0).isWord("None")) {
            return List.of();
        }
        int from = 0;
        int to = value.size();
        while (to - from >= 2 && closes(value.get(from), value.get(to - 1))) {
            from++;
            to--;
        }
        if (to - from == 1 && value.get(from).isWord("None")) {
            return List.of();
        }
        List<String> items = new ArrayList<>();
        List<PythonToken> item = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            PythonToken token = i == to ? null : value.get(i);
            if (token == null || token.is(",")) {
                if (item.isEmpty() && token != null) {
                    return null;
                }
                if (!item.isEmpty()) {
                    items.add(joined(item));
                }
                item.clear();
            } else if (token.kind() == Kind.STRING) {
                item.add(token);
            } else {
                return null;
            }
        }
        return items.isEmpty() && from == 0 ? null : items;
    }

    private static boolean closes(PythonToken open, PythonToken close) {
        return (open.is("(") && close.is(")")) || (open.is("[") && close.is("]")) || (open.is("{") && close.is("}"));
    }

    private static String joined(List<PythonToken> strings) {
        StringBuilder text = new StringBuilder();
        strings.forEach(string -> text.append(string.text()));
        return text.toString();
    }
}
