package org.keops.automigrate.permissions;

import java.util.Objects;

/**
 * A statement that gives the application's role something it lacks.
 *
 * @param owner the role that may execute it, besides superusers
 * @param sql the statement
 */
public record Repair(String owner, String sql) {

    /** Checks that both parts are there. */
    public Repair {
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(sql, "sql");
    }
}
