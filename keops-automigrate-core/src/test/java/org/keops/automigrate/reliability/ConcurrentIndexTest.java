package org.keops.automigrate.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/**
 * CREATE INDEX CONCURRENTLY waits for every snapshot in its database: not for one of ours, and nobody of us waits for ever
 * where it waits for somebody else's.
 */
class ConcurrentIndexTest {
    private static final int WAITING = 10;
    private static final String OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            + " AND pid <> pg_backend_pid() AND backend_type = 'client backend'";

    @TempDir
    Path directory;

    private TestDatabase database;

    @BeforeEach
    void prepare() {
        database = PostgresServer.shared().database();
        database.execute(
                Stories.JOURNAL,
                "CREATE TABLE item AS SELECT i FROM generate_series(1, 1000) i",
                "CREATE TABLE other ()");
        new Scripts(directory)
                .add("r1", "", Stories.mark("r1"))
                .add("r2", "r1", "-- Transactional: no", "CREATE INDEX CONCURRENTLY item_i ON item (i);")
                .add("r3", "r2", Stories.mark("r3"));
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void tenInstancesWaitAndDoNotDisturb() {
        List<CompletableFuture<BootReport>> boots = boot(WAITING, Duration.ofSeconds(50));
        List<Scenario> found = new ArrayList<>();
        for (CompletableFuture<BootReport> boot : boots) {
            BootReport report = Trial.within(boot::get);
            Convergence.requireDone("at once", report);
            found.add(report.scenario());
        }
        assertThat(found).filteredOn(Scenario.BEHIND::equals).hasSize(1);
        requireWhole();
    }

    /** Both kinds of bystanders hold a snapshot: the driver's open portal, and an isolation level that keeps it. */
    @Test
    void beforeBystandersWithASnapshotNobodyHangsAndNothingInvalidStays() throws SQLException {
        try (Connection idle = database.superuser().getConnection();
                Connection reader = database.superuser().getConnection()) {
            idle.setAutoCommit(false);
            reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            reader.setAutoCommit(false);
            look(idle, "other");
            look(reader, "other");
            List<CompletableFuture<BootReport>> worker = boot(1, Duration.ZERO);
            Conditions.await("the index waits for the bystanders", this::indexWaits);
            for (CompletableFuture<BootReport> waiting : boot(WAITING, Duration.ofMillis(200))) {
                BootReport report = Trial.within(waiting::get);
                assertThat(report.scenario()).as(report.toString()).isEqualTo(Scenario.LOCKED);
            }
            idle.rollback();
            reader.rollback();
            Convergence.requireDone("the worker", Trial.within(worker.get(0)::get));
        }
        requireWhole();
    }

    /** What it leaves is mended by the next boot. */
    @Test
    void beforeAReaderWhoStaysTheDeadlineEndsIt() throws SQLException {
        try (Connection reader = database.superuser().getConnection()) {
            reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            reader.setAutoCommit(false);
            look(reader, "other");
            BootReport report = Trial.within(
                    () -> builder(Duration.ZERO).deadline(Duration.ofSeconds(3)).run(database.superuser()));
            assertThat(report.outcome().acceptable()).as(report.toString()).isFalse();
            Conditions.await(
                    "its session and its lock are gone",
                    () -> database.query(OTHERS).equals(List.of("1")));
        }
        BootReport next = Trial.within(() -> migrator(Duration.ZERO).run(database.superuser()));
        assertThat(next.scenario()).as(next.toString()).isNotEqualTo(Scenario.LOCKED);
        requireWhole();
    }

    /** Nobody can drop the index of a table that is being read; so it is said. */
    @Test
    void whatCanNotBeTakenAwayIsToldAndTheNextBootTakesItAway() throws SQLException {
        try (Connection reader = database.superuser().getConnection()) {
            reader.setAutoCommit(false);
            look(reader, "item");
            List<CompletableFuture<BootReport>> worker = boot(1, Duration.ZERO);
            Conditions.await("the index waits for the reader", this::indexWaits);
            database.execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%'"
                    + " AND datname = current_database()");
            BootReport report = Trial.within(worker.get(0)::get);
            assertThat(report.outcome().acceptable()).as(report.toString()).isFalse();
            assertThat(report.toString()).contains("[57014]", "an index that is not valid");
        }
        requireWhole();
    }

    private void requireWhole() {
        Convergence.requireDone("once more", migrator(Duration.ZERO).run(database.superuser()));
        Convergence.awaitNobody(database);
        Convergence.requireNothingLeft("index", database);
        assertThat(Convergence.journal(database)).containsExactly("r1", "r3");
        assertThat(database.query("SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'item'::regclass"))
                .containsExactly("item_i");
        assertThat(database.query("SELECT version_num FROM alembic_version")).containsExactly("r3");
    }

    private boolean indexWaits() {
        return !database.query("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                        + " AND wait_event_type = 'Lock' AND query LIKE 'CREATE INDEX%'")
                .isEmpty();
    }

    private static void look(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeQuery("SELECT * FROM " + table).close();
        }
    }

    private List<CompletableFuture<BootReport>> boot(int instances, Duration patience) {
        List<CompletableFuture<BootReport>> boots = new ArrayList<>();
        for (int i = 0; i < instances; i++) {
            boots.add(
                    CompletableFuture.supplyAsync(() -> migrator(patience).run(database.superuser()), Trial::onThread));
        }
        return boots;
    }

    private Migrator migrator(Duration patience) {
        return builder(patience).build();
    }

    private MigratorBuilder builder(Duration patience) {
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .leavePermissionsAlone()
                .whenUnversioned(WhenUnversioned.upgradeFromBase())
                .waitForLock(patience);
    }
}
