package org.keops.automigrate.permissions;

import java.util.Objects;
import java.util.Set;

/**
 * Something in the catalog on which the role does not have all that the policy wants.
 *
 * @param kind what it is
 * @param name its name; the database's, schema's, table's or sequence's
 * @param owner the role that may grant on it
 * @param held the wanted privileges that the role holds already
 */
public record Observed(Kind kind, String name, String owner, Set<String> held) {

    /** Copies its parts. */
    public Observed {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(owner, "owner");
        held = Set.copyOf(held);
    }

    /** What the policy speaks about. */
    public enum Kind {
        /** The role can not connect by a right of its own. */
        CONNECT,
        /** Everybody can connect. */
        PUBLIC_CONNECT,
        /** The role can not look into the schema. */
        SCHEMA,
        /** A table, partition, view, materialised view or foreign table. */
        TABLE,
        /** A sequence. */
        SEQUENCE,
        /** Default privileges on the tables that the role itself will make in the schema. */
        DEFAULT_TABLES,
        /** Default privileges on the sequences that the migrating role will make. */
        DEFAULT_SEQUENCES
    }
}
