package org.keops.automigrate.model;

/** Whose later objects are to be usable from the start. */
public enum DefaultPrivileges {
    /** Nobody's: what is made later is granted by the next repair. */
    NONE,
    /** Those of the role that migrates, or of {@code ownerRole}: the role that makes the objects. */
    FOR_CREATOR,
    /**
     * As KEOPS sets them: select, insert, update, delete on the tables that the application's role itself makes in the
     * schema; all on the sequences that the migrating role makes, in any schema.
     */
    AS_KEOPS
}
