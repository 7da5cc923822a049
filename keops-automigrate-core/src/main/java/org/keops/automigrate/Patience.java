package org.keops.automigrate;

import java.time.Duration;

/**
 * How long a boot waits for what.
 *
 * @param connectWithin for one connection
 * @param forDatabase for a database that is offline or full
 * @param forLock for another instance that is migrating
 */
record Patience(Duration connectWithin, Duration forDatabase, Duration forLock) {}
