package org.keops.automigrate.postgres.session;

import java.time.Duration;

/** A moment by which something has to be over. Immutable and thread-safe. */
public final class Deadline {
    private final Duration budget;
    private final long at;

    private Deadline(long start, Duration budget) {
        this.budget = budget;
        this.at = start + budget.toNanos();
    }

    /**
     * Starts the clock.
     *
     * @param budget how long from now
     * @return the moment
     */
    public static Deadline in(Duration budget) {
        return since(System.nanoTime(), budget);
    }

    /**
     * Counts from a moment that has passed.
     *
     * @param start the moment, as {@link System#nanoTime} tells it
     * @param budget how long from then
     * @return the moment by which it has to be over
     */
    public static Deadline since(long start, Duration budget) {
        return new Deadline(start, budget);
    }

    /**
     * What is left.
     *
     * @return never negative
     */
    public Duration left() {
        return Duration.ofNanos(Math.max(0, at - System.nanoTime()));
    }

    /**
     * Whether nothing is left.
     *
     * @return true from the moment on
     */
    public boolean isOver() {
        return at - System.nanoTime() <= 0;
    }

    /**
     * The shorter of what is left and something else.
     *
     * @param bound the other bound
     * @return how long one may wait
     */
    public Duration atMost(Duration bound) {
        Duration left = left();
        return left.compareTo(bound) < 0 ? left : bound;
    }

    /**
     * How much there was from the start.
     *
     * @return the budget
     */
    public Duration budget() {
        return budget;
    }
}
