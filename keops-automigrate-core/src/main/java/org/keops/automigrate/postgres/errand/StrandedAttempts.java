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
 * server. The next try waits for the old one; only when that has hung for long, as it does for ever where its host has
 * vanished, another is made beside it, and the next one after twice that time: so a data source has few such threads.
 * Thread-safe.
 */
final class StrandedAttempts {
    /** How many times as long as a connection is waited for, and at least so long. */
    private static final int LONG = 10;

    private static final long LONG_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long LONGEST_NANOS = Duration.ofHours(1).toNanos();

    private static final List<Stranded> ALL = new ArrayList<>();

    private StrandedAttempts() {}

    static void add(DataSource dataSource, Thread worker) {
        synchronized (ALL) {
            ALL.add(new Stranded(new WeakReference<>(dataSource), worker, System.nanoTime()));
        }
    }

    /** Whether no attempt of a data source hangs. */
    static boolean none(DataSource dataSource) {
        return of(dataSource).isEmpty();
    }

    /**
     * Waits for the attempts of a data source.
     *
     * @return false if one still hangs, and not yet for so long that another is to be made
     */
    static boolean await(DataSource dataSource, Duration bound) throws InterruptedException {
        Deadline end = Deadline.in(bound);
        List<Stranded> hanging = of(dataSource);
        if (isTimeForAnother(hanging, bound)) {
            return true;
        }
        for (Stranded stranded : hanging) {
            TimeUnit.NANOSECONDS.timedJoin(stranded.worker, end.left().toNanos());
            if (stranded.worker.isAlive()) {
                return false;
            }
        }
        return true;
    }

    private static boolean isTimeForAnother(List<Stranded> hanging, Duration bound) {
        if (hanging.isEmpty()) {
            return true;
        }
        Stranded youngest = hanging.get(hanging.size() - 1);
        long first = Math.max(LONG * Math.min(bound.toNanos(), LONGEST_NANOS), LONG_NANOS);
        long wait = first << Math.min(hanging.size() - 1, 10);
        return System.nanoTime() - youngest.since > wait;
    }

    private static List<Stranded> of(DataSource dataSource) {
        synchronized (ALL) {
            // loops: every boot comes by here, mostly to find nothing
            List<Stranded> hanging = new ArrayList<>();
            for (Iterator<Stranded> all = ALL.iterator(); all.hasNext(); ) {
                Stranded stranded = all.next();
                if (!stranded.worker.isAlive()) {
                    all.remove();
                } else if (stranded.dataSource.get() == dataSource) {
                    hanging.add(stranded);
                }
            }
            return hanging;
        }
    }

    private record Stranded(WeakReference<DataSource> dataSource, Thread worker, long since) {}
}
