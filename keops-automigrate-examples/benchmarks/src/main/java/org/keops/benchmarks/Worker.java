package org.keops.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ClassLoadingMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.Arrays;
import javax.sql.DataSource;

/**
 * A process that measures one contestant: pool open, then the first call, then as many as fit into a time.
 *
 * <p>{@code Worker contestant url corpus migrate|adopt warm-milliseconds}. Says {@code READY} and waits for a line before
 * the first call, so that a proxy can be read before and after it.
 */
final class Worker {
    private static final int MOST_CALLS = 2_000;

    private Worker() {}

    public static void main(String[] args) throws Exception {
        Contender contender = Contender.of(args[0], args[2]);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (HikariDataSource pool = pool(args[1])) {
            if (args[3].equals("adopt")) {
                contender.adopt(pool);
                say("DONE");
                return;
            }
            measure(contender, pool, in, Long.parseLong(args[4]));
        }
    }

    private static void measure(Contender contender, DataSource pool, BufferedReader in, long warmMillis)
            throws Exception {
        ClassLoadingMXBean classes = ManagementFactory.getClassLoadingMXBean();
        long collectionsBefore = collections(); // here, because it loads classes
        say("READY");
        in.readLine();
        long classesBefore = classes.getTotalLoadedClassCount();
        long bytesBefore = usedHeap();
        long start = System.nanoTime();
        contender.migrate(pool);
        long cold = System.nanoTime() - start;
        long bytes = usedHeap() - bytesBefore;
        long loaded = classes.getTotalLoadedClassCount() - classesBefore;
        boolean told = collections() == collectionsBefore;
        say("COLD " + cold + " " + loaded + " " + (told ? bytes : -1) + " " + peakHeap());
        in.readLine();
        say("WARM " + warm(contender, pool, warmMillis));
        say("KEPT " + warm(contender.kept(), pool, warmMillis));
    }

    /** The median of the second half of the calls, in nanoseconds; zero if there is no time for any. */
    private static long warm(Contender contender, DataSource pool, long millis) throws Exception {
        long end = System.nanoTime() + millis * 1_000_000;
        long[] times = new long[MOST_CALLS];
        int calls = 0;
        while (calls < MOST_CALLS && System.nanoTime() < end) {
            long start = System.nanoTime();
            contender.migrate(pool);
            times[calls++] = System.nanoTime() - start;
        }
        long[] late = Arrays.copyOfRange(times, calls / 2, Math.max(calls, calls / 2 + 1));
        Arrays.sort(late);
        return late[late.length / 2];
    }

    /** What was allocated since the last collection, in a process that {@link Trial#counting} has begun. */
    private static long usedHeap() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static long collections() {
        long count = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            count += collector.getCollectionCount();
        }
        return count;
    }

    private static long peakHeap() {
        long peak = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == java.lang.management.MemoryType.HEAP) {
                peak += pool.getPeakUsage().getUsed();
            }
        }
        return peak;
    }

    private static HikariDataSource pool(String url) throws Exception {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(2);
        config.setMinimumIdle(2);
        HikariDataSource pool = new HikariDataSource(config);
        // Flyway takes two at once; both are there before anything is measured
        try (Connection one = pool.getConnection();
                Connection two = pool.getConnection()) {
            one.isValid(1);
            two.isValid(1);
        }
        return pool;
    }

    private static void say(String line) throws IOException {
        System.out.println(line);
        System.out.flush();
    }
}
