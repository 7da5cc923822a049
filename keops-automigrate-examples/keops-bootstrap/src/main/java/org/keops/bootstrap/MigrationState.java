package org.keops.bootstrap;

import org.keops.automigrate.model.BootReport;

/** How far the migration is. Immutable. */
sealed interface MigrationState {

    /** A word for it, for programs. */
    String word();

    /** KEOPS serves; the migration has not begun. */
    record Starting() implements MigrationState {
        @Override
        public String word() {
            return "starting";
        }
    }

    /** It waits for the database, for another instance, or works. */
    record Migrating() implements MigrationState {
        @Override
        public String word() {
            return "migrating";
        }
    }

    /**
     * It is over, one way or the other.
     *
     * @param report what was found and done
     */
    record Finished(BootReport report) implements MigrationState {
        @Override
        public String word() {
            return "finished";
        }
    }

    /** It was not begun: the variables do not say how. */
    record NotConfigured() implements MigrationState {
        @Override
        public String word() {
            return "not configured";
        }
    }

    /**
     * The program is broken, not the database: the scripts are unsound.
     *
     * @param why what is wrong with them
     */
    record Broken(String why) implements MigrationState {
        @Override
        public String word() {
            return "broken";
        }
    }
}
