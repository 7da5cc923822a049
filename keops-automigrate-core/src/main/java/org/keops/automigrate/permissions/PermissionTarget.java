package org.keops.automigrate.permissions;

import java.util.Objects;

/**
 * Who is to be able to use what: KEOPS's rule for any role and schema.
 *
 * @param role the role that the application connects as
 * @param schema the schema that holds its tables
 */
public record PermissionTarget(String role, String schema) {

    /** Checks that both names are there. */
    public PermissionTarget {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(schema, "schema");
    }
}
