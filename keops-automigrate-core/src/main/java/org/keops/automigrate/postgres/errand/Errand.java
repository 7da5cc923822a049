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
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.postgres.failure.FailureClassifier;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.OnThisThread;
import org.keops.automigrate.postgres.session.OwnerRole;
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

    /** Whether an attempt to connect was ever left behind; mostly none was. */
    private static volatile boolean anyStranded;

    private final DataSource dataSource;
    private final Deadline deadline;
    private final Duration connectWithin;
    private final @Nullable String ownerRole;
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
     * @param ownerRole whom to act as, or null for who connects
     * @param task what to do
     */
    public Errand(
            DataSource dataSource,
            Deadline deadline,
            Duration connectWithin,
            @Nullable String ownerRole,
            Task<T> task) {
        this.dataSource = dataSource;
        this.deadline = deadline;
        this.connectWithin = connectWithin;
        this.ownerRole = ownerRole;
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
         * @throws UnsoundScriptsException if there is one in the scripts
         */
        T in(Session session) throws SQLException;

        /**
         * What there is to bring back where there is no session, or none any more.
         *
         * @param state what that says of the database
         * @return the same kind of thing
         */
        T without(DatabaseState state);

        /**
         * Does what can be done without the session, on the caller's thread, while the connection is fetched. What it throws
         * ends the errand.
         */
        default void meanwhile() {}
    }

    /**
     * Runs it. An interrupt is answered by stopping, and the thread's flag is set again.
     *
     * @return what the task brought back; null if it neither ended nor could be ended, so that what became of it is not known
     * @throws RevisionException as the task does
     * @throws UnsoundScriptsException as the task does
     */
    public @Nullable T run() {
        try {
            Thread worker = new Worker();
            DatabaseState none = connect(worker);
            return none == null ? finish(worker) : task.without(none);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Why the task was told to stop.
     *
     * @return the reason, or null where it was not
     */
    public StopSignal.@Nullable Reason stopped() {
        return stop.reason();
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
            DatabaseState.Inaccessible obstacle = ownerRole == null ? null : OwnerRole.assume(session, ownerRole);
            return obstacle == null ? task.in(session) : task.without(obstacle);
        } catch (SQLException | RuntimeException | LinkageError e) {
            // asked here rather than caught by its name, for which every boot would load it
            if (e instanceof RevisionException || e instanceof UnsoundScriptsException) {
                throw (RuntimeException) e;
            }
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
        Deadline end = Deadline.in(bound);
        try {
            if (anyStranded && !StrandedAttempts.await(dataSource, bound)) {
                return new DatabaseState.Offline("an earlier attempt to connect still hangs, " + waited(start)
                        + " ms later: the server or pooler is silent; loginTimeout in the URL would end such attempts");
            }
            worker.start();
            meanwhile(worker);
            if (connected.await(end.left()) || new ConnectionWait(connected, dataSource, deadline).await(start)) {
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

    private void meanwhile(Thread worker) {
        try {
            task.meanwhile();
        } catch (RuntimeException | Error e) {
            // the worker gives the connection back by itself, soon or whenever it gets it
            stop.set(StopSignal.Reason.INTERRUPTED);
            abandon(worker, "");
            throw e;
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
        anyStranded = true;
        return new DatabaseState.Offline(seen);
    }

    private @Nullable T finish(Thread worker) {
        try {
            if (stop.reason() == null) {
                if (result.await(deadline.left())) {
                    return brought();
                }
                stop.set(StopSignal.Reason.DEADLINE);
            }
        } catch (InterruptedException e) {
            interrupted = true;
            stop.set(StopSignal.Reason.INTERRUPTED);
        }
        return stop(worker);
    }

    private @Nullable T stop(Thread worker) {
        // it has come, or there would be nothing to stop
        Connection connection = Objects.requireNonNull(connected.value());
        if (worker.getState() != Thread.State.RUNNABLE) {
            // it pauses; in the midst of an answer the server has to know first
            stop.interrupt(worker);
        }
        daemon(() -> cancelUntilFinished(connection, worker));
        if (cameBack(TO_FINISH)) {
            return brought();
        }
        // on a thread of its own, too: closing a socket of TLS may wait for a write that nobody reads
        daemon(() -> abort(connection));
        return cameBack(AFTER_ABORT) ? brought() : null;
    }

    /** A statement that begins after the first signal needs another one. */
    private void cancelUntilFinished(Connection connection, Thread worker) {
        Deadline end = Deadline.in(TO_FINISH);
        while (!result.isFilled() && !end.isOver()) {
            stop.cancel(connection);
            Pause.millis(CANCEL_AGAIN_MILLIS);
            // a socket that is a channel is closed by it, and the statement would go on if the server did not know
            stop.interrupt(worker);
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
