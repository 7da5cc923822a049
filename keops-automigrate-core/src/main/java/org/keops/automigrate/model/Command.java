package org.keops.automigrate.model;

import java.util.List;
import java.util.Objects;

/** What an operator asks for by name, instead of leaving it to the boot. Immutable and thread-safe. */
public sealed interface Command {

    /**
     * {@code alembic upgrade}: apply the target and all it needs.
     *
     * @param target a target in Alembic's grammar
     */
    record Upgrade(String target) implements Command {

        /**
         * Checks that there is a target.
         *
         * @param target the component of this name
         */
        public Upgrade {
            Objects.requireNonNull(target, "target");
        }
    }

    /**
     * {@code alembic downgrade}: take back whatever stands on the target.
     *
     * @param target a target in Alembic's grammar
     */
    record Downgrade(String target) implements Command {

        /**
         * Checks that there is a target.
         *
         * @param target the component of this name
         */
        public Downgrade {
            Objects.requireNonNull(target, "target");
        }
    }

    /**
     * {@code alembic stamp}: record revisions, run nothing.
     *
     * @param targets targets in Alembic's grammar
     * @param purge whether all rows are taken away first, unread
     */
    record Stamp(List<String> targets, boolean purge) implements Command {

        /**
         * Copies the targets.
         *
         * @param targets the component of this name
         * @param purge the component of this name
         */
        public Stamp {
            targets = List.copyOf(targets);
        }
    }

    /** Give the application's role what it lacks, and do nothing else. */
    record RepairPermissions() implements Command {}
}
