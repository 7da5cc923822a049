package org.keops.automigrate.postgres;

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
     * @param bound how long to wait; a data source whose own login timeout is longer gets that long and a second more,
     *     because only its own verdict tells a wrong password from a server that is down
     * @return the connection, or what its absence means
     */
    public static Attempt open(DataSource dataSource, Duration bound) {
        CompletableFuture<Connection> promise = new CompletableFuture<>();
        Thread thread = new Thread(() -> connect(dataSource, promise), "keops-automigrate-connect");
        thread.setDaemon(true);
        thread.start();
        long start = System.nanoTime();
        try {
            return new Connected(await(promise, dataSource, bound, start));
        } catch (ExecutionException e) {
            return new NotConnected(FailureClassifier.classify(e.getCause() == null ? e : e.getCause()));
        } catch (TimeoutException e) {
            long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            return abandon(promise, "no connection within " + waited + " ms: nobody answers there, or very slowly");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return abandon(promise, "interrupted while waiting for a connection");
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
            long own = TimeUnit.SECONDS.toNanos(loginTimeout(dataSource) + 1L) - (System.nanoTime() - start);
            if (own <= 0) {
                throw e;
            }
            return promise.get(own, TimeUnit.NANOSECONDS);
        }
    }

    private static int loginTimeout(DataSource dataSource) {
        try {
            return Math.max(0, dataSource.getLoginTimeout());
        } catch (SQLException | RuntimeException e) {
            return 0;
        }
    }

    private static Attempt abandon(CompletableFuture<Connection> promise, String seen) {
        if (promise.cancel(false)) {
            return new NotConnected(new DatabaseState.Offline(seen));
        }
        // it arrived in this very moment
        Connection late = promise.getNow(null);
        return late == null ? new NotConnected(new DatabaseState.Offline(seen)) : new Connected(late);
    }
}
