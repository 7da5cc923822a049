package org.keops.automigrate.permissions;

import java.util.Set;

/**
 * What one statement is about: objects of one kind, schema and owner, one role, the same privileges.
 *
 * @param kind what they are
 * @param role who gets the privileges, or loses them where the policy says so
 * @param schema where the objects are
 * @param owner who may grant on them
 * @param privileges what is granted
 */
record Group(Observed.Kind kind, String role, String schema, String owner, String privileges) {

    static Group of(Observed objects, Set<String> privileges) {
        return new Group(
                objects.kind(), objects.role(), objects.schema(), objects.owner(), String.join(", ", privileges));
    }
}
