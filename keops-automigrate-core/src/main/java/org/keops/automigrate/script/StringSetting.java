package org.keops.automigrate.script;

import java.util.ArrayList;
import java.util.List;

/**
 * What the statements of a script make of {@code standard_conforming_strings}, which decides whether a backslash in a plain
 * string takes the next character along. The server reports changes of it; a reader has to understand them beforehand.
 *
 * <p>Understood: {@code SET [SESSION|LOCAL] … = | TO}, {@code RESET}, {@code DISCARD ALL}, a statement that begins with
 * {@code SELECT [pg_catalog.]set_config(}, and {@code ROLLBACK TO SAVEPOINT}, which takes back what came behind the
 * savepoint. Not followed: what a function sets, which no text tells, and the end of a transaction, which a script that
 * shares one with its version row may not have. For one section of a script, not thread-safe.
 */
final class StringSetting {
    private static final String NAME = "standard_conforming_strings";

    /** What the session started with. */
    private final boolean initial;

    /** The innermost last. */
    private final List<Savepoint> savepoints = new ArrayList<>();

    private boolean now;

    StringSetting(boolean initial) {
        this.initial = initial;
        this.now = initial;
    }

    /** The setting behind a statement, the next one of the script. */
    boolean after(Statement statement) {
        Tokens tokens = Tokens.first(statement, 12);
        switch (tokens.at(0)) {
            case "reset" ->
                now = (tokens.value(1).equals(NAME) || tokens.value(1).equals("all")) ? initial : now;
            case "discard" -> now = tokens.value(1).equals("all") ? initial : now;
            case "set" -> set(tokens);
            case "select" -> setConfig(tokens);
            case "savepoint" -> savepoints.add(new Savepoint(tokens.name(1), now));
            case "release" -> release(innermost(savepoint(tokens, 1)));
            case "rollback" -> rollback(tokens);
            default -> {}
        }
        return now;
    }

    private void set(Tokens tokens) {
        int name = tokens.isAny(1, "session", "local") ? 2 : 1;
        if (tokens.value(name).equals(NAME) && tokens.isAny(name + 1, "=", "to")) {
            now = value(tokens.value(name + 2));
        }
    }

    private void setConfig(Tokens tokens) {
        int open = tokens.indexOf("(");
        if (tokens.value(open + 1).equals(NAME)) {
            now = value(tokens.value(open + 3));
        }
    }

    private void rollback(Tokens tokens) {
        int to = tokens.isAny(1, "work", "transaction") ? 2 : 1;
        int at = tokens.is(to, "to") ? innermost(savepoint(tokens, to + 1)) : -1;
        if (at >= 0) {
            release(at + 1);
            now = savepoints.get(at).setting();
        }
    }

    /** With those behind it; the setting stays. */
    private void release(int at) {
        if (at >= 0) {
            savepoints.subList(at, savepoints.size()).clear();
        }
    }

    private int innermost(String name) {
        int at = savepoints.size() - 1;
        while (at >= 0 && !savepoints.get(at).name().equals(name)) {
            at--;
        }
        return at;
    }

    /** The name behind the word, which may be left out. */
    private static String savepoint(Tokens tokens, int at) {
        return tokens.name(tokens.is(at, "savepoint") && at + 1 < tokens.size() ? at + 1 : at);
    }

    /** {@code parse_bool_with_len} in src/backend/utils/adt/bool.c: any beginning of a word that is no other's. */
    private boolean value(String value) {
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

    private record Savepoint(String name, boolean setting) {}
}
