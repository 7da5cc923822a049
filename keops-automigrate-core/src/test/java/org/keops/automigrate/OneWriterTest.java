package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.Conditions;

/** One instance migrates at a time, and the others find the work done. */
class OneWriterTest extends OnADatabase {
    @BeforeEach
    void prepare() {
        database.execute("CREATE TABLE trace (what text)", "CREATE SEQUENCE runs");
        // no rollback takes a number of a sequence back: it counts also what was tried in vain
        scripts.add("a", "", "INSERT INTO trace VALUES ('a'); SELECT nextval('runs');")
                .add("b", "a", "CREATE TABLE b (i int);");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 20})
    void instancesThatBootAtOnceDoTheWorkOnce(int instances) throws Exception {
        List<BootReport> reports = together(instances, () -> fromBase().run(database.superuser()));
        assertThat(reports)
                .filteredOn(report -> report.scenario() == Scenario.BEHIND)
                .hasSize(1);
        assertThat(reports)
                .filteredOn(report -> report.scenario() == Scenario.AT_HEAD)
                .hasSize(instances - 1);
        assertThat(database.query("SELECT what FROM trace")).containsExactly("a");
        assertThat(database.query("SELECT last_value FROM runs WHERE is_called"))
                .containsExactly("1");
        assertThat(rows()).containsExactly("b");
        assertNoLockIsLeft();
    }

    @Test
    void onePoolOfOneConnectionServesSeveralBoots() throws Exception {
        HikariConfig config = new HikariConfig();
        config.setDataSource(database.superuser());
        config.setMaximumPoolSize(1);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            List<BootReport> reports = together(4, () -> fromBase().run(pool));
            assertThat(reports).allMatch(report -> report.outcome().acceptable());
            assertNoLockIsLeft();
        }
    }

    @Test
    void whoDoesNotGetTheLockSaysWhoHoldsIt() throws Exception {
        var holderSource = database.superuser();
        holderSource.setApplicationName("the-other-one");
        try (Connection holder = holderSource.getConnection();
                Statement statement = holder.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + AutoMigrator.LOCK_KEY + ")");
            BootReport report = fromBase().waitForLock(Duration.ofMillis(200)).run(database.superuser());
            assertThat(report.outcome())
                    .asInstanceOf(type(Outcome.LockNotObtained.class))
                    .satisfies(outcome -> assertThat(outcome.holder()).contains("the-other-one", "process "));
            assertThat(database.query("SELECT to_regclass('alembic_version')::text"))
                    .containsOnlyNulls();
        }
        assertThat(fromBase().run(database.superuser()).scenario()).isEqualTo(Scenario.BEHIND);
    }

    /** The other one has the same scripts, or is a newer build. */
    @ParameterizedTest
    @CsvSource({"b, AT_HEAD", "c, AHEAD"})
    void whoWaitedFindsTheWorkDone(String theirs, Scenario expected) throws Exception {
        database.execute(
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)",
                "INSERT INTO alembic_version VALUES ('a')");
        var otherSource = database.superuser();
        otherSource.setApplicationName("the-other-one");
        ExecutorService ours = Executors.newSingleThreadExecutor();
        try (Connection other = otherSource.getConnection();
                Statement statement = other.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + AutoMigrator.LOCK_KEY + ")");
            Future<BootReport> boot = ours.submit(() -> fromBase().run(database.superuser()));
            Conditions.await(
                    "we poll for the lock",
                    () -> !database.query("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                                    + " AND state = 'idle' AND query LIKE '%pg_try_advisory_lock(%'"
                                    // a look of this test that is not gone yet
                                    + " AND query NOT LIKE '%pg_stat_activity%'")
                            .isEmpty());
            update(other, "UPDATE alembic_version SET version_num = '" + theirs + "'");
            statement.execute("SELECT pg_advisory_unlock_all()");
            BootReport report = boot.get();
            assertThat(report.scenario()).isEqualTo(expected);
            if (expected == Scenario.AT_HEAD) {
                assertThat(report.toString()).contains("brought there by another instance: process", "the-other-one");
            }
            assertThat(report.steps()).isEmpty();
        } finally {
            ours.shutdown();
        }
        assertThat(rows()).containsExactly(theirs);
        assertThat(database.query("SELECT to_regclass('b')")).containsOnlyNulls();
    }

    @Test
    void atHeadNobodyAsksForTheLock() throws Exception {
        fromBase().run(database.superuser());
        try (Connection holder = database.superuser().getConnection();
                Statement statement = holder.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + AutoMigrator.LOCK_KEY + ")");
            BootReport report = fromBase().waitForLock(Duration.ZERO).run(database.superuser());
            assertThat(report.scenario()).isEqualTo(Scenario.AT_HEAD);
        }
    }

    @Test
    void twoWhoStampAnEmptyTableLeaveOneRow() throws Exception {
        database.execute("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL PRIMARY KEY)");
        ExecutorService ours = Executors.newSingleThreadExecutor();
        try (Connection alembic = database.superuser().getConnection()) {
            alembic.setAutoCommit(false);
            update(alembic, "INSERT INTO alembic_version VALUES ('zz')");
            Future<BootReport> boot = ours.submit(() -> fromBase().run(database.superuser()));
            Conditions.await("we wait for their row", this::somebodyWaits);
            alembic.commit();
            assertThat(boot.get().scenario()).isEqualTo(Scenario.AHEAD);
        } finally {
            ours.shutdown();
        }
        assertThat(rows()).containsExactly("zz");
    }

    /** Python Alembic takes no lock: the row count is all that tells that it was there. */
    @Test
    void aMigratorThatTakesNoLockIsNoticedAndItsWorkIsFoundDone() throws Exception {
        scripts.add("a", "", "CREATE TABLE a (i int);");
        database.execute(
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)",
                "INSERT INTO alembic_version VALUES ('a')");
        scripts.add("b", "a", "INSERT INTO trace VALUES ('ours');");
        ExecutorService ours = Executors.newSingleThreadExecutor();
        try (Connection alembic = database.superuser().getConnection()) {
            alembic.setAutoCommit(false);
            update(alembic, "INSERT INTO trace VALUES ('theirs')");
            update(alembic, "UPDATE alembic_version SET version_num = 'b' WHERE version_num = 'a'");
            Future<BootReport> boot = ours.submit(() -> fromBase().run(database.superuser()));
            Conditions.await("our UPDATE waits for theirs", this::somebodyWaits);
            alembic.commit();
            assertThat(boot.get().scenario()).isEqualTo(Scenario.AT_HEAD);
        } finally {
            ours.shutdown();
        }
        assertThat(database.query("SELECT what FROM trace")).containsExactly("theirs");
        assertThat(rows()).containsExactly("b");
    }

    // -------------------------------------------------------------------------------------------------------------
    // support

    private boolean somebodyWaits() {
        return !database.query("SELECT pid FROM pg_stat_activity"
                        + " WHERE wait_event_type = 'Lock' AND datname = current_database()")
                .isEmpty();
    }

    private static void update(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private static List<BootReport> together(int instances, Callable<BootReport> boot) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(instances);
        try {
            List<BootReport> reports = new ArrayList<>();
            for (Future<BootReport> report : threads.invokeAll(Collections.nCopies(instances, boot))) {
                reports.add(report.get());
            }
            return reports;
        } finally {
            threads.shutdown();
        }
    }

    private void assertNoLockIsLeft() {
        assertThat(database.query("SELECT pid FROM pg_locks WHERE locktype = 'advisory'"
                        + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"))
                .isEmpty();
    }
}
