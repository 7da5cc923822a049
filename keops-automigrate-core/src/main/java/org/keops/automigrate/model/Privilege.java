package org.keops.automigrate.model;

/** What a role may do with an object, in SQL's words. */
public enum Privilege {
    /** Read rows, or a sequence's value. */
    SELECT,
    /** Add rows. */
    INSERT,
    /** Change rows, or a sequence's value. */
    UPDATE,
    /** Remove rows. */
    DELETE,
    /** Empty a table. */
    TRUNCATE,
    /** Point a foreign key at a table. */
    REFERENCES,
    /** Put a trigger on a table. */
    TRIGGER,
    /** Vacuum, analyze, refresh; known to servers from version 17, and left out for older ones. */
    MAINTAIN,
    /** Take the next value of a sequence, or write a type's name. */
    USAGE,
    /** Call a function or procedure. */
    EXECUTE;

    private static final int MAINTAIN_SINCE = 17;

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
