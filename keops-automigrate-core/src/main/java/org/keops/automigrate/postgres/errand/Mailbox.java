package org.keops.automigrate.postgres.errand;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one thread brings for another that waits: one value, or why there is none. A {@code CompletableFuture} would do, but
 * drags the fork-join pool into every boot, and a latch three classes. Thread-safe.
 *
 * @param <T> what is brought
 */
public final class Mailbox<T> {
    private boolean filled;
    private @Nullable T value;
    private @Nullable Throwable failure;
    private boolean shut;

    /** Brings the value; false if nobody takes it any more. */
    public boolean put(T brought) {
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
        filled = true;
        notifyAll();
        return true;
    }

    /** Takes nothing any more; false if something has come before. */
    public synchronized boolean shut() {
        boolean open = !shut;
        shut = true;
        notifyAll();
        return open;
    }

    /** Whether a value has come, or why there is none. */
    public synchronized boolean isFilled() {
        return filled;
    }

    /** Waits until something has come; false if nothing has within the bound, or nothing will. */
    synchronized boolean await(Duration bound) throws InterruptedException {
        long end = System.nanoTime() + bound.toNanos();
        // what has come is taken, also by a thread that is interrupted
        while (!filled && !shut) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return filled;
    }

    /**
     * What has come, however long that takes; null if it is known that nothing will. An interrupt is for what comes next.
     */
    public synchronized @Nullable T take() {
        boolean interrupted = false;
        while (!shut) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return value;
    }

    /** What has come, or null. */
    public synchronized @Nullable T value() {
        return value;
    }

    /** Why there is no value, or null. */
    synchronized @Nullable Throwable failure() {
        return failure;
    }
}
