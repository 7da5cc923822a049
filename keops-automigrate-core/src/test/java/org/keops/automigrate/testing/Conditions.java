package org.keops.automigrate.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for something to become true, in place of a guess how long it takes. */
public final class Conditions {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private Conditions() {}

    /**
     * Waits.
     *
     * @param what what is waited for, for the message
     * @param condition asked again and again
     * @throws AssertionError if it does not become true within half a minute
     */
    public static void await(String what, BooleanSupplier condition) {
        await(what, LIMIT, condition);
    }

    /**
     * Waits for something that a busy machine may take minutes for.
     *
     * @param what what is waited for, for the message
     * @param limit how long
     * @param condition asked again and again
     * @throws AssertionError if it does not become true in time
     */
    public static void await(String what, Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + limit.toSeconds() + " s: " + what);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }
}
