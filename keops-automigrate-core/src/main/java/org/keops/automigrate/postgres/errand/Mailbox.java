package org.keops.automigrate.postgres.errand;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one thread brings for another that waits: one value, or why there is none. A {@code CompletableFuture} would do, but
 * drags the fork-join pool into every boot. Thread-safe.
 *
 * @param <T> what is brought
 */
final class Mailbox<T> {
    private final CountDownLatch filled = new CountDownLatch(1);
    private @Nullable T value;
    private @Nullable Throwable failure;
    private boolean shut;

    /** Brings the value; false if nobody takes it any more. */
    boolean put(T brought) {
        return fill(brought, null);
    }

    /** Says why there is no value; false if nobody asks any more. */
    boolean fail(Throwable why) {
        return fill(null, why);
    }

    private synchronized boolean fill(@Nullable T brought, @Nullable Throwable why) {
        if (shut) {
            return false;
        }
        shut = true;
        value = brought;
        failure = why;
        filled.countDown();
        return true;
    }

    /** Takes nothing any more; false if something has come before. */
    synchronized boolean shut() {
        boolean open = !shut;
        shut = true;
        return open;
    }

    boolean isFilled() {
        return filled.getCount() == 0;
    }

    /** Waits until something has come; false if nothing has within the bound. */
    boolean await(Duration bound) throws InterruptedException {
        // what has come is taken, also by a thread that is interrupted
        return isFilled() || filled.await(bound.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** What has come, or null. */
    synchronized @Nullable T value() {
        return value;
    }

    /** Why there is no value, or null. */
    synchronized @Nullable Throwable failure() {
        return failure;
    }
}
