package org.keops.automigrate.model;

import java.util.Objects;

/** What to do with a database in which no Alembic version is recorded. Immutable and thread-safe. */
public sealed interface WhenUnversioned {

    /**
     * The schema is assumed to be current: record the latest revisions, run nothing. The default, as in KEOPS.
     *
     * @return the policy
     */
    static WhenUnversioned stampHead() {
        return new StampHead();
    }

    /**
     * The database is new: run every revision from the first.
     *
     * @return the policy
     */
    static WhenUnversioned upgradeFromBase() {
        return new UpgradeFromBase();
    }

    /**
     * The schema is assumed to be at a given revision: record it, then upgrade from there.
     *
     * @param revision the full id of a revision among the scripts
     * @return the policy
     */
    static WhenUnversioned stamp(String revision) {
        return new Stamp(new RevisionId(revision));
    }

    /**
     * A person has to decide: touch nothing, and let {@link BootReport#orElseThrow()} throw.
     *
     * @return the policy
     */
    static WhenUnversioned refuse() {
        return new Refuse();
    }

    /** See {@link WhenUnversioned#stampHead()}. */
    record StampHead() implements WhenUnversioned {}

    /** See {@link WhenUnversioned#upgradeFromBase()}. */
    record UpgradeFromBase() implements WhenUnversioned {}

    /**
     * See {@link WhenUnversioned#stamp(String)}.
     *
     * @param revision the revision to record
     */
    record Stamp(RevisionId revision) implements WhenUnversioned {

        /**
         * Checks that there is a revision.
         *
         * @param revision the component of this name
         */
        public Stamp {
            Objects.requireNonNull(revision, "revision");
        }
    }

    /** See {@link WhenUnversioned#refuse()}. */
    record Refuse() implements WhenUnversioned {}
}
