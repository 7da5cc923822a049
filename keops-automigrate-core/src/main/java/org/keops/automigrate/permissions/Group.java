package org.keops.automigrate.permissions;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What one statement is about: objects of one kind, schema and owner, one role, the same privileges. No record, and no key of
 * a map: the first hash of a record in a process takes longer than all grants on a schema. Used by one thread.
 */
final class Group {
    private final Observed first;
    private final String privileges;
    private final List<String> names = new ArrayList<>();

    Group(Observed first, Set<String> privileges) {
        this.first = first;
        this.privileges = String.join(", ", privileges);
    }

    /** What tells objects of one group from those of others; no name holds a NUL. */
    static String key(Observed objects, Set<String> privileges) {
        String[] parts = {
            objects.kind().name(), objects.role(), objects.schema(), objects.owner(), String.join(",", privileges)
        };
        return String.join("\0", parts);
    }

    /** What they are. */
    Observed.Kind kind() {
        return first.kind();
    }

    /** Who gets the privileges, or loses them where the policy says so. */
    String role() {
        return first.role();
    }

    /** Where the objects are. */
    String schema() {
        return first.schema();
    }

    /** Who may grant on them. */
    String owner() {
        return first.owner();
    }

    /** What is granted. */
    String privileges() {
        return privileges;
    }

    /** The objects, in the order they were observed in. */
    List<String> names() {
        return names;
    }
}
