package org.keops.automigrate.postgres.session;

/** Waiting, for a time or for a thread. Stateless. */
public final class Pause {

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
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
