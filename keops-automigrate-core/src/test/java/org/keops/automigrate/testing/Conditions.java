package org.keops.automigrate.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for something to become true, in place of a guess how long it takes. */
public final class Conditions {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private Conditions() {}

    /**
     * Waits.
     *
     * @param what what is waited for, for the message
     * @param condition asked again and again
     * @throws AssertionError if it does not become true within half a minute
     */
    public static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + LIMIT.toSeconds() + " s: " + what);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }
}
