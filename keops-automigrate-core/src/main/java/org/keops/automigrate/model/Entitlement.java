package org.keops.automigrate.model;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What one role may do in one schema: connect to the database, look into the schema, and use the objects in it. The
 * version table is excepted: it is not an application's to write. Immutable and thread-safe.
 *
 * @param role any name, written without quotes
 * @param schema any name, written without quotes
 * @param privileges what it may do with objects of each kind; nothing with a kind that is left out
 * @param defaults whose later objects are to be usable from the start
 * @param direct whether on the database, the schema and its relations only what the owner has granted to the role itself
 *     counts, as far as the migrating role may act as the owner; otherwise what it has through PUBLIC, a group, or because
 *     everything is allowed to it, counts as well
 */
public record Entitlement(
        String role,
        String schema,
        Map<ObjectKind, Set<Privilege>> privileges,
        DefaultPrivileges defaults,
        boolean direct) {

    /**
     * Copies its parts.
     *
     * @param role the component of this name
     * @param schema the component of this name
     * @param privileges the component of this name
     * @param defaults the component of this name
     * @param direct the component of this name
     * @throws IllegalArgumentException if a kind of object does not know a privilege
     */
    public Entitlement {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(defaults, "defaults");
        privileges = copyOf(privileges);
    }

    /**
     * What the role may do with objects of a kind.
     *
     * @param kind the kind
     * @return the privileges, in the order of SQL's documentation; empty for none
     */
    public Set<Privilege> on(ObjectKind kind) {
        return privileges.getOrDefault(kind, Set.of());
    }

    /** The same with other privileges on one kind of object. */
    Entitlement with(ObjectKind kind, Set<Privilege> wanted) {
        Map<ObjectKind, Set<Privilege>> changed = new EnumMap<>(ObjectKind.class);
        changed.putAll(privileges);
        changed.put(kind, wanted);
        return new Entitlement(role, schema, changed, defaults, direct);
    }

    Entitlement with(DefaultPrivileges wanted) {
        return new Entitlement(role, schema, privileges, wanted, direct);
    }

    boolean isAboutTheSameAs(Entitlement other) {
        return role.equals(other.role) && schema.equals(other.schema);
    }

    /** What either of two allows. */
    Entitlement and(Entitlement other) {
        Map<ObjectKind, Set<Privilege>> both = new EnumMap<>(ObjectKind.class);
        for (ObjectKind kind : ObjectKind.values()) {
            Set<Privilege> either = EnumSet.noneOf(Privilege.class);
            either.addAll(on(kind));
            either.addAll(other.on(kind));
            both.put(kind, either);
        }
        return new Entitlement(
                role,
                schema,
                both,
                defaults == DefaultPrivileges.NONE ? other.defaults : defaults,
                direct || other.direct);
    }

    private static Map<ObjectKind, Set<Privilege>> copyOf(Map<ObjectKind, Set<Privilege>> privileges) {
        Map<ObjectKind, Set<Privilege>> copy = new EnumMap<>(ObjectKind.class);
        for (ObjectKind kind : ObjectKind.values()) {
            Set<Privilege> wanted = privileges.get(kind);
            if (wanted == null) {
                continue;
            }
            Set<Privilege> ordered = EnumSet.noneOf(Privilege.class);
            ordered.addAll(wanted);
            if (!kind.all().containsAll(ordered)) {
                ordered.removeAll(kind.all());
                throw new IllegalArgumentException("there is no privilege " + ordered + " on a " + kind);
            }
            copy.put(kind, Collections.unmodifiableSet(ordered));
        }
        return Collections.unmodifiableMap(copy);
    }
}
