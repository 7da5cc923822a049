package org.keops.automigrate.permissions;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.ObjectKind;

/**
 * Objects of one kind, schema and owner that a role lacks the same privileges on.
 *
 * @param kind what they are
 * @param role the role that the policy speaks about
 * @param schema where they are; empty where that says nothing
 * @param owner the role that may grant on them
 * @param held the wanted privileges that the role holds already; of a version table, those that it should not hold; of
 *     row-level security, those that no policy lets through
 * @param grantable the wanted privileges that the migrating role may grant
 * @param names their names, without the schema; a routine's as it is written in SQL, with its arguments
 */
public record Observed(
        Kind kind,
        String role,
        String schema,
        String owner,
        Set<String> held,
        Set<String> grantable,
        List<String> names) {

    /** Copies its parts. */
    public Observed {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(owner, "owner");
        held = Set.copyOf(held);
        grantable = Set.copyOf(grantable);
        names = List.copyOf(names);
    }

    /** What the policy speaks about. */
    public enum Kind {
        /** The role can not connect, or will not once PUBLIC can not. */
        CONNECT(null),
        /** Everybody can connect. */
        PUBLIC_CONNECT(null),
        /** The role can not look into the schema. */
        SCHEMA(null),
        /** Default privileges on tables; the owner is who will make them. */
        DEFAULT_TABLES(ObjectKind.TABLE),
        /** Default privileges on sequences. */
        DEFAULT_SEQUENCES(ObjectKind.SEQUENCE),
        /** Default privileges on functions and procedures. */
        DEFAULT_ROUTINES(ObjectKind.ROUTINE),
        /** Default privileges on types. */
        DEFAULT_TYPES(ObjectKind.TYPE),
        /** Tables, partitions, views, foreign tables. */
        TABLE(ObjectKind.TABLE),
        /** Materialised views. */
        MATERIALIZED_VIEW(ObjectKind.MATERIALIZED_VIEW),
        /** Sequences. */
        SEQUENCE(ObjectKind.SEQUENCE),
        /** Functions, procedures and aggregates. */
        ROUTINE(ObjectKind.ROUTINE),
        /** Types and domains. */
        TYPE(ObjectKind.TYPE),
        /** The version table, which the role may write. */
        VERSION_TABLE(null),
        /** A table whose row-level security has no policy for something that the role is to do. */
        ROW_SECURITY(null);

        private final @Nullable ObjectKind objects;

        Kind(@Nullable ObjectKind objects) {
            this.objects = objects;
        }

        /** The kind of object that a policy names, or null. */
        @Nullable
        ObjectKind objects() {
            return objects;
        }
    }
}
