package org.keops.automigrate.model;

/**
 * One change of the rows of {@code alembic_version}, exactly as Alembic would make it (Alembic's {@code HeadMaintainer}).
 *
 * <p>An update or a delete of one revision must touch exactly one row; anything else means that somebody else migrates at the same time.
 */
public sealed interface VersionChange {

    /**
     * A new row.
     *
     * @param id the revision that becomes a row
     */
    record Insert(RevisionId id) implements VersionChange {}

    /**
     * A row that moves from one revision to another.
     *
     * @param from the revision that the row holds now
     * @param to the revision that it will hold
     */
    record Update(RevisionId from, RevisionId to) implements VersionChange {}

    /**
     * A row that goes.
     *
     * @param id the revision that the row holds now
     */
    record Delete(RevisionId id) implements VersionChange {}

    /** All rows go, whatever they hold: {@code stamp --purge}. Nothing is known about their number. */
    record DeleteAll() implements VersionChange {}
}
