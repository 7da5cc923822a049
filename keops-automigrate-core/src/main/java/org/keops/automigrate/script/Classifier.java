package org.keops.automigrate.script;

import java.util.List;
import java.util.Locale;

/**
 * Finds a statement's traits from its tokens. Most statements are known by their first word and not looked into.
 *
 * <p>The statements that refuse a transaction block are those for which the server calls
 * {@code PreventInTransactionBlock} (13 to 18) without asking the catalog; each was tried on the server. Not thread-safe.
 */
final class Classifier {
    /** No form that matters is decided later; options of roles are looked for in all tokens. */
    private static final int ENOUGH = 64;

    private static final int EVERY_SERVER = 13;

    private final Statement statement;
    private List<String> tokens = List.of();

    Classifier(Statement statement) {
        this.statement = statement;
    }

    StatementTraits traits() {
        String first = Tokens.first(statement, 1).get(0);
        switch (first) {
            case "create", "alter", "drop" -> {
                return definition(first);
            }
            case "begin", "start", "commit", "end", "rollback", "abort", "prepare", "savepoint", "release" -> {
                return transaction(first);
            }
            case "set", "reset", "discard" -> {
                return setting(first);
            }
            case "vacuum" -> {
                return refuses("VACUUM");
            }
            case "reindex" -> {
                return reindex();
            }
            case "cluster" -> {
                return cluster();
            }
            case "copy" -> {
                return copy();
            }
            case "do" -> {
                return new StatementTraits(StatementKind.ORDINARY, "DO", 0, mentions("password"));
            }
            default -> {
                return ordinary(isWord(first) ? first : "");
            }
        }
    }

    private StatementTraits definition(String first) {
        tokens = Tokens.first(statement, ENOUGH);
        return switch (at(1)) {
            case "index" -> index(2);
            case "unique" -> index(3);
            case "database" -> database(first);
            case "tablespace" -> first.equals("alter") ? ordinary("alter tablespace") : refuses(first + " tablespace");
            case "system" -> refuses(first + " system", true);
            case "subscription" -> subscription(first);
            case "table" -> table(first);
            case "role", "user", "group", "server" -> role(first);
            default -> ordinary(isWord(at(1)) ? first + " " + at(1) : first);
        };
    }

    /** {@code CREATE [UNIQUE] INDEX CONCURRENTLY} and {@code DROP INDEX CONCURRENTLY}. */
    private StatementTraits index(int afterIndex) {
        String command = at(0) + " index";
        return at(afterIndex).equals("concurrently") ? refuses(command + " concurrently") : ordinary(command);
    }

    private StatementTraits database(String first) {
        boolean moves = at(3).equals("set") && at(4).equals("tablespace");
        if (!first.equals("alter")) {
            return refuses(first + " database");
        }
        return moves ? refuses("alter database set tablespace") : ordinary("alter database");
    }

    /** {@code ALTER TABLE … DETACH PARTITION … CONCURRENTLY}; the word can be no name, so it can only be the last. */
    private StatementTraits table(String first) {
        int detach = tokens.indexOf("detach");
        boolean concurrently = detach > 0
                && at(detach + 1).equals("partition")
                && tokens.get(tokens.size() - 1).equals("concurrently");
        return first.equals("alter") && concurrently
                ? new StatementTraits(
                        StatementKind.OUTSIDE_TRANSACTION, "ALTER TABLE DETACH PARTITION CONCURRENTLY", 14, false)
                : ordinary(first + " table");
    }

    private StatementTraits subscription(String first) {
        boolean create = first.equals("create");
        boolean slot = create && isOn(option("connect"), true) && isOn(option("create_slot"), true);
        return slot
                ? refuses("create subscription", true)
                : new StatementTraits(StatementKind.ORDINARY, upper(first + " subscription"), 0, !first.equals("drop"));
    }

    private StatementTraits role(String first) {
        boolean secret = mentions("password");
        String command = first + " " + at(1) + (at(2).equals("mapping") ? " mapping" : "");
        return new StatementTraits(StatementKind.ORDINARY, upper(command), 0, secret);
    }

    private StatementTraits transaction(String first) {
        tokens = Tokens.first(statement, ENOUGH);
        boolean prepared = at(1).equals("prepared");
        return switch (first) {
            case "begin", "start" ->
                of(StatementKind.TRANSACTION_START, first.equals("start") ? "start transaction" : first);
            case "savepoint", "release" -> of(StatementKind.SAVEPOINT, first);
            case "prepare" ->
                at(1).equals("transaction") && !at(2).equals("as") && !at(2).equals("(")
                        ? of(StatementKind.TRANSACTION_END, "prepare transaction")
                        : ordinary("prepare");
            case "rollback" -> prepared ? refuses("rollback prepared") : rollback();
            case "commit" -> prepared ? refuses("commit prepared") : of(StatementKind.TRANSACTION_END, first);
            default -> of(StatementKind.TRANSACTION_END, first);
        };
    }

    private StatementTraits rollback() {
        int next = at(1).equals("work") || at(1).equals("transaction") ? 2 : 1;
        return at(next).equals("to")
                ? of(StatementKind.SAVEPOINT, "rollback to savepoint")
                : of(StatementKind.TRANSACTION_END, "rollback");
    }

    private StatementTraits setting(String first) {
        tokens = Tokens.first(statement, ENOUGH);
        if (first.equals("discard")) {
            return at(1).equals("all") ? refuses("discard all") : of(StatementKind.SESSION_SETTING, "discard");
        }
        boolean scoped = at(1).equals("session") || at(1).equals("local");
        String name = scoped ? at(2) : at(1);
        if (first.equals("set") && (name.equals("transaction") || (scoped && name.equals("characteristics")))) {
            return of(StatementKind.TRANSACTION_SETTING, "set " + (scoped ? at(1) + " " : "") + name);
        }
        if (first.equals("set") && name.equals("constraints")) {
            return ordinary("set constraints");
        }
        boolean local = first.equals("set") && at(1).equals("local");
        return of(local ? StatementKind.LOCAL_SETTING : StatementKind.SESSION_SETTING, local ? "set local" : first);
    }

    /** {@code REINDEX [(options)] {INDEX|TABLE|SCHEMA|DATABASE|SYSTEM} [CONCURRENTLY] name}. */
    private StatementTraits reindex() {
        tokens = Tokens.first(statement, ENOUGH);
        int target = at(1).equals("(") ? tokens.indexOf(")") + 1 : 1;
        boolean option = target > 1 && isOn(option("concurrently"), false);
        if (option || at(target + 1).equals("concurrently")) {
            return refuses("reindex concurrently");
        }
        return switch (at(target)) {
            case "schema", "database", "system" -> refuses("reindex " + at(target));
            default -> ordinary("reindex");
        };
    }

    /** Without a table, {@code CLUSTER} takes one transaction for each table that was clustered before. */
    private StatementTraits cluster() {
        tokens = Tokens.first(statement, ENOUGH);
        int next = at(1).equals("verbose") ? 2 : at(1).equals("(") ? tokens.indexOf(")") + 1 : 1;
        return at(next).isEmpty() && next >= tokens.size() ? refuses("cluster") : ordinary("cluster");
    }

    private StatementTraits copy() {
        tokens = Tokens.first(statement, Integer.MAX_VALUE);
        int depth = 0;
        for (int i = 1; i < tokens.size(); i++) {
            depth += at(i).equals("(") ? 1 : at(i).equals(")") ? -1 : 0;
            if (depth == 0 && at(i).equals("from")) {
                boolean stdin = at(i + 1).equals("stdin") || at(i + 1).equals("stdout");
                return stdin ? of(StatementKind.COPY_FROM_STDIN, "copy from stdin") : ordinary("copy");
            }
        }
        return ordinary("copy");
    }

    private String at(int i) {
        return i < tokens.size() ? tokens.get(i) : "";
    }

    /** The value of an option in parentheses; {@code "true"} if it has none, empty if it is not there. */
    private String option(String name) {
        for (int i = 2; i < tokens.size(); i++) {
            boolean starts = at(i - 1).equals("(") || at(i - 1).equals(",");
            if (starts && (at(i).equals(name) || at(i).equals('"' + name + '"'))) {
                String value = at(i + 1).equals("=") ? at(i + 2) : at(i + 1);
                return value.equals(",") || value.equals(")") ? "true" : value;
            }
        }
        return "";
    }

    /** {@code defGetBoolean}: true, false, on, off, 1 and 0, with or without quotes. */
    private static boolean isOn(String value, boolean absent) {
        String bare = value.replace("'", "").toLowerCase(Locale.ROOT);
        return switch (bare) {
            case "" -> absent;
            case "false", "off", "0" -> false;
            default -> true;
        };
    }

    /** Whether the word stands anywhere in the text, quotes or not: where secrets are concerned, rather once too often. */
    private boolean mentions(String word) {
        String text = statement.text();
        for (int i = 0; i <= text.length() - word.length(); i++) {
            if (text.regionMatches(true, i, word, 0, word.length())) {
                return true;
            }
        }
        return false;
    }

    private static boolean isWord(String token) {
        return !token.isEmpty() && token.charAt(0) >= 'a' && token.charAt(0) <= 'z';
    }

    private static StatementTraits ordinary(String command) {
        return of(StatementKind.ORDINARY, command);
    }

    private static StatementTraits refuses(String command) {
        return refuses(command, false);
    }

    private static StatementTraits refuses(String command, boolean secret) {
        return new StatementTraits(StatementKind.OUTSIDE_TRANSACTION, upper(command), EVERY_SERVER, secret);
    }

    private static StatementTraits of(StatementKind kind, String command) {
        return new StatementTraits(kind, upper(command), 0, false);
    }

    private static String upper(String command) {
        return command.toUpperCase(Locale.ROOT);
    }
}
