package org.keops.automigrate.postgres.session;

/** Waiting that an interrupt ends. Stateless. */
public final class Pause {

    private Pause() {}

    /**
     * Waits.
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
}
