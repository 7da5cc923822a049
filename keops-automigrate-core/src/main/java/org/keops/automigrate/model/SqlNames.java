package org.keops.automigrate.model;

import org.jspecify.annotations.Nullable;

/** Names and texts as they are written in SQL. Stateless. */
public final class SqlNames {

    private SqlNames() {}

    /**
     * Writes a name as an identifier.
     *
     * @param name any name, for example {@code We"ird}
     * @return the name in double quotes, safe in any statement
     */
    public static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /**
     * Writes a qualified name.
     *
     * @param schema the schema, or null to leave it to the search path
     * @param name the object in it
     * @return both as identifiers
     */
    public static String identifier(@Nullable String schema, String name) {
        return schema == null ? identifier(name) : identifier(schema) + "." + identifier(name);
    }

    /**
     * Writes a text as a literal that means the same whatever the session's {@code standard_conforming_strings} is.
     *
     * @param text any text, for example {@code it's C:\dir}
     * @return the text in quotes
     */
    public static String literal(String text) {
        return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}
