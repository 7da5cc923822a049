package org.keops.automigrate.postgres;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * Attempts to connect that nobody waits for any more and that can not be ended: the driver waits for ever for a silent
 * server. The next try waits for the old one, so that a data source has at most one such thread. Thread-safe.
 */
final class StrandedAttempts {
    private static final List<Stranded> ALL = new ArrayList<>();

    private StrandedAttempts() {}

    static void add(DataSource dataSource, Thread worker) {
        synchronized (ALL) {
            ALL.add(new Stranded(new WeakReference<>(dataSource), worker));
        }
    }

    /**
     * Waits for the attempts of a data source.
     *
     * @return false if one still hangs
     */
    static boolean await(DataSource dataSource, Duration bound) throws InterruptedException {
        Deadline end = Deadline.in(bound);
        for (Thread worker : of(dataSource)) {
            TimeUnit.NANOSECONDS.timedJoin(worker, end.left().toNanos());
            if (worker.isAlive()) {
                return false;
            }
        }
        return true;
    }

    private static List<Thread> of(DataSource dataSource) {
        synchronized (ALL) {
            ALL.removeIf(stranded -> !stranded.worker.isAlive());
            return ALL.stream()
                    .filter(stranded -> stranded.dataSource.get() == dataSource)
                    .map(Stranded::worker)
                    .toList();
        }
    }

    private record Stranded(WeakReference<DataSource> dataSource, Thread worker) {}
}
