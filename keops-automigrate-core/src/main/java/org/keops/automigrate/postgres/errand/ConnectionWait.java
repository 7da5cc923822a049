package org.keops.automigrate.postgres.errand;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.keops.automigrate.postgres.session.Deadline;

/**
 * How long a connection is waited for. A data source that gives its own verdict later than our bound, though within a minute,
 * gets that long and a second more, because only its verdict tells a wrong password from a server that is down.
 *
 * @param connected filled with the connection or with why there is none
 * @param dataSource where it comes from
 * @param deadline bounds all
 */
record ConnectionWait(Mailbox<Connection> connected, DataSource dataSource, Deadline deadline) {
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** The latest verdict of a data source's own that is waited for. */
    static final Duration LATEST_VERDICT = Duration.ofMinutes(1).plus(GRACE);

    /**
     * Waits on, when our own bound is over.
     *
     * @param start since when
     * @return false if neither a connection nor a verdict has come
     */
    boolean await(long start) throws InterruptedException {
        if (deadline.isOver()) {
            return false;
        }
        // asked only now: a lazily built pool knows its timeout once it has started
        Duration own = verdictAfter().minusNanos(System.nanoTime() - start);
        return !own.isNegative() && !own.isZero() && connected.await(deadline.atMost(own));
    }

    /** When the data source gives up by itself; zero if that is unknown, or too late to wait for. */
    private Duration verdictAfter() throws InterruptedException {
        Mailbox<Long> promise = new Mailbox<>();
        // on a thread of its own: a data source that is stuck in getConnection() may hold its lock
        Thread asking = new Thread(
                () -> promise.put(Math.max(loginTimeout(dataSource), poolTimeout(dataSource))),
                "keops-automigrate-timeout");
        asking.setDaemon(true);
        asking.start();
        promise.await(GRACE);
        Long millis = promise.value();
        if (millis == null) {
            return Duration.ZERO;
        }
        Duration verdict = Duration.ofMillis(millis).plus(GRACE);
        return verdict.compareTo(LATEST_VERDICT) > 0 ? Duration.ZERO : verdict;
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
        return KnownPool.property(dataSource, "getConnectionTimeout") instanceof Long millis ? millis : 0;
    }
}
