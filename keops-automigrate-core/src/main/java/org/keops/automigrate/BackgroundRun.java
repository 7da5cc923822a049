package org.keops.automigrate;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.keops.automigrate.model.BootReport;

/**
 * A boot that goes on in the background while its application already serves. It waits for a database that is not there,
 * migrates it when it appears, and ends with a report. Thread-safe.
 *
 * <p>Its one thread is a daemon; while it is connected, the thread of the connection comes to it. A JVM that ends cuts a
 * statement off, and the server rolls it back; {@link #close} in the application's own way of ending does so in good order.
 */
public final class BackgroundRun implements AutoCloseable {
    private static final long TO_END_MILLIS = TimeUnit.SECONDS.toMillis(10);

    private final CompletableFuture<BootReport> report = new CompletableFuture<>();
    private final Thread thread;

    private BackgroundRun(Supplier<BootReport> boot) {
        thread = new Thread(() -> complete(boot), "keops-automigrate-background");
        thread.setDaemon(true);
    }

    static BackgroundRun start(Supplier<BootReport> boot) {
        BackgroundRun run = new BackgroundRun(boot);
        run.thread.start();
        return run;
    }

    private void complete(Supplier<BootReport> boot) {
        try {
            report.complete(boot.get());
        } catch (Throwable e) {
            // whoever waits for the report has to hear of it
            report.completeExceptionally(e);
        }
    }

    /**
     * The report, once there is one: for readiness, or to be told ({@code report().thenAccept(…)}, on the background thread).
     *
     * @return completes as {@link Migrator#run} returns or throws; completing or cancelling it changes nothing here
     */
    public CompletableFuture<BootReport> report() {
        return report.copy();
    }

    /**
     * Ends the waiting or the work: a statement is cancelled in the server and rolled back, lock and connection are given
     * back, and the report says {@code Interrupted}. Returns when that is done, after 10 seconds at the latest. Does nothing
     * after the end.
     */
    @Override
    public void close() {
        thread.interrupt();
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join(TO_END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
