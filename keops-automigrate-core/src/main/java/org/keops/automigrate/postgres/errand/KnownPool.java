package org.keops.automigrate.postgres.errand;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.StopSignal;
import org.postgresql.jdbc.PgConnection;

/**
 * Data sources that were found to be HikariCP's pool itself, and to lend the driver's own connections. Such a pool opens them
 * on threads of its own, so that who borrows one waits no longer than its settings say. Of whatever wraps either that is not
 * known, and not of one that has been idle, because the pool looks whether it is alive. What looks at one is here rather than in {@link Worker}, which also those load who boot once. See
 * {@code docs/decisions/0033-on-the-callers-thread-where-the-pool-bounds-itself.md}. Thread-safe.
 */
final class KnownPool {
    private static final String HIKARI = "com.zaxxer.hikari.HikariDataSource";

    /** HikariCP's own, in milliseconds: what was used within this time it lends without a look whether it is alive. */
    private static final String NO_LOOK_WITHIN = "com.zaxxer.hikari.aliveBypassWindowMs";

    private static final long NO_LOOK_WITHIN_DEFAULT = 500;

    /**
     * When each was asked for a connection that then answered. All of one class, which tells its instances apart by
     * identity.
     */
    private static final Map<DataSource, Long> MET = Collections.synchronizedMap(new WeakHashMap<>());

    private KnownPool() {}

    /** Remembers it, if it is such a pool. */
    static void met(DataSource dataSource, Connection lent, long asked) {
        if (isHikari(dataSource) && isTheDriversOwn(lent)) {
            MET.put(dataSource, asked);
        }
    }

    /**
     * Fetches a connection on the thread that calls, and looks, where the data source is one of them.
     *
     * @param worker has not begun; goes on with what was fetched and seen, where there is more to do
     * @param left how long it may take at most
     * @return whether it was tried
     */
    static boolean look(Worker worker, Duration left) {
        if (!lendsWithin(worker.dataSource(), left)) {
            return false;
        }
        Deadline end = Deadline.in(left);
        // until it has answered: who comes meanwhile, and so would get another connection, has a thread
        MET.remove(worker.dataSource());
        Connection connection = worker.fetchHere();
        if (connection != null) {
            Watch watch = Watch.begin(connection, end.atMost(worker.connectWithin()));
            worker.tell(watch.end(worker.look(connection)));
            if (worker.hasAnswer()) {
                MET.put(worker.dataSource(), worker.asked());
            }
            if (Thread.currentThread().isInterrupted()) {
                // said now: an errand that ends at once would look at its result and not at this
                worker.stopSignal().set(StopSignal.Reason.INTERRUPTED);
            }
        }
        return true;
    }

    /** Whether it is one of them, and lends or refuses within a time, and no later than others are waited for. */
    private static boolean lendsWithin(DataSource dataSource, Duration bound) {
        return isHikari(dataSource)
                // the errand answers it
                && !Thread.currentThread().isInterrupted()
                && lendsWithoutLook(dataSource)
                // who finds it suspended waits for ever
                && Boolean.FALSE.equals(property(dataSource, "isAllowPoolSuspension"))
                && property(dataSource, "getConnectionTimeout") instanceof Long timeout
                // a connection that it looks at in the last moment, to see whether it is alive
                && property(dataSource, "getValidationTimeout") instanceof Long validation
                && timeout + validation <= Math.min(bound.toMillis(), ConnectionWait.LATEST_VERDICT.toMillis());
    }

    /**
     * Whether it has lent one that answered so short a while ago that it lends it again as it is. Where it looks first, it
     * reads on the thread that calls: an interrupt does not end that, nor its time-out an answer that drips.
     */
    private static boolean lendsWithoutLook(DataSource dataSource) {
        Long asked = MET.get(dataSource);
        // half of it: some passes until it looks at its clock
        return asked != null
                && System.nanoTime() - asked
                        < TimeUnit.MILLISECONDS.toNanos(Long.getLong(NO_LOOK_WITHIN, NO_LOOK_WITHIN_DEFAULT)) / 2;
    }

    /** What a data source says of itself; null where it has no such getter, or it throws. */
    static @Nullable Object property(DataSource dataSource, String getter) {
        try {
            return dataSource.getClass().getMethod(getter).invoke(dataSource);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            return null;
        }
    }

    private static boolean isHikari(DataSource dataSource) {
        return dataSource.getClass().getName().equals(HIKARI);
    }

    /** HikariCP gives out what it wraps as what it is. */
    private static boolean isTheDriversOwn(Connection lent) {
        try {
            return lent.unwrap(Connection.class).getClass() == PgConnection.class;
        } catch (SQLException | RuntimeException | LinkageError e) {
            return false;
        }
    }
}
