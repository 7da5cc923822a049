package org.keops.automigrate.postgres.errand;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.postgres.failure.FailureClassifier;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.OwnerRole;
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
    private final Worker worker;
    private final Deadline deadline;
    private final @Nullable String ownerRole;
    private final Task<T> task;
    private final StopSignal stop;
    private final Mailbox<Connection> connected;
    private final Mailbox<T> result = new Mailbox<>();
    private boolean interrupted;

    /**
     * Prepares an errand.
     *
     * @param worker fetches the connection and does the task; no other errand has it
     * @param deadline when all has to be over
     * @param ownerRole whom to act as, or null for who connects
     * @param task what to do
     */
    public Errand(Worker worker, Deadline deadline, @Nullable String ownerRole, Task<T> task) {
        this.worker = worker;
        this.stop = worker.stopSignal();
        this.connected = worker.connected();
        this.deadline = deadline;
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
         * @param deadline when all has to be over
         * @return what it brings back
         * @throws SQLException if the connection fails
         * @throws RevisionException if there is a mistake in what was asked for
         * @throws UnsoundScriptsException if there is one in the scripts
         */
        T in(Session session, Deadline deadline) throws SQLException;

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
            DatabaseState none = connect();
            return none == null ? finish() : task.without(none);
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

    /** Called by the worker: with a session, or with why there is none. */
    void does(@Nullable Session session, @Nullable Throwable refused) {
        try {
            result.put(session == null ? without(Objects.requireNonNull(refused)) : inSession(session));
        } catch (Throwable e) {
            result.fail(e);
        }
    }

    private T inSession(Session own) {
        try (Session session = own) {
            DatabaseState.Inaccessible obstacle = ownerRole == null ? null : OwnerRole.assume(session, ownerRole);
            return obstacle == null ? task.in(session, deadline) : task.without(obstacle);
        } catch (SQLException | RuntimeException | LinkageError e) {
            return without(e);
        }
    }

    /** A failure is a state of the database like any other. */
    private T without(Throwable failure) {
        // asked here rather than caught by its name, for which every boot would load it
        if (failure instanceof RevisionException || failure instanceof UnsoundScriptsException) {
            throw (RuntimeException) failure;
        }
        if (failure instanceof Error error && !(failure instanceof LinkageError)) {
            throw error;
        }
        return task.without(
                stop.reason() == null
                        ? FailureClassifier.classify(failure)
                        : new DatabaseState.Offline("it had not answered when it was stopped"));
    }

    private @Nullable DatabaseState connect() {
        long start = System.nanoTime();
        Duration bound = deadline.atMost(worker.connectWithin());
        Deadline end = Deadline.in(bound);
        try {
            if (!worker.beginWithin(bound)) {
                return new DatabaseState.Offline("an earlier attempt to connect still hangs, " + waited(start)
                        + " ms later: the server or pooler is silent; loginTimeout in the URL would end such attempts");
            }
            worker.give(this);
            meanwhile();
            if (connected.await(end.left())
                    || new ConnectionWait(connected, worker.dataSource(), deadline).await(start)) {
                Throwable failure = connected.failure();
                return failure == null ? null : FailureClassifier.classify(failure);
            }
            if (deadline.isOver()) {
                stop.set(StopSignal.Reason.DEADLINE);
            }
            return abandon("no connection within " + waited(start)
                    + " ms: the server or pooler is silent or slow, or the application's own pool is exhausted");
        } catch (InterruptedException e) {
            interrupted = true;
            stop.set(StopSignal.Reason.INTERRUPTED);
            return abandon("interrupted while waiting for a connection");
        }
    }

    private void meanwhile() {
        try {
            task.meanwhile();
        } catch (RuntimeException | Error e) {
            // the worker gives the connection back by itself, soon or whenever it gets it
            stop.set(StopSignal.Reason.INTERRUPTED);
            abandon("");
            throw e;
        }
    }

    private static long waited(long start) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    /** What came in this very moment is taken. */
    private @Nullable DatabaseState abandon(String seen) {
        if (worker.leaveBehind()) {
            return new DatabaseState.Offline(seen);
        }
        Throwable failure = connected.failure();
        return failure == null ? null : FailureClassifier.classify(failure);
    }

    private @Nullable T finish() {
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
        return stop();
    }

    private @Nullable T stop() {
        // it has come, or there would be nothing to stop
        Stopping stopping = new Stopping(worker, Objects.requireNonNull(connected.value()), result);
        boolean cameBack = stopping.stop();
        interrupted |= stopping.interrupted();
        return cameBack ? brought() : null;
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
}
