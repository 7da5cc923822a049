package org.keops.automigrate.python;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.python.PythonToken.Kind;

/** Ways to set a module's variable that are not read but must not be passed over in silence. Stateless. */
final class UnreadAssignment {
    /** What is set inside of these is the module's, not a function's own. */
    private static final Set<String> BLOCKS =
            Set.of("if", "elif", "else", "try", "except", "finally", "with", "for", "while", "match");

    private static final Set<String> AUGMENTING = Set.of("+=", "-=", "*=", "|=", "&=", "^=");

    private UnreadAssignment() {}

    /** How a statement at the margin, no plain assignment, sets a variable; null if it does not. */
    static @Nullable String atMargin(List<PythonToken> statement, String variable) {
        if (opensBlock(statement)) {
            return setsOnItsLine(statement, variable)
                    ? insideOf(statement.get(0).text())
                    : null;
        }
        return isAmongTargets(statement, variable) ? "assigned together with others" : null;
    }

    /** How an indented statement sets a variable of the module. */
    static @Nullable String inBlock(String block, List<PythonToken> statement, String variable) {
        if (statement.get(0).isWord("global")) {
            return statement.stream().anyMatch(token -> token.isWord(variable)) ? "made a function's to set" : null;
        }
        boolean assigns = statement.size() > 1
                && (statement.get(1).is("=") || statement.get(1).is(":") || augments(statement));
        return BLOCKS.contains(block) && statement.get(0).isWord(variable) && assigns ? insideOf(block) : null;
    }

    /** Whether what follows a semicolon in its line, or stands below it, belongs to a block. */
    static boolean opensBlock(List<PythonToken> statement) {
        PythonToken first = statement.get(0);
        // match = 1 is a name
        return BLOCKS.contains(first.text())
                && !(statement.size() > 1 && statement.get(1).is("="));
    }

    static boolean augments(List<PythonToken> statement) {
        return statement.size() > 1
                && statement.get(0).kind() == Kind.WORD
                && AUGMENTING.contains(statement.get(1).text())
                && statement.get(1).kind() == Kind.OPERATOR;
    }

    private static String insideOf(String block) {
        return "set inside of '" + block + "'";
    }

    private static boolean setsOnItsLine(List<PythonToken> statement, String variable) {
        int brackets = 0;
        boolean loops = statement.get(0).isWord("for");
        for (int i = 1; i < statement.size(); i++) {
            PythonToken token = statement.get(i);
            brackets += opens(token) ? 1 : closes(token) ? -1 : 0;
            loops &= !token.isWord("in");
            if (token.isWord(variable)
                    && (loops
                            || statement.get(i - 1).isWord("as")
                            || (brackets == 0 && isAssigned(statement.subList(i, statement.size()))))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAssigned(List<PythonToken> fromName) {
        return fromName.size() > 1 && (fromName.get(1).is("=") || augments(fromName));
    }

    /** Whether the left side is a list of targets, not the place in one of them. */
    private static boolean isAmongTargets(List<PythonToken> statement, String variable) {
        boolean named = false;
        for (int i = 0; i < statement.size(); i++) {
            PythonToken token = statement.get(i);
            if (token.is("=")) {
                return named;
            }
            boolean place = opens(token) && i > 0 && statement.get(i - 1).kind() == Kind.WORD;
            boolean target =
                    token.kind() == Kind.WORD || opens(token) || closes(token) || token.is(",") || token.is("*");
            if (place || !target) {
                return false;
            }
            named |= token.isWord(variable);
        }
        return false;
    }

    private static boolean opens(PythonToken token) {
        return token.is("(") || token.is("[") || token.is("{");
    }

    private static boolean closes(PythonToken token) {
        return token.is(")") || token.is("]") || token.is("}");
    }
}
