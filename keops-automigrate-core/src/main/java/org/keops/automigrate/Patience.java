package org.keops.automigrate;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a boot waits for what.
 *
 * @param deadline for everything together
 * @param connectWithin for one connection
 * @param forDatabase for a database that is offline or full; null where nobody has said
 * @param forLock for another instance that is migrating
 * @param forTables for those who use the tables that are to be changed
 */
record Patience(
        Duration deadline,
        Duration connectWithin,
        @Nullable Duration forDatabase,
        Duration forLock,
        Duration forTables) {}
