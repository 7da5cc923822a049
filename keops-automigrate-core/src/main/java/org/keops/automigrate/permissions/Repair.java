package org.keops.automigrate.permissions;

import java.util.List;
import java.util.Objects;

/**
 * A statement that gives a role something it lacks. Kinds are carried out in their order: CONNECT is granted before PUBLIC
 * loses it.
 *
 * @param kind what it is about
 * @param owner the role that may execute it, besides superusers
 * @param sql the statement
 * @param relations the tables, views and sequences whose catalog rows it writes, as they are written in SQL
 * @param singly the same for one object each, where one may be refused and take the others with it; empty where not
 */
public record Repair(Observed.Kind kind, String owner, String sql, List<String> relations, List<Repair> singly)
        implements Comparable<Repair> {

    /** Copies its parts. */
    public Repair {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(sql, "sql");
        relations = List.copyOf(relations);
        singly = List.copyOf(singly);
    }

    @Override
    public int compareTo(Repair other) {
        int order = kind.compareTo(other.kind);
        return order == 0 ? sql.compareTo(other.sql) : order;
    }
}
