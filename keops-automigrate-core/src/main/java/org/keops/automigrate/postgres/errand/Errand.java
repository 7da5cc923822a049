package org.keops.automigrate.postgres.errand;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.postgres.failure.FailureClassifier;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.OnThisThread;
import org.keops.automigrate.postgres.session.Pause;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.StopSignal;

/**
 * Gets one connection and does something with it, on a thread of its own, while the caller watches the clock and listens
 * for an interrupt.
 *
 * <p>No driver, pool or server can hold up the caller so: pgjdbc waits for ever for a server that accepts and never answers,
 * HikariCP's own timeout does not bound its first attempt, and no timeout of theirs sees an answer that drips. When the
 * time is over, or the caller is interrupted, the statement is cancelled in the server; the thread has some seconds to roll
 * back and to give the connection back; then the connection is aborted. Used once.
 *
 * @param <T> what it brings back
 */
public final class Errand<T> {
    /** For a rollback, the settings and the lock: a few round trips. */
    private static final Duration TO_FINISH = Duration.ofSeconds(5);

    private static final Duration AFTER_ABORT = Duration.ofSeconds(1);
    private static final long CANCEL_AGAIN_MILLIS = 250;

    private final DataSource dataSource;
    private final Deadline deadline;
    private final Duration connectWithin;
    private final Task<T> task;
    private final StopSignal stop = new StopSignal();
    private final Mailbox<Connection> connected = new Mailbox<>();
    private final Mailbox<T> result = new Mailbox<>();
    private boolean interrupted;

    /**
     * Prepares an errand.
     *
     * @param dataSource where the connection comes from
     * @param deadline when all has to be over
     * @param connectWithin how long to wait for the connection, and then for each short answer
     * @param task what to do
     */
    public Errand(DataSource dataSource, Deadline deadline, Duration connectWithin, Task<T> task) {
        this.dataSource = dataSource;
        this.deadline = deadline;
        this.connectWithin = connectWithin;
        this.task = task;
    }

    /**
     * What to do with a session.
     *
     * @param <T> what it brings back
     */
    public interface Task<T> {
        /**
         * Does it.
         *
         * @param session the session; it is closed afterwards
         * @return what it brings back
         * @throws SQLException if the connection fails
         * @throws RevisionException if there is a mistake in what was asked for
         */
        T in(Session session) throws SQLException;

        /**
         * What there is to bring back where there is no session, or none any more.
         *
         * @param state what that says of the database
         * @return the same kind of thing
         */
        T without(DatabaseState state);
    }

    /**
     * How an errand ended.
     *
     * @param <T> what it brings back
     */
    public sealed interface Ending<T> {}

    /**
     * The task came to its end.
     *
     * @param value what it brought back
     * @param stopped why it was told to stop, or null
     * @param <T> what it brings back
     */
    public record Returned<T>(T value, StopSignal.@Nullable Reason stopped) implements Ending<T> {}

    /**
     * The task neither ended nor could be ended; what became of it is not known.
     *
     * @param stopped why it was told to stop
     * @param <T> what it would have brought back
     */
    public record Abandoned<T>(StopSignal.Reason stopped) implements Ending<T> {}

    /**
     * Runs it. An interrupt is answered by stopping, and the thread's flag is set again.
     *
     * @return how it ended
     * @throws RevisionException as the task does
     */
    public Ending<T> run() {
        try {
            Thread worker = new Worker();
            DatabaseState none = connect(worker);
            return none == null ? finish(worker) : new Returned<>(task.without(none), stop.reason());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Every boot has one; its first lambda would cost more than the thread. */
    private final class Worker extends Thread {
        Worker() {
            super("keops-automigrate");
            setDaemon(true);
        }

        @Override
        public void run() {
            work();
        }
    }

    private void work() {
        Connection connection;
        try {
            connection = dataSource.getConnection();
            if (connection == null) {
                throw new SQLException("the data source returned null for a connection");
            }
        } catch (Throwable e) {
            // pools throw RuntimeException, a missing driver class is an Error: all of it is an answer for the caller
            connected.fail(e);
            return;
        }
        if (!connected.put(connection)) {
            closeLate(connection);
            return;
        }
        try {
            result.put(inSession(connection));
        } catch (Throwable e) {
            result.fail(e);
        }
    }

    /** A failure is a state of the database like any other. */
    private T inSession(Connection connection) {
        try (Session session = Session.adopt(connection, connectWithin, stop)) {
            return task.in(session);
        } catch (RevisionException e) {
            throw e;
        } catch (SQLException | RuntimeException | LinkageError e) {
            return task.without(
                    stop.reason() == null
                            ? FailureClassifier.classify(e)
                            : new DatabaseState.Offline("it had not answered when it was stopped"));
        }
    }

    private static void closeLate(Connection connection) {
        try {
            connection.close();
        } catch (SQLException | RuntimeException e) {
            // nobody waits for it any more
            return;
        }
    }

    private @Nullable DatabaseState connect(Thread worker) {
        long start = System.nanoTime();
        Duration bound = deadline.atMost(connectWithin);
        try {
            if (!StrandedAttempts.await(dataSource, bound)) {
                return new DatabaseState.Offline("an earlier attempt to connect still hangs, " + waited(start)
                        + " ms later: the server or pooler is silent; loginTimeout in the URL would end such attempts");
            }
            worker.start();
            if (new ConnectionWait(connected, dataSource, deadline).await(bound, start)) {
                Throwable failure = connected.failure();
                return failure == null ? null : FailureClassifier.classify(failure);
            }
            if (deadline.isOver()) {
                stop.set(StopSignal.Reason.DEADLINE);
            }
            return abandon(
                    worker,
                    "no connection within " + waited(start)
                            + " ms: the server or pooler is silent or slow, or the application's own pool is exhausted");
        } catch (InterruptedException e) {
            interrupted = true;
            stop.set(StopSignal.Reason.INTERRUPTED);
            return abandon(worker, "interrupted while waiting for a connection");
        }
    }

    private static long waited(long start) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    /** Null if the connection arrived in this very moment. */
    private @Nullable DatabaseState abandon(Thread worker, String seen) {
        if (!connected.shut() && connected.failure() == null) {
            return null;
        }
        // ends the wait in a pool; the driver's own can not be ended
        worker.interrupt();
        StrandedAttempts.add(dataSource, worker);
        return new DatabaseState.Offline(seen);
    }

    private Ending<T> finish(Thread worker) {
        try {
            if (stop.reason() == null) {
                if (result.await(deadline.left())) {
                    return new Returned<>(brought(), null);
                }
                stop.set(StopSignal.Reason.DEADLINE);
            }
        } catch (InterruptedException e) {
            interrupted = true;
            stop.set(StopSignal.Reason.INTERRUPTED);
        }
        return stop(worker);
    }

    private Ending<T> stop(Thread worker) {
        StopSignal.Reason reason = stop.reason() == null ? StopSignal.Reason.DEADLINE : stop.reason();
        // it has come, or there would be nothing to stop
        Connection connection = Objects.requireNonNull(connected.value());
        worker.interrupt();
        daemon(() -> cancelUntilFinished(connection));
        if (cameBack(TO_FINISH)) {
            return new Returned<>(brought(), reason);
        }
        // on a thread of its own, too: closing a socket of TLS may wait for a write that nobody reads
        daemon(() -> abort(connection));
        return cameBack(AFTER_ABORT) ? new Returned<>(brought(), reason) : new Abandoned<>(reason);
    }

    /** A statement that begins after the first signal needs another one. */
    private void cancelUntilFinished(Connection connection) {
        Deadline end = Deadline.in(TO_FINISH);
        while (!result.isFilled() && !end.isOver()) {
            stop.cancel(connection);
            Pause.millis(CANCEL_AGAIN_MILLIS);
        }
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(OnThisThread.INSTANCE);
        } catch (SQLException | RuntimeException | LinkageError e) {
            // it is as good as gone already
            return;
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

    /** What the worker has brought; what it died of is thrown here. */
    private T brought() {
        Throwable failure = result.failure();
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        T value = result.value();
        if (value == null) {
            throw new IllegalStateException(failure);
        }
        return value;
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "keops-automigrate-stop");
        thread.setDaemon(true);
        thread.start();
    }
}
