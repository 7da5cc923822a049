package org.keops.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.WhenUnversioned;
import org.postgresql.ds.PGSimpleDataSource;

/** Hundreds of boots at once, each on a thread and a connection of its own. */
final class Fleet {
    private static final int BOOTS = 500;

    private final DelayingProxy proxy;
    private final Migrator migrator;

    private Fleet(DelayingProxy proxy, Path scripts) {
        this.proxy = proxy;
        this.migrator = AutoMigrator.configure()
                .scripts(scripts.toString())
                .whenUnversioned(WhenUnversioned.upgradeFromBase())
                .waitForLock(java.time.Duration.ofMinutes(5))
                .connectWithin(java.time.Duration.ofMinutes(2))
                .build();
    }

    static void run(Server server, Path corpus, StringBuilder page) throws Exception {
        try (DelayingProxy proxy = new DelayingProxy(server.port(), 0)) {
            Fleet fleet = new Fleet(proxy, corpus.resolve("ours"));
            String database = server.database();
            page.append(
                    "| boots at once | slowest, ms | all, ms | failed | round trips each, with log-in |\n|---|---|---|---|---|\n");
            fleet.boot("on an unmigrated database", database, page);
            fleet.boot("at head", database, page);
            server.drop(database);
        }
    }

    private void boot(String what, String database, StringBuilder page) throws InterruptedException {
        CountDownLatch ready = new CountDownLatch(BOOTS);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger failed = new AtomicInteger();
        AtomicLong slowest = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < BOOTS; i++) {
            Thread thread = new Thread(() -> {
                try {
                    DataSource dataSource = dataSource(database);
                    ready.countDown();
                    go.await();
                    long start = System.nanoTime();
                    boolean well = migrator.run(dataSource).outcome().acceptable();
                    slowest.accumulateAndGet(System.nanoTime() - start, Math::max);
                    failed.addAndGet(well ? 0 : 1);
                } catch (InterruptedException e) {
                    failed.incrementAndGet();
                }
            });
            thread.start();
            threads.add(thread);
        }
        ready.await();
        long trips = proxy.counts().roundTrips();
        long start = System.nanoTime();
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        page.append("| ")
                .append(BOOTS)
                .append(' ')
                .append(what)
                .append(" | ")
                .append(Samples.number(slowest.get() / 1e6));
        page.append(" | ")
                .append(Samples.number((System.nanoTime() - start) / 1e6))
                .append(" | ")
                .append(failed);
        page.append(" | ")
                .append(Samples.number((proxy.counts().roundTrips() - trips) / (double) BOOTS))
                .append(" |\n");
    }

    private DataSource dataSource(String database) {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(Server.url(proxy.port(), database));
        return dataSource;
    }
}
