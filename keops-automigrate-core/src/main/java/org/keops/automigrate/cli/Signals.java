package org.keops.automigrate.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * What Ctrl-C, SIGTERM and SIGHUP do to a verb: it is interrupted, so that the server's part is cancelled and rolled back,
 * says what became of it, and the process ends with the verb's exit code.
 */
final class Signals {
    /** A little more than the library takes at most until it gives up an answer from the server. */
    private static final long PATIENCE_SECONDS = 20;

    private final Thread verb = Thread.currentThread();
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile int code;

    /**
     * Runs a verb.
     *
     * @return its exit code
     */
    static int heededBy(IntSupplier verb) {
        Signals signals = new Signals();
        Runtime.getRuntime().addShutdownHook(new Thread(signals::interrupt, "keops-automigrate-signals"));
        signals.code = verb.getAsInt();
        signals.done.countDown();
        return signals.code;
    }

    private void interrupt() {
        if (done.getCount() == 0) {
            return;
        }
        verb.interrupt();
        try {
            if (done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                // or the process would end with the signal's number
                Runtime.getRuntime().halt(code);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
