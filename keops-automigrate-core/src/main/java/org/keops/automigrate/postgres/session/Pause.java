package org.keops.automigrate.postgres.session;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waiting, for a time or for a thread. Stateless. */
public final class Pause {
    /** A hundred years. */
    private static final Duration FOR_EVER = Duration.ofDays(36_525);

    private Pause() {}

    /**
     * Waits for a time, which an interrupt ends.
     *
     * @param millis how long, in milliseconds
     * @return false if the thread was interrupted; its flag is set again
     */
    public static boolean millis(long millis) {
        try {
            Thread.sleep(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Waits as long as a thread takes to end, as if it were done here; an interrupt is for what comes next.
     *
     * @param thread one that was told to end, or that will by itself
     */
    public static void untilEnded(Thread thread) {
        untilEnded(thread, FOR_EVER);
    }

    /**
     * The same, but no longer than a time.
     *
     * @param thread one that was told to end, and may hang
     * @param most how long
     */
    public static void untilEnded(Thread thread, Duration most) {
        boolean interrupted = false;
        long end = System.nanoTime() + most.toNanos();
        for (long left = most.toNanos(); left > 0 && thread.isAlive(); left = end - System.nanoTime()) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, left);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
