package org.keops.automigrate.postgres.errand;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.keops.automigrate.postgres.session.Deadline;

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
            // loops: every boot comes by here, mostly to find nothing
            List<Thread> workers = new ArrayList<>();
            for (Iterator<Stranded> all = ALL.iterator(); all.hasNext(); ) {
                Stranded stranded = all.next();
                if (!stranded.worker.isAlive()) {
                    all.remove();
                } else if (stranded.dataSource.get() == dataSource) {
                    workers.add(stranded.worker);
                }
            }
            return workers;
        }
    }

    private record Stranded(WeakReference<DataSource> dataSource, Thread worker) {}
}
