package org.keops.automigrate.script;

import java.util.Locale;

/**
 * Finds a statement's traits from its tokens, where {@link KnownCommands} does not know them.
 *
 * <p>The statements that refuse a transaction block are those for which the server (13 to 18) calls
 * {@code PreventInTransactionBlock} whatever the catalog holds. Not thread-safe.
 */
final class Classifier {
    /** No form that matters is decided later, except that of COPY, which may list 1,600 columns before. */
    private static final int ENOUGH = 64;

    private static final int ENOUGH_FOR_COPY = 4096;
    private static final int EVERY_SERVER = 13;

    private final String text;
    private final boolean standardConformingStrings;
    private final Tokens tokens;
    private final String first;

    Classifier(String text, boolean standardConformingStrings) {
        this.text = text;
        this.standardConformingStrings = standardConformingStrings;
        this.tokens = Tokens.first(text, standardConformingStrings, ENOUGH);
        this.first = tokens.at(0);
    }

    StatementTraits traits() {
        return switch (first) {
            case "create", "alter", "drop" -> definition();
            case "begin", "commit", "end", "rollback", "abort", "prepare", "savepoint", "release" -> transaction();
            case "start" -> of(StatementKind.TRANSACTION_START, "start transaction");
            case "set" -> set();
            case "reset" -> of(StatementKind.SESSION_SETTING, first);
            case "discard" -> tokens.is(1, "all") ? refuses("discard all") : of(StatementKind.SESSION_SETTING, first);
            case "vacuum" -> refuses(first);
            case "reindex" -> reindex();
            case "cluster" -> cluster();
            case "copy" -> copy(Tokens.first(text, standardConformingStrings, ENOUGH_FOR_COPY));
            case "do" -> new StatementTraits(StatementKind.ORDINARY, "DO", 0, mentionsPassword());
            default -> ordinary(isWord(first) ? first : "");
        };
    }

    private StatementTraits definition() {
        if (tokens.is(1, "index")) {
            return index(2);
        }
        String command = first + (isWord(tokens.at(1)) ? " " + tokens.at(1) : "");
        return switch (tokens.at(1)) {
            case "unique" -> index(3);
            case "database" -> database(command);
            case "tablespace" -> first.equals("alter") ? ordinary(command) : refuses(command);
            case "system" -> refuses(command, EVERY_SERVER, mentionsPassword());
            case "subscription" -> subscription(command);
            case "table" -> table(command);
            case "role", "user", "group", "server" ->
                new StatementTraits(
                        StatementKind.ORDINARY,
                        upper(command + (tokens.is(2, "mapping") ? " mapping" : "")),
                        0,
                        mentionsPassword());
            default -> ordinary(command);
        };
    }

    /** {@code CREATE [UNIQUE] INDEX CONCURRENTLY} and {@code DROP INDEX CONCURRENTLY}. */
    private StatementTraits index(int afterIndex) {
        boolean concurrently = tokens.is(afterIndex, "concurrently");
        boolean create = first.equals("create");
        boolean ifNotExists = create && tokens.is(concurrently ? afterIndex + 1 : afterIndex, "if");
        String command = create ? "CREATE INDEX" : upper(first) + " INDEX";
        return new StatementTraits(
                concurrently ? StatementKind.OUTSIDE_TRANSACTION : StatementKind.ORDINARY,
                concurrently ? command + " CONCURRENTLY" : command,
                concurrently ? EVERY_SERVER : 0,
                false,
                ifNotExists);
    }

    private StatementTraits database(String command) {
        if (!first.equals("alter")) {
            return refuses(command);
        }
        boolean moves = tokens.is(3, "set") && tokens.is(4, "tablespace");
        return moves ? refuses(command + " set tablespace") : ordinary(command);
    }

    /** {@code ALTER TABLE … DETACH PARTITION … CONCURRENTLY}; the word can be no name, so it can only be the last. */
    private StatementTraits table(String command) {
        boolean concurrently = first.equals("alter")
                && tokens.is(tokens.indexOf("detach") + 1, "partition")
                && tokens.is(tokens.size() - 1, "concurrently");
        return concurrently ? refuses(command + " detach partition concurrently", 14, false) : ordinary(command);
    }

    /** The connection string of a subscription may hold a password. */
    private StatementTraits subscription(String command) {
        boolean secret = tokens.has("connection");
        if (first.equals("create") && tokens.isOn("connect", true) && tokens.isOn("create_slot", true)) {
            return refuses(command, EVERY_SERVER, secret);
        }
        if (first.equals("alter") && tokens.is(3, "set") && tokens.is(4, "(")) {
            return slotOptions(command, secret);
        }
        boolean refreshes = first.equals("alter")
                && tokens.is(4, "publication")
                && (tokens.is(3, "refresh") || tokens.isOn("refresh", true));
        return refreshes
                ? refuses(command + " refresh", 14, secret)
                : new StatementTraits(StatementKind.ORDINARY, upper(command), 0, secret);
    }

    /** Options of the slot on the other side, which no rollback takes back. */
    private StatementTraits slotOptions(String command, boolean secret) {
        boolean failover = tokens.isOn("failover", true) == tokens.isOn("failover", false); // it is there
        boolean noTwoPhase = !tokens.isOn("two_phase", true);
        return failover || noTwoPhase
                ? refuses(command + " set", failover ? 17 : 18, secret)
                : new StatementTraits(StatementKind.ORDINARY, upper(command), 0, secret);
    }

    private StatementTraits transaction() {
        boolean prepared = tokens.is(1, "prepared");
        return switch (first) {
            case "begin" -> of(StatementKind.TRANSACTION_START, first);
            case "savepoint", "release" -> of(StatementKind.SAVEPOINT, first);
            case "prepare" -> prepare();
            case "commit" -> prepared ? refuses("commit prepared") : of(StatementKind.TRANSACTION_END, first);
            case "rollback" -> prepared ? refuses("rollback prepared") : rollback();
            default -> of(StatementKind.TRANSACTION_END, first);
        };
    }

    private StatementTraits prepare() {
        boolean statementNamedSo = tokens.isAny(2, "as", "(");
        return tokens.is(1, "transaction") && !statementNamedSo
                ? of(StatementKind.TRANSACTION_END, "prepare transaction")
                : ordinary(first);
    }

    private StatementTraits rollback() {
        int next = tokens.isAny(1, "work", "transaction") ? 2 : 1;
        return tokens.is(next, "to")
                ? of(StatementKind.SAVEPOINT, "rollback to savepoint")
                : of(StatementKind.TRANSACTION_END, first);
    }

    private StatementTraits set() {
        boolean local = tokens.is(1, "local");
        int name = local || tokens.is(1, "session") ? 2 : 1;
        if (tokens.isAny(name, "transaction", "characteristics")) {
            return of(StatementKind.TRANSACTION_SETTING, "set " + tokens.at(name));
        }
        if (tokens.is(1, "constraints")) {
            return ordinary("set constraints");
        }
        return local ? of(StatementKind.LOCAL_SETTING, "set local") : of(StatementKind.SESSION_SETTING, first);
    }

    /** {@code REINDEX [(options)] {INDEX|TABLE|SCHEMA|DATABASE|SYSTEM} [CONCURRENTLY] name}. */
    private StatementTraits reindex() {
        boolean options = tokens.is(1, "(");
        int target = options ? tokens.indexOf(")") + 1 : 1;
        if (tokens.is(target + 1, "concurrently") || (options && tokens.isOn("concurrently", false))) {
            return refuses("reindex concurrently");
        }
        return switch (tokens.at(target)) {
            case "schema", "database", "system" -> refuses("reindex " + tokens.at(target));
            default -> ordinary(first);
        };
    }

    /** Without a table, {@code CLUSTER} takes one transaction for each table that was clustered before. */
    private StatementTraits cluster() {
        int table = tokens.is(1, "verbose") ? 2 : tokens.is(1, "(") ? tokens.indexOf(")") + 1 : 1;
        return table >= tokens.size() ? refuses(first) : ordinary(first);
    }

    private static StatementTraits copy(Tokens tokens) {
        int depth = 0;
        for (int i = 1; i < tokens.size(); i++) {
            depth += tokens.is(i, "(") ? 1 : tokens.is(i, ")") ? -1 : 0;
            if (depth == 0 && tokens.isAny(i, "from", "to")) {
                boolean here = tokens.isAny(i + 1, "stdin", "stdout"); // the grammar takes one for the other
                boolean from = tokens.is(i, "from");
                return !here
                        ? ordinary("copy")
                        : from
                                ? of(StatementKind.COPY_FROM_STDIN, "copy from stdin")
                                : of(StatementKind.COPY_TO_STDOUT, "copy to stdout");
            }
        }
        return ordinary("copy");
    }

    /** Whether the word stands anywhere in the text, in quotes or not: a secret too many does no harm. */
    private boolean mentionsPassword() {
        return text.toLowerCase(Locale.ROOT).contains("password");
    }

    private static boolean isWord(String token) {
        return !token.isEmpty() && token.charAt(0) >= 'a' && token.charAt(0) <= 'z';
    }

    private static StatementTraits ordinary(String command) {
        return of(StatementKind.ORDINARY, command);
    }

    private static StatementTraits of(StatementKind kind, String command) {
        return new StatementTraits(kind, upper(command), 0, false);
    }

    private static StatementTraits refuses(String command) {
        return refuses(command, EVERY_SERVER, false);
    }

    private static StatementTraits refuses(String command, int since, boolean secret) {
        return new StatementTraits(StatementKind.OUTSIDE_TRANSACTION, upper(command), since, secret);
    }

    private static String upper(String command) {
        return command.toUpperCase(Locale.ROOT);
    }
}
