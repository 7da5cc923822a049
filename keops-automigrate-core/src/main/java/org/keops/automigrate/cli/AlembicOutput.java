package org.keops.automigrate.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts what {@code alembic upgrade --sql} writes into the bodies of the revisions. Stateless. */
final class AlembicOutput {
    private static final Pattern RUNNING =
            Pattern.compile("-- Running (?:upgrade .*? ?-> (\\S+)|downgrade (\\S+) -> ?.*?)(?: *|, .*)");
    /** Alembic's own statements behind a body, and the transaction around it. */
    private static final Pattern OURS =
            Pattern.compile("(?s)(?:INSERT INTO \\S+ \\(version_num\\) VALUES .*|UPDATE \\S+ SET version_num=.*"
                    + "|DELETE FROM \\S+ WHERE \\S+version_num = .*|DROP TABLE \\S*alembic_version|BEGIN|COMMIT"
                    + "|CREATE TABLE \\S+ \\(\\s*version_num VARCHAR\\(32\\) NOT NULL.*)");

    private AlembicOutput() {}

    /**
     * A body.
     *
     * @param sql the statements
     * @param outside whether Alembic would run some of it outside a transaction
     */
    record Body(String sql, boolean outside) {}

    static Map<String, Body> bodies(String output) {
        Map<String, Body> bodies = new LinkedHashMap<>();
        String current = null;
        List<String> lines = new ArrayList<>();
        for (String line : output.lines().toList()) {
            Matcher running = RUNNING.matcher(line);
            if (running.matches()) {
                if (current != null) {
                    bodies.put(current, body(lines));
                }
                current = running.group(1) == null ? running.group(2) : running.group(1);
                lines.clear();
            } else {
                lines.add(line);
            }
        }
        if (current != null) {
            bodies.put(current, body(lines));
        }
        return bodies;
    }

    private static Body body(List<String> lines) {
        List<String> parts =
                new ArrayList<>(List.of(String.join("\n", lines).strip().split("\n\n+")));
        while (!parts.isEmpty() && isOurs(parts.get(parts.size() - 1))) {
            parts.remove(parts.size() - 1);
        }
        // an autocommit block ends the transaction, and begins one again behind it
        boolean outside = parts.removeIf(part -> part.equals("COMMIT;") || part.equals("BEGIN;"));
        return new Body(String.join("\n\n", parts).strip(), outside);
    }

    private static boolean isOurs(String part) {
        String statement = part.strip();
        return statement.isEmpty()
                || (statement.endsWith(";")
                        && OURS.matcher(statement.substring(0, statement.length() - 1))
                                .matches());
    }
}
