package org.keops.automigrate.script;

import java.io.IOException;
import org.keops.automigrate.model.Location;

/**
 * A backslash outside of quotes: psql's own language, which no server understands.
 *
 * @param where where the backslash stands
 * @param name the command with its backslash
 */
record MetaCommand(Location where, String name) {
    private static final int LONGEST_NAME = 24;

    /** Reads the command's name; its backslash has just been read. */
    static MetaCommand read(ByteWindow window) throws IOException {
        Location where = window.locate(window.token);
        int c = window.peek(0);
        StringBuilder name = new StringBuilder("\\");
        if (c > ' ' && c <= '~') {
            name.append((char) c); // one sign, such as in \. and \!, or a word
        }
        boolean word = Bytes.startsWord(c);
        for (int i = 1; word && i < LONGEST_NAME; i++) {
            c = window.peek(i);
            word = Bytes.startsWord(c) && c <= '~';
            name.append(word ? String.valueOf((char) c) : "");
        }
        return new MetaCommand(where, name.toString());
    }

    /** Steps over the lines with which pg_dump guards its own output (since the releases of August 2025). */
    void skipOrRefuse(ByteWindow window) throws IOException {
        if (!name.equals("\\restrict") && !name.equals("\\unrestrict")) {
            throw refusal();
        }
        for (int c = window.peek(0); c != '\n' && c != '\r' && c != -1; c = window.peek(0)) {
            window.at++;
        }
    }

    ScriptSyntaxException refusal() {
        String what = name.equals("\\") ? "a backslash outside of quotes" : "'" + name + "'";
        return new ScriptSyntaxException(where, what + " is for psql, not for the server; " + advice());
    }

    private String advice() {
        return switch (name) {
            case "\\connect", "\\c" -> "a script upgrades the database that it is run on, so remove the line";
            case "\\i", "\\ir", "\\include", "\\include_relative" ->
                "put the statements of that file here, or give it" + " a revision of its own";
            case "\\copy" -> "write COPY ... FROM STDIN; with the data on the lines behind it and \\. on the last";
            case "\\." -> "it ends the data of COPY ... FROM STDIN, and no such statement stands before it";
            case "\\gexec" -> "run generated statements with DO $$ ... EXECUTE format(...) ... $$;";
            case "\\g", "\\gx", "\\gset", "\\crosstabview", "\\;" -> "end the statement with a semicolon alone";
            case "\\if", "\\elif", "\\else", "\\endif" -> "decide with IF inside DO $$ ... $$;";
            case "\\set", "\\unset", "\\prompt", "\\getenv" -> "there are no variables; write the value itself";
            case "\\echo", "\\qecho", "\\warn" -> "say it with DO $$ BEGIN RAISE NOTICE '...'; END $$;";
            case "\\encoding" -> "scripts are UTF-8, so remove the line";
            case "\\password" -> "write ALTER ROLE ... PASSWORD";
            case "\\!" -> "a script runs no programs";
            default -> "remove it, or write it as SQL";
        };
    }
}
