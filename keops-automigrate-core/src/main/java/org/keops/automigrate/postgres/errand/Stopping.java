package org.keops.automigrate.postgres.errand;

import java.sql.Connection;
import java.time.Duration;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.Pause;

/**
 * The end of an errand that has to stop: the statement is cancelled in the server, then the connection is aborted. For one
 * thread, once.
 */
final class Stopping {
    /** For a rollback, the settings and the lock: a few round trips. */
    private static final Duration TO_FINISH = Duration.ofSeconds(5);

    private static final Duration AFTER_ABORT = Duration.ofSeconds(1);
    private static final long CANCEL_AGAIN_MILLIS = 250;

    private final Worker worker;
    private final Connection connection;
    private final Mailbox<?> result;
    private boolean interrupted;

    Stopping(Worker worker, Connection connection, Mailbox<?> result) {
        this.worker = worker;
        this.connection = connection;
        this.result = result;
    }

    /** Stops the worker; false if it can not be stopped. */
    boolean stop() {
        if (worker.thread().getState() != Thread.State.RUNNABLE) {
            // it pauses; in the midst of an answer the server has to know first
            worker.stopSignal().interrupt(worker.thread());
        }
        daemon(this::cancelUntilFinished);
        if (cameBack(TO_FINISH)) {
            return true;
        }
        // on a thread of its own, too: closing a socket of TLS may wait for a write that nobody reads
        daemon(() -> Abort.of(connection));
        return cameBack(AFTER_ABORT);
    }

    /** Whether the caller was interrupted while it waited here. */
    boolean interrupted() {
        return interrupted;
    }

    /** A statement that begins after the first signal needs another one. */
    private void cancelUntilFinished() {
        Deadline end = Deadline.in(TO_FINISH);
        while (!result.isFilled() && !end.isOver()) {
            worker.stopSignal().cancel(connection);
            Pause.millis(CANCEL_AGAIN_MILLIS);
            // a socket that is a channel is closed by it, and the statement would go on if the server did not know
            worker.stopSignal().interrupt(worker.thread());
        }
    }

    private boolean cameBack(Duration within) {
        Deadline end = Deadline.in(within);
        while (true) {
            try {
                return result.await(end.left());
            } catch (InterruptedException e) {
                // it is being stopped already
                interrupted = true;
            }
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "keops-automigrate-stop");
        thread.setDaemon(true);
        thread.start();
    }
}
