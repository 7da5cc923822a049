package org.keops.automigrate;

import java.time.Duration;

/**
 * How long a boot waits for what.
 *
 * @param deadline for everything together
 * @param connectWithin for one connection
 * @param forDatabase for a database that is offline or full
 * @param forLock for another instance that is migrating
 */
record Patience(Duration deadline, Duration connectWithin, Duration forDatabase, Duration forLock) {}
