package org.keops.automigrate.model;

/** What a role may do with an object, in SQL's words. */
public enum Privilege {
    /** Read rows, or a sequence's value. */
    SELECT('r'),
    /** Add rows. */
    INSERT('a'),
    /** Change rows, or a sequence's value. */
    UPDATE('w'),
    /** Remove rows. */
    DELETE('d'),
    /** Empty a table. */
    TRUNCATE('D'),
    /** Point a foreign key at a table. */
    REFERENCES('x'),
    /** Put a trigger on a table. */
    TRIGGER('t'),
    /** Vacuum, analyze, refresh; known to servers from version 17, and left out for older ones. */
    MAINTAIN('m'),
    /** Take the next value of a sequence, or write a type's name. */
    USAGE('U'),
    /** Call a function or procedure. */
    EXECUTE('X');

    private static final int MAINTAIN_SINCE = 17;

    private final char letter;

    Privilege(char letter) {
        this.letter = letter;
    }

    /**
     * Its letter in an access list of PostgreSQL's, as in {@code app=arwd/owner}.
     *
     * @return one of PostgreSQL's ACL privilege abbreviations
     */
    public char letter() {
        return letter;
    }

    /**
     * Whether a server knows it.
     *
     * @param serverMajorVersion the server's major version
     * @return false for {@link #MAINTAIN} before 17
     */
    public boolean isKnownTo(int serverMajorVersion) {
        return this != MAINTAIN || serverMajorVersion >= MAINTAIN_SINCE;
    }
}
