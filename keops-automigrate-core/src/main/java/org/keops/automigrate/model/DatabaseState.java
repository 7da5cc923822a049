package org.keops.automigrate.model;

import java.util.Objects;
import java.util.SortedSet;

/** What a boot sees of the database before it decides. Immutable and thread-safe. */
public sealed interface DatabaseState {

    /**
     * Nobody answered, or the server is not up yet. Trying again may help.
     *
     * @param detail what was seen, with SQLSTATE
     */
    record Offline(String detail) implements DatabaseState {}

    /**
     * The server refused the user or the password. Trying again would lock accounts out.
     *
     * @param detail what was seen, with SQLSTATE
     */
    record CredentialsRejected(String detail) implements DatabaseState {}

    /**
     * Somebody answered, yet the database can not be used.
     *
     * @param reason the kind of obstacle
     * @param detail what was seen and what to do about it
     */
    record Inaccessible(Obstacle reason, String detail) implements DatabaseState {}

    /**
     * Another session holds the migration lock, and did so until our patience ended.
     *
     * @param holder who it is: process id, application name, since when
     */
    record Locked(String holder) implements DatabaseState {}

    /**
     * No version is recorded.
     *
     * @param tableExists whether there is a version table, an empty one
     */
    record Unversioned(boolean tableExists) implements DatabaseState {}

    /**
     * Versions are recorded.
     *
     * @param rows the revisions in the version table, at least one
     * @param permissionsLack whether the application's role lacks anything that the policy wants it to have
     */
    record Versioned(SortedSet<RevisionId> rows, boolean permissionsLack) implements DatabaseState {

        /**
         * Checks that there is a row.
         *
         * @param rows the component of this name
         * @param permissionsLack the component of this name
         * @throws IllegalArgumentException if {@code rows} is empty: that is {@link Unversioned}
         */
        public Versioned {
            rows = RevisionId.copyOf(Objects.requireNonNull(rows, "rows"));
            if (rows.isEmpty()) {
                throw new IllegalArgumentException("no rows: that is Unversioned");
            }
        }
    }
}
