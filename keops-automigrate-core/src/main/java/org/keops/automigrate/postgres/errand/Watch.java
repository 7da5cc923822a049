package org.keops.automigrate.postgres.errand;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.Pause;
import org.keops.automigrate.postgres.session.Question;
import org.keops.automigrate.postgres.session.Wrapped;
import org.postgresql.core.BaseConnection;

/**
 * Ends the wait of who reads an answer on their own thread: when it takes too long, which the time-out of a socket does not
 * notice where the answer drips, and when they are interrupted, which the driver does not notice at all.
 *
 * <p>One thread looks after all. It comes with the first of them, keeps nothing of who that was, and ends when it has
 * seen nobody for some time. Thread-safe.
 */
final class Watch {
    private static final long EVERY_MILLIS = 50;

    /** After two seconds: who boots again and again mostly finds the thread still there. */
    private static final int LOOKS_IN_VAIN = 40;

    /** How long who was late waits for the end of the connection: nothing is to be asked while it is being closed. */
    private static final Duration TO_ABORT = Duration.ofSeconds(1);

    /** Those who wait; its lock guards what is static here, and who ends a wait. */
    private static final Set<Watch> WAITING = new HashSet<>();

    private static boolean anyLooks;

    private final Thread caller = Thread.currentThread();
    private final Connection connection;
    private final Deadline deadline;
    private @Nullable Thread aborting;

    private Watch(Connection connection, Deadline deadline) {
        this.connection = connection;
        this.deadline = deadline;
    }

    /**
     * Over the calling thread, which waits for an answer on a connection.
     *
     * @param connection aborted if it takes too long
     * @param bound how long it may take
     * @return to be told when the wait is over
     */
    static Watch begin(Connection connection, Duration bound) {
        Watch watch = new Watch(connection, Deadline.in(bound));
        synchronized (WAITING) {
            if (!anyLooks) {
                daemon(Watch::look);
                anyLooks = true;
            }
            WAITING.add(watch);
        }
        return watch;
    }

    /**
     * Said when the wait is over.
     *
     * @param answer what has come
     * @return the same; null if it came too late to be worth anything, because the connection is aborted
     */
    @Nullable
    Question end(@Nullable Question answer) {
        synchronized (WAITING) {
            if (WAITING.remove(this)) {
                if (!isBrokenByInterrupt(answer)) {
                    return answer;
                }
                aborting = daemon(this::abort);
            }
        }
        if (aborting != null) {
            untilAborted(aborting);
        }
        // how it failed tells more than that there is none
        return answer == null || answer.failure() == null ? null : answer;
    }

    /** A socket that is a channel, or that of a virtual thread, is closed by it at once, and the server does not know. */
    private boolean isBrokenByInterrupt(@Nullable Question answer) {
        return answer != null && answer.failure() != null && caller.isInterrupted() && isClosed(driver());
    }

    /** No longer than for some time where closing hangs; but a pool must not get it before it is sure to be closed. */
    private void untilAborted(Thread thread) {
        Pause.untilEnded(thread, TO_ABORT);
        while (thread.isAlive() && !isClosed(driver())) {
            Pause.untilEnded(thread, TO_ABORT);
        }
    }

    private static void look() {
        int vain = 0;
        while (vain < LOOKS_IN_VAIN || !endsLooking()) {
            if (!Pause.millis(EVERY_MILLIS)) {
                // that is for whoever waits, not for this thread, which would not pause any more
                Thread.interrupted();
            }
            vain = looksOnce() ? 0 : vain + 1;
        }
    }

    private static boolean looksOnce() {
        try {
            return stopWhoIsLate();
        } catch (OutOfMemoryError e) {
            // nor is there a thread to be had where there are too many: perhaps in a moment
            return true;
        }
    }

    private static boolean endsLooking() {
        synchronized (WAITING) {
            anyLooks = !WAITING.isEmpty();
            return !anyLooks;
        }
    }

    /** Has connections aborted; says whether anybody waited at all. */
    private static boolean stopWhoIsLate() {
        synchronized (WAITING) {
            boolean anybody = !WAITING.isEmpty();
            for (Iterator<Watch> all = WAITING.iterator(); all.hasNext(); ) {
                Watch watch = all.next();
                if (watch.caller.isInterrupted() || watch.deadline.isOver()) {
                    // closing a socket of TLS may wait for a write that nobody reads
                    watch.aborting = daemon(watch::abort);
                    all.remove();
                }
            }
            return anybody;
        }
    }

    private void abort() {
        BaseConnection driver = driver();
        Abort.of(connection);
        if (driver != null && isClosed(driver)) {
            cancel(driver);
        }
    }

    private @Nullable BaseConnection driver() {
        return Wrapped.in(connection, BaseConnection.class);
    }

    /** Which the driver knows before it begins to close. */
    private static boolean isClosed(@Nullable BaseConnection driver) {
        try {
            return driver == null || driver.isClosed();
        } catch (SQLException | RuntimeException e) {
            return true;
        }
    }

    /** The server would wait on, for a lock perhaps. Now that nobody can have the connection, nobody else's statement is hit. */
    private static void cancel(BaseConnection aborted) {
        try {
            aborted.getQueryExecutor().sendQueryCancel();
        } catch (SQLException | RuntimeException | LinkageError e) {
            // where nobody listens any more, nobody waits
            return;
        }
    }

    private static Thread daemon(Runnable task) {
        // what threads inherit is not for this one to keep
        Thread thread = new Thread(null, task, "keops-automigrate-watch", 0, false);
        thread.setContextClassLoader(null);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
