package org.keops.automigrate.permissions;

import java.util.List;
import java.util.Objects;

/**
 * A statement that gives a role something it lacks.
 *
 * @param sql the statement
 * @param relations the tables, views and sequences whose catalog rows it writes, as they are written in SQL
 */
public record Repair(String sql, List<String> relations) {

    /** Copies its parts. */
    public Repair {
        Objects.requireNonNull(sql, "sql");
        relations = List.copyOf(relations);
    }
}
