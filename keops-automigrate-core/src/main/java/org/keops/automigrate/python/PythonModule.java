package org.keops.automigrate.python;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.python.PythonToken.Kind;

/**
 * The variables of a Python file, as Python would have set them: assignments at the margin of literals, and of constants
 * that are assigned so here or in an imported module; the last one counts. Immutable.
 */
final class PythonModule {
    private static final Set<String> WANTED = Set.of("revision", "down_revision", "branch_labels", "depends_on");

    private final String file;
    private final @Nullable PythonImports imports;
    private final List<PythonToken> tokens;
    private final Map<String, List<String>> values = new LinkedHashMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private String docstring = "";
    private String block = "";

    /**
     * Reads a file.
     *
     * @param imports where imported constants are looked up; null if they are not
     */
    PythonModule(Path file, String text, @Nullable PythonImports imports) {
        this.file = file.toString();
        this.imports = imports;
        this.tokens = PythonLexer.tokens(text);
        int start = 0;
        boolean atTop = true;
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).kind() == Kind.END_OF_LINE || tokens.get(i).is(";")) {
                if (i > start) {
                    List<PythonToken> statement = tokens.subList(start, i);
                    if (atTop && statement.stream().allMatch(token -> token.kind() == Kind.STRING)) {
                        docstring = PythonLiteral.joined(statement);
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
        if (!atMargin(start)) {
            refuse(statement, variable -> UnreadAssignment.inBlock(block, statement, variable));
            return;
        }
        block = statement.get(0).text();
        if (imports != null
                && (statement.get(0).isWord("import") || statement.get(0).isWord("from"))) {
            imports.read(statement);
            return;
        }
        if (statement.get(0).isWord("del")) {
            statement.forEach(token -> values.remove(token.text()));
            return;
        }
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
        if (targets.isEmpty() && UnreadAssignment.augments(statement)) {
            targets.add(statement.get(0).text());
            at = statement.size();
        }
        if (targets.isEmpty()) {
            refuse(statement, variable -> UnreadAssignment.atMargin(statement, variable));
        }
        List<String> read =
                targets.isEmpty() ? null : PythonLiteral.read(statement.subList(at, statement.size()), this::constant);
        for (String target : targets) {
            if (read != null) {
                values.put(target, read);
                continue;
            }
            values.remove(target);
            if (WANTED.contains(target)) {
                report(
                        statement,
                        target + " is not None, a string, or a tuple or list of strings, nor a constant that is one");
            }
        }
    }

    /** Whether and when such a thing counts, only a run would tell. */
    private void refuse(List<PythonToken> statement, Function<String, @Nullable String> how) {
        for (String variable : WANTED) {
            String found = how.apply(variable);
            if (found != null) {
                report(statement, variable + " is " + found);
            }
        }
    }

    private void report(List<PythonToken> statement, String what) {
        problems.add(new Problem(
                new Location(file, statement.get(0).line(), 0),
                what + "; only plain values are read, because nothing of the file is run: write the value itself"));
    }

    /** The first statement of a line stands at the margin; the others, behind a semicolon, are where it is. */
    private boolean atMargin(int start) {
        int first = start;
        while (first > 0 && tokens.get(first - 1).is(";")) {
            first--;
            while (first > 0
                    && tokens.get(first - 1).kind() != Kind.END_OF_LINE
                    && !tokens.get(first - 1).is(";")) {
                first--;
            }
        }
        return tokens.get(first).atMargin() && (first == start || !belongsToABlock(first, start));
    }

    /** What follows {@code if X: y = 1;} or {@code def f(): pass;} in the line is part of it. */
    private boolean belongsToABlock(int first, int start) {
        return UnreadAssignment.opensBlock(tokens.subList(first, start))
                || Set.of("def", "class", "async").contains(tokens.get(first).text());
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

    private @Nullable List<String> constant(String dotted) {
        List<String> known = values.get(dotted);
        return known != null || imports == null ? known : imports.value(dotted);
    }
}
