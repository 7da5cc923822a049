package org.keops.automigrate.model;

/** Names as they are written in SQL. Stateless. */
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
     * @param schema the schema
     * @param name the object in it
     * @return both as identifiers
     */
    public static String identifier(String schema, String name) {
        return identifier(schema) + "." + identifier(name);
    }
}
