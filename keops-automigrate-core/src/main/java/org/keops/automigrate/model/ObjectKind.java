package org.keops.automigrate.model;

import java.util.EnumSet;
import java.util.Set;

/** What privileges are granted on, inside a schema. */
public enum ObjectKind {
    /** Tables, partitions, views and foreign tables. */
    TABLE,
    /** Materialised views: they can be read and refreshed, yet take any privilege that a table takes. */
    MATERIALIZED_VIEW,
    /** Sequences, those behind serial and identity columns included. */
    SEQUENCE,
    /** Functions, procedures and aggregates. */
    ROUTINE,
    /** Types and domains. */
    TYPE;

    /**
     * What {@code GRANT ALL} means.
     *
     * @return every privilege on an object of this kind
     */
    public Set<Privilege> all() {
        // no switch: it would be a class more for each boot
        if (this == TABLE || this == MATERIALIZED_VIEW) {
            return EnumSet.range(Privilege.SELECT, Privilege.MAINTAIN);
        }
        if (this == SEQUENCE) {
            return EnumSet.of(Privilege.SELECT, Privilege.UPDATE, Privilege.USAGE);
        }
        return EnumSet.of(this == ROUTINE ? Privilege.EXECUTE : Privilege.USAGE);
    }
}
