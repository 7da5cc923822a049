package org.keops.automigrate.postgres.errand;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.postgres.session.Question;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.StopSignal;

/**
 * The thread of an errand: fetches one connection, adopts it, and does with it what it is given to do.
 *
 * <p>It may begin before that is known: in a process that has just started, loading what decides takes longer than
 * fetching a connection. In one that has looked before, its caller fetches and looks where that can not hang
 * ({@link KnownPool}); then the thread begins with the errand, if there is one. Used once; its methods are the caller's, of
 * one thread.
 */
public final class Worker implements Runnable {
    /** What our threads are called, or what their names begin with. */
    public static final String NAME = "keops-automigrate";

    /** Whether an attempt to connect was ever left behind; mostly none was. */
    private static volatile boolean anyStranded;

    /** By this process: most look once. */
    private static volatile boolean lookedBefore;

    private final DataSource dataSource;
    private final Duration connectWithin;
    private final @Nullable BiFunction<Connection, Duration, @Nullable Question> firstLook;
    private final Mailbox<Question> looked = new Mailbox<>();
    private final Mailbox<Connection> connected = new Mailbox<>();
    private final Mailbox<Errand<?>> errand = new Mailbox<>();
    private boolean begun;

    /** Made when it begins: many a boot needs none. */
    private @Nullable Thread thread;

    /** What the caller has fetched: nobody but the caller gives it back before an errand comes. Null where the thread does. */
    private @Nullable Connection fetched;

    /** Written by whoever looks, before an errand reads it. */
    private @Nullable Question seen;

    /** When the connection was asked for, as {@link System#nanoTime} tells it. */
    private long asked;

    /** Made by whoever needs it first: most boots end without. */
    private @Nullable StopSignal stop;

    /**
     * Prepares a thread that does nothing yet.
     *
     * @param dataSource where the connection comes from
     * @param connectWithin how long to wait for the connection, and then for each short answer
     */
    public Worker(DataSource dataSource, Duration connectWithin) {
        this(dataSource, connectWithin, null);
    }

    /**
     * Prepares a thread that asks something as soon as it has the connection, before it is known what else there is to do.
     *
     * @param dataSource where the connection comes from
     * @param connectWithin how long to wait for the connection, and then for each short answer
     * @param firstLook asks on a connection, and leaves it as it was; null from it if it would rather not
     */
    public Worker(
            DataSource dataSource,
            Duration connectWithin,
            @Nullable BiFunction<Connection, Duration, @Nullable Question> firstLook) {
        this.firstLook = firstLook;
        if (firstLook == null) {
            looked.shut();
        }
        this.dataSource = dataSource;
        this.connectWithin = connectWithin;
    }

    /** As a caller that is one of ours: its name tells in the log which of many boots this is. */
    private static String named(String caller) {
        return caller.startsWith(NAME) ? caller : NAME;
    }

    /**
     * Begins to fetch the connection, unless an earlier attempt still hangs: then the errand looks after that first. In a
     * process that has looked before, and where nobody can hang, the caller fetches it and looks: beginning a thread would take
     * longer. An errand that follows has the thread all the same.
     *
     * @param left how long it may take at most
     * @return whether it has begun
     */
    public boolean hurry(Duration left) {
        boolean here = lookedBefore && firstLook != null && KnownPool.look(this, left);
        if (!here && (!anyStranded || StrandedAttempts.none(dataSource))) {
            begin();
        }
        return begun;
    }

    /**
     * Waits for the answer to the first look.
     *
     * @param bound how long
     * @return the answer; null if none has come, or will come
     */
    public @Nullable Question looked(Duration bound) {
        try {
            return looked.await(bound) ? looked.value() : null;
        } catch (InterruptedException e) {
            // the errand answers it
            Thread.currentThread().interrupt();
            return null;
        }
    }

    /**
     * Has the connection given back, and waits for it: the first look has told all, there is no errand. Nobody is held up by
     * a pool that hangs: the wait is bounded as one for an answer is, and an interrupt ends it.
     *
     * @param left how long at most
     */
    public void giveBack(Duration left) {
        if (errand.shut() && fetched != null) {
            // HikariCP asks the server nothing then: whatever was changed was put back, behind its back
            close(fetched);
            return;
        }
        try {
            TimeUnit.NANOSECONDS.timedJoin(thread(), Math.min(connectWithin.toNanos(), left.toNanos()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives the connection back if no errand has come; else does nothing. */
    public void dismiss() {
        if (errand.shut()) {
            if (fetched != null) {
                close(fetched);
            } else if (begun) {
                leaveBehind();
            }
        }
    }

    /** False if an earlier attempt to connect still hangs. */
    boolean beginWithin(Duration bound) throws InterruptedException {
        if (!begun) {
            if (anyStranded && !StrandedAttempts.await(dataSource, bound)) {
                return false;
            }
            begin();
        }
        return true;
    }

    private void begin() {
        begun = true;
        start();
    }

    private void start() {
        thread = new Thread(this, named(Thread.currentThread().getName()));
        thread.setDaemon(true);
        thread.start();
    }

    /** What to do. */
    void give(Errand<?> work) {
        if (fetched != null) {
            // first: where there is no thread to be had, the caller still gives the connection back
            start();
        }
        errand.put(work);
    }

    /** Nobody waits for the connection any more; false if it has come, or will not come, in this very moment. */
    boolean leaveBehind() {
        if (!connected.shut()) {
            return false;
        }
        if (thread != null) {
            // ends the wait in a pool; the driver's own can not be ended
            thread.interrupt();
            StrandedAttempts.add(dataSource, thread);
            anyStranded = true;
        }
        return true;
    }

    DataSource dataSource() {
        return dataSource;
    }

    Duration connectWithin() {
        return connectWithin;
    }

    synchronized StopSignal stopSignal() {
        if (stop == null) {
            stop = new StopSignal();
        }
        return stop;
    }

    /** The connection, or why there is none. */
    Mailbox<Connection> connected() {
        return connected;
    }

    /** Its thread; it has begun. */
    Thread thread() {
        return Objects.requireNonNull(thread);
    }

    /** What the thread does. */
    @Override
    public void run() {
        Connection connection = fetched == null ? fetchAndLook() : fetched;
        if (connection != null) {
            work(connection);
        }
    }

    /** As the thread begins, for a caller who does it. */
    @Nullable
    Connection fetchHere() {
        begun = true;
        fetched = fetch();
        return fetched;
    }

    /** The connection for an errand; null where there is none, or no errand: then it is given back. */
    private @Nullable Connection fetchAndLook() {
        Connection connection = fetch();
        if (connection == null || firstLook == null) {
            return connection;
        }
        tell(look(connection));
        if (lookedBefore && hasAnswer()) {
            // not the first time: a process that boots once would load it for nothing
            KnownPool.met(dataSource, connection, asked);
        }
        lookedBefore = true;
        if (errand.take() == null) {
            // before it is a session: whoever has found nothing to do needs none
            close(connection);
            return null;
        }
        return connection;
    }

    /** The connection; null where there is none, which is told, or nobody waits for it any more. */
    private @Nullable Connection fetch() {
        Connection connection;
        asked = System.nanoTime();
        try {
            connection = dataSource.getConnection();
            if (connection == null) {
                throw new SQLException("the data source returned null for a connection");
            }
        } catch (Throwable e) {
            // pools throw RuntimeException, a missing driver class is an Error: all of it is an answer for the caller;
            // but the caller's own interrupt is answered by the errand
            if (thread != null || !Thread.currentThread().isInterrupted()) {
                connected.fail(e);
            }
            looked.shut();
            return null;
        }
        if (connected.put(connection)) {
            return connection;
        }
        close(connection);
        return null;
    }

    private void work(Connection connection) {
        Session session = null;
        Throwable refused = null;
        try {
            session = Session.adopt(connection, connectWithin, stopSignal());
            session.answered(seen);
        } catch (Throwable e) {
            SQLException broken = seen == null ? null : seen.failure();
            // where the connection broke over the question, that tells more than that it is closed
            refused = broken != null && isOfTheConnection(broken) ? broken : e;
        }
        Errand<?> work = errand.take();
        if (work != null) {
            work.does(session, refused);
        } else if (session != null) {
            session.close();
        }
    }

    @Nullable
    Question look(Connection connection) {
        try {
            return Objects.requireNonNull(firstLook).apply(connection, connectWithin);
        } catch (RuntimeException | Error e) {
            // what is wrong the session will find, where somebody listens
            return null;
        }
    }

    void tell(@Nullable Question answer) {
        seen = answer;
        if (answer == null) {
            looked.shut();
        } else {
            looked.put(answer);
        }
    }

    /** When the connection was asked for, as {@link System#nanoTime} tells it. */
    long asked() {
        return asked;
    }

    /** Whether the first look has told what was asked. */
    boolean hasAnswer() {
        return seen != null && seen.failure() == null;
    }

    private static boolean isOfTheConnection(SQLException failure) {
        String state = String.valueOf(failure.getSQLState());
        return state.startsWith("08") || state.startsWith("57P"); // 57P: ended by an operator, or with the server
    }

    /** As it came; where that fails, a pool drops one that is aborted. */
    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException | RuntimeException | LinkageError e) {
            Abort.of(connection);
        }
    }
}
