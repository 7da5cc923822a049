package org.keops.automigrate.python;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.keops.automigrate.python.PythonToken.Kind;

/**
 * Finds code that asks the database while it migrates. What it does depends on the rows that it meets, so no offline script
 * says it. Goes by names, so it may name too much; it is for a person to look at. Stateless.
 */
final class LiveData {
    private static final Set<String> CALLS = Set.of(
            "get_bind",
            "Session",
            "sessionmaker",
            "inspect",
            "fetchall",
            "fetchone",
            "fetchmany",
            "scalar",
            "scalars",
            "scalar_one",
            "scalar_one_or_none",
            "mappings",
            "read_sql");
    private static final Set<String> CONNECTIONS = Set.of("conn", "connection", "bind", "session", "db", "engine");

    private LiveData() {}

    static List<String> in(List<PythonToken> tokens) {
        List<String> found = new ArrayList<>();
        for (int i = 0; i + 1 < tokens.size(); i++) {
            PythonToken token = tokens.get(i);
            if (token.kind() != Kind.WORD || !tokens.get(i + 1).is("(")) {
                continue;
            }
            boolean method =
                    i >= 2 && tokens.get(i - 1).is(".") && tokens.get(i - 2).kind() == Kind.WORD;
            String owner = method ? tokens.get(i - 2).text() : "";
            boolean defined = i >= 1 && tokens.get(i - 1).isWord("def");
            boolean asks =
                    CALLS.contains(token.text()) || (token.text().equals("execute") && CONNECTIONS.contains(owner));
            if (asks && !defined) {
                found.add((method ? owner + "." : "") + token.text() + "() in line " + token.line());
            }
        }
        return found;
    }
}
