package org.keops.bootstrap;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the environment asks for. Immutable.
 *
 * <p>What could not be understood is a problem, not an exception: KEOPS serves all the same.
 *
 * @param httpPort where to serve; 0 for any free port
 * @param migration how to migrate, or null if a variable for that is missing or malformed
 * @param application as whom the application works, or null likewise
 * @param problems what is missing or malformed, a sentence each, naming the variables and never their values
 */
record Settings(
        int httpPort,
        @Nullable Migrating migration,
        @Nullable DatabaseAccess application,
        List<String> problems) {

    Settings {
        problems = List.copyOf(problems);
    }

    /**
     * How to migrate.
     *
     * @param access as whom
     * @param applicationRole who is to be able to use what the migration makes
     * @param patience how long to wait for a database that is not there yet
     */
    record Migrating(DatabaseAccess access, String applicationRole, Duration patience) {}
}
