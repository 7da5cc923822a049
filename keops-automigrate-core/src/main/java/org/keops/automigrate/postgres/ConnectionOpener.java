package org.keops.automigrate.postgres;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;
import org.keops.automigrate.model.DatabaseState;

/**
 * Opens one connection within a bound, whatever the driver or pool does.
 *
 * <p>pgjdbc waits for ever for a server that accepts and never answers, and HikariCP's own timeout does not bound its
 * first attempt. So the attempt runs on a thread of its own; a connection that arrives too late is closed there.
 */
public final class ConnectionOpener {

    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final Duration LATEST_VERDICT = Duration.ofMinutes(1).plus(GRACE);

    private ConnectionOpener() {}

    /** What came of an attempt. */
    public sealed interface Attempt {}

    /**
     * A connection.
     *
     * @param connection open, owned by the caller
     */
    public record Connected(Connection connection) implements Attempt {}

    /**
     * None.
     *
     * @param state what that says of the database
     */
    public record NotConnected(DatabaseState state) implements Attempt {}

    /**
     * Makes one attempt.
     *
     * @param dataSource where connections come from
     * @param bound how long to wait; a data source that gives its own verdict later than that, though within a minute,
     *     gets that long and a second more, because only its verdict tells a wrong password from a server that is down
     * @return the connection, or what its absence means
     */
    public static Attempt open(DataSource dataSource, Duration bound) {
        CompletableFuture<Connection> promise = new CompletableFuture<>();
        long start = System.nanoTime();
        Thread thread = start(() -> connect(dataSource, promise));
        try {
            return new Connected(await(promise, dataSource, bound, start));
        } catch (ExecutionException e) {
            return new NotConnected(FailureClassifier.classify(e.getCause() == null ? e : e.getCause()));
        } catch (TimeoutException e) {
            long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            return abandon(
                    promise,
                    thread,
                    "no connection within " + waited
                            + " ms: the server or pooler is silent or slow, or the application's own pool is exhausted");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return abandon(promise, thread, "interrupted while waiting for a connection");
        }
    }

    private static void connect(DataSource dataSource, CompletableFuture<Connection> promise) {
        try {
            Connection connection = dataSource.getConnection();
            if (connection == null) {
                promise.completeExceptionally(new SQLException("the data source returned null for a connection"));
            } else if (!promise.complete(connection)) {
                connection.close();
            }
        } catch (Throwable e) {
            // pools throw RuntimeException, a missing driver class is an Error: all of it is an answer for the caller
            promise.completeExceptionally(e);
        }
    }

    private static Connection await(
            CompletableFuture<Connection> promise, DataSource dataSource, Duration bound, long start)
            throws ExecutionException, InterruptedException, TimeoutException {
        try {
            return promise.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // asked only now: a lazily built pool knows its timeout once it has started
            long own = verdictAfter(dataSource).toNanos() - (System.nanoTime() - start);
            if (own <= 0) {
                throw e;
            }
            return promise.get(own, TimeUnit.NANOSECONDS);
        }
    }

    /** When the data source gives up by itself; zero if that is unknown, or too late to wait for. */
    private static Duration verdictAfter(DataSource dataSource) throws InterruptedException {
        CompletableFuture<Long> promise = new CompletableFuture<>();
        // on a thread of its own: a data source that is stuck in getConnection() may hold its lock
        start(() -> promise.complete(Math.max(loginTimeout(dataSource), poolTimeout(dataSource))));
        try {
            Duration verdict = Duration.ofMillis(promise.get(GRACE.toMillis(), TimeUnit.MILLISECONDS))
                    .plus(GRACE);
            return verdict.compareTo(LATEST_VERDICT) > 0 ? Duration.ZERO : verdict;
        } catch (ExecutionException | TimeoutException e) {
            return Duration.ZERO;
        }
    }

    private static long loginTimeout(DataSource dataSource) {
        try {
            return TimeUnit.SECONDS.toMillis(dataSource.getLoginTimeout());
        } catch (SQLException | RuntimeException | LinkageError e) {
            return 0;
        }
    }

    /**
     * HikariCP's own timeout. The login timeout of a pool with a JDBC URL is that of {@code DriverManager}, which is one
     * for the whole JVM: the last pool to start has set it.
     */
    private static long poolTimeout(DataSource dataSource) {
        try {
            Method getter = dataSource.getClass().getMethod("getConnectionTimeout");
            return getter.invoke(dataSource) instanceof Long millis ? millis : 0;
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            return 0;
        }
    }

    private static Thread start(Runnable task) {
        Thread thread = new Thread(task, "keops-automigrate-connect");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static Attempt abandon(CompletableFuture<Connection> promise, Thread thread, String seen) {
        if (promise.cancel(false)) {
            // ends the wait in a pool; the driver's own can not be ended
            thread.interrupt();
            return new NotConnected(new DatabaseState.Offline(seen));
        }
        // it arrived in this very moment
        Connection late = promise.getNow(null);
        return late == null ? new NotConnected(new DatabaseState.Offline(seen)) : new Connected(late);
    }
}
