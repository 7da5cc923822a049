package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/**
 * How long bystanders wait while an upgrade waits behind a long reader: with our short waits, and with the same DDL sent without
 * a timeout, as most tools do. Prints, asserts no times: {@code mvn -o -q -pl keops-automigrate-core test
 * -Dtest=BystanderBenchmark -Dtest.arguments=-Dbystander.benchmark=6}, the number being the seconds that the reader stays.
 */
class BystanderBenchmark {
    private static final int BYSTANDERS = 6;
    private static final String DDL = "ALTER TABLE item ADD COLUMN more int";

    @TempDir
    Path directory;

    @Test
    void bystanders() throws Exception {
        int seconds = Integer.getInteger("bystander.benchmark", 0);
        assumeTrue(seconds > 0, "a benchmark: -Dtest.arguments=-Dbystander.benchmark=6");
        new Scripts(directory).add("a", "", "SELECT 1;").add("b", "a", DDL + ";");
        measure("nobody upgrades", seconds, dataSource -> {});
        measure("the same DDL without lock_timeout", seconds, dataSource -> {
            try (Connection connection = dataSource.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute(DDL);
            }
        });
        measure(
                "AutoMigrator.run",
                seconds,
                dataSource -> assertThat(AutoMigrator.configure()
                                .scripts(directory.toString())
                                .leavePermissionsAlone()
                                .waitForTables(Duration.ofMinutes(5))
                                .run(dataSource)
                                .outcome())
                        .isInstanceOf(Outcome.Upgraded.class));
    }

    private interface Upgrade {
        void on(DataSource dataSource) throws SQLException;
    }

    private static void measure(String what, int seconds, Upgrade upgrade) throws Exception {
        AtomicBoolean end = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(BYSTANDERS + 1);
        try (TestDatabase database = PostgresServer.shared().database();
                Connection reader = database.superuser().getConnection()) {
            database.execute(
                    "CREATE TABLE item (i int)",
                    "INSERT INTO item SELECT generate_series(1, 100)",
                    "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
                    "INSERT INTO alembic_version VALUES ('a')");
            reader.setAutoCommit(false);
            reader.createStatement().execute("SELECT * FROM item");
            List<Future<List<Long>>> bystanders = new ArrayList<>();
            for (int i = 0; i < BYSTANDERS; i++) {
                bystanders.add(threads.submit(bystander(database, end)));
            }
            Future<?> upgrading = threads.submit(() -> {
                upgrade.on(database.superuser());
                return null;
            });
            // the length of the reader's transaction is what is measured here
            TimeUnit.SECONDS.sleep(seconds);
            reader.rollback();
            upgrading.get();
            TimeUnit.SECONDS.sleep(1);
            end.set(true);
            List<Long> all = new ArrayList<>();
            for (Future<List<Long>> bystander : bystanders) {
                all.addAll(bystander.get());
            }
            print(what, all);
        } finally {
            threads.shutdown();
        }
    }

    private static Callable<List<Long>> bystander(TestDatabase database, AtomicBoolean end) {
        return () -> {
            List<Long> nanos = new ArrayList<>();
            try (Connection connection = database.superuser().getConnection();
                    PreparedStatement read = connection.prepareStatement("SELECT count(*) FROM item")) {
                while (!end.get()) {
                    long start = System.nanoTime();
                    read.executeQuery().close();
                    nanos.add(System.nanoTime() - start);
                    TimeUnit.MILLISECONDS.sleep(10);
                }
            }
            return nanos;
        };
    }

    private static void print(String what, List<Long> nanos) {
        List<Long> sorted = nanos.stream().sorted().toList();
        System.out.printf(
                Locale.ROOT,
                "%-36s %6d reads, p50 %8.1f ms, p99 %8.1f ms, max %8.1f ms%n",
                what,
                sorted.size(),
                at(sorted, 0.50),
                at(sorted, 0.99),
                at(sorted, 1));
    }

    private static double at(List<Long> sorted, double share) {
        return sorted.get((int) Math.min(sorted.size() - 1L, Math.round(share * sorted.size()))) / 1e6;
    }
}
