package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.CurrentRevisions;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.Alone;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.FakePeer;
import org.keops.automigrate.testing.InterruptibleBoot;
import org.keops.automigrate.testing.Style;
import org.keops.automigrate.testing.Waits;
import org.keops.automigrate.testing.Wrapper;
import org.postgresql.ds.PGSimpleDataSource;

/** A run ends when its time is over and when its thread is interrupted, whatever it waits for, and leaves nothing behind. */
class StoppingTest extends OnADatabase {
    private static final String SLEEPS = "CREATE TABLE done (); SELECT pg_sleep(600);";
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration BOUND = Duration.ofSeconds(20);

    @ParameterizedTest
    @Alone
    @ValueSource(booleans = {false, true})
    void aStatementOverTheDeadlineIsCancelledAndRolledBack(boolean pooled) throws Exception {
        script(SLEEPS);
        try (HikariDataSource pool = pool()) {
            DataSource dataSource = pooled ? pool : database.superuser();
            BootReport report = fromBase().deadline(SOON).run(dataSource);
            assertThat(report.scenario()).isEqualTo(Scenario.FAILED);
            assertThat(report.toString())
                    .contains("a.sql:7:23", "deadline of 1 s is over", "configure deadline", "[57014]", "rolled back");
            assertThat(report.duration()).isBetween(SOON, BOUND);
            assertNothingIsLeft();
            try (Connection again = dataSource.getConnection()) {
                assertThat(again.isValid(5)).isTrue();
            }
        }
    }

    @Test
    @Alone
    void whatRunsOutsideOfATransactionIsCancelled() throws Exception {
        scripts.add("a", "", "-- Transactional: no", "SELECT pg_sleep(600);");
        BootReport report = fromBase().deadline(SOON).run(database.superuser());
        assertThat(report.scenario()).isEqualTo(Scenario.FAILED);
        assertThat(report.toString()).contains("deadline of 1 s is over", "[57014]");
        assertNothingIsLeft();
    }

    /** Each statement is short, so that a single cancel may meet none of them. */
    @Test
    @Alone
    void manyShortStatementsAreStoppedBetweenTwoOfThem() throws Exception {
        script("SELECT 1;\n".repeat(400_000));
        BootReport report = fromBase().deadline(SOON).run(database.superuser());
        assertThat(report.scenario()).isEqualTo(Scenario.FAILED);
        assertThat(report.duration()).isLessThan(BOUND);
        assertNothingIsLeft();
    }

    @Test
    @Waits
    void anInterruptCancelsTheStatementAndIsKept() throws Exception {
        script(SLEEPS);
        try (HikariDataSource pool = pool()) {
            InterruptibleBoot boot = new InterruptibleBoot(fromBase(), pool);
            Conditions.await("the script sleeps", () -> !sleepers().isEmpty());
            boot.thread().interrupt();
            BootReport report = boot.report();
            assertThat(report.scenario()).isEqualTo(Scenario.INTERRUPTED);
            assertThat(report.toString()).contains("interrupted", "a.sql:7:23", "[57014]", "rolled back");
            assertThat(boot.isFlagKept()).isTrue();
            assertNothingIsLeft();
            try (Connection again = pool.getConnection()) {
                assertThat(again.isValid(5)).isTrue();
            }
        }
    }

    @Test
    @Waits
    void anInterruptEndsTheWaitForTheLock() throws Exception {
        script("SELECT 1;");
        try (Connection holder = database.superuser().getConnection()) {
            holder.createStatement().execute("SELECT pg_advisory_lock(" + AutoMigrator.LOCK_KEY + ")");
            InterruptibleBoot boot =
                    new InterruptibleBoot(fromBase().waitForLock(Duration.ofMinutes(10)), database.superuser());
            // idle behind that for a while, and not in the midst of a message: it knows who holds it, and pauses
            Conditions.await(
                    "it polls",
                    () -> !database.query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
                                    + " AND state = 'idle' AND query LIKE '%pg_try_advisory_lock(%'"
                                    + " AND state_change < clock_timestamp() - interval '200 ms'"
                                    // a look of this test that is not gone yet
                                    + " AND query NOT LIKE '%pg_stat_activity%'")
                            .isEmpty());
            boot.thread().interrupt();
            BootReport report = boot.report();
            assertThat(report.scenario()).isEqualTo(Scenario.INTERRUPTED);
            assertThat(report.toString()).contains("nothing attempted", "held by process");
        }
    }

    @Test
    @Alone
    void theDeadlineEndsTheWaitForTheLock() throws Exception {
        script("SELECT 1;");
        try (Connection holder = database.superuser().getConnection()) {
            holder.createStatement().execute("SELECT pg_advisory_lock(" + AutoMigrator.LOCK_KEY + ")");
            BootReport report = fromBase()
                    .deadline(SOON)
                    .waitForLock(Duration.ofMinutes(10))
                    .run(database.superuser());
            assertThat(report.scenario()).isEqualTo(Scenario.LOCKED);
            assertThat(report.toString()).contains("held by process");
            assertThat(report.duration()).isLessThan(BOUND);
        }
    }

    @Test
    @Waits
    void anInterruptEndsTheWaitForAConnection() throws Exception {
        script("SELECT 1;");
        try (FakePeer silent = FakePeer.that(FakePeer::silent)) {
            InterruptibleBoot boot =
                    new InterruptibleBoot(fromBase().connectWithin(Duration.ofMinutes(10)), to(silent));
            Conditions.await("it waits", () -> boot.thread().getState() == Thread.State.TIMED_WAITING);
            boot.thread().interrupt();
            assertThat(boot.report().scenario()).isEqualTo(Scenario.INTERRUPTED);
        }
    }

    @Test
    @Waits
    void theDeadlineEndsTheWaitForADatabase() throws Exception {
        script("SELECT 1;");
        BootReport report = fromBase()
                .deadline(SOON)
                .waitForDatabase(Duration.ofMinutes(10))
                .run(Style.PLAIN.of("jdbc:postgresql://127.0.0.1:" + FakePeer.closedPort() + "/d"));
        assertThat(report.scenario()).isEqualTo(Scenario.OFFLINE);
        assertThat(report.duration()).isLessThan(BOUND);
    }

    /** No timeout of the driver's sees it: each byte comes in time. */
    @Test
    @Waits
    void anAnswerThatDripsDoesNotStretchTheTime() throws Exception {
        script("SELECT 1;");
        try (FakePeer drips = FakePeer.that(FakePeer.atFirstQuery(FakePeer::drip))) {
            BootReport report = fromBase().deadline(SOON).run(to(drips));
            assertThat(report.scenario()).isEqualTo(Scenario.OFFLINE);
            assertThat(report.toString()).contains("the deadline of 1 s is over");
            assertThat(report.duration()).isLessThan(BOUND);
        }
    }

    /** It was quick until the script ran; what it sends after that comes byte by byte. */
    @Test
    @Waits
    void norDoOnesThatComeLater() throws Exception {
        script("CREATE TABLE done ();\nSELECT pg_sleep(600);");
        AtomicBoolean dripping = new AtomicBoolean();
        try (FakePeer slow = FakePeer.that(socket -> FakePeer.between(socket, database.server(), dripping::get))) {
            PGSimpleDataSource through = database.superuser();
            through.setServerNames(new String[] {"127.0.0.1"});
            through.setPortNumbers(new int[] {slow.port()});
            InterruptibleBoot boot = new InterruptibleBoot(fromBase().deadline(Duration.ofSeconds(5)), through);
            Conditions.await("the script sleeps", () -> !sleepers().isEmpty());
            dripping.set(true);
            BootReport report = boot.report();
            assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.FAILED);
            assertThat(report.toString()).contains("the deadline of 5 s is over");
            Conditions.await("the server has noticed", () -> sleepers().isEmpty());
        }
        Conditions.await("and rolled back", () -> locks().isEmpty());
        assertNothingIsLeft();
    }

    @Test
    @Waits
    void theVerbsHaveADeadlineToo() throws Exception {
        script("SELECT 1;");
        try (FakePeer drips = FakePeer.that(FakePeer.atFirstQuery(FakePeer::drip))) {
            long start = System.nanoTime();
            CurrentRevisions current = fromBase().deadline(SOON).build().current(to(drips));
            assertThat(current.toString()).contains("it had not answered when it was stopped");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND);
        }
    }

    /** Where its host has vanished, the old attempt never ends. */
    @Test
    @Waits
    void aServerThatComesBackIsFoundThoughAnAttemptStillHangs() throws Exception {
        script("SELECT 1;");
        try (FakePeer silent = FakePeer.that(FakePeer::silent)) {
            DataSource hangs = to(silent);
            AtomicInteger tries = new AtomicInteger();
            BootReport report = fromBase()
                    .connectWithin(Duration.ofSeconds(1))
                    .waitForDatabase(Duration.ofMinutes(2))
                    .run(Wrapper.that(
                            () -> (tries.getAndIncrement() == 0 ? hangs : database.superuser()).getConnection()));
            assertThat(report.outcome().acceptable()).as("%s", report).isTrue();
            assertThat(report.duration()).isGreaterThan(Duration.ofSeconds(5));
        }
    }

    private List<String> sleepers() {
        return database.query(
                "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname =" + " current_database()");
    }

    private void assertNothingIsLeft() {
        assertThat(sleepers()).isEmpty();
        assertThat(database.query("SELECT to_regclass('done')").get(0)).isNull();
        assertThat(locks()).isEmpty();
    }

    private List<String> locks() {
        return database.query("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND database ="
                + " (SELECT oid FROM pg_database WHERE datname = current_database())");
    }

    private void script(String body) {
        scripts.add("a", "", body);
    }

    private static DataSource to(FakePeer peer) {
        return Style.PLAIN.of(
                "jdbc:postgresql://127.0.0.1:" + peer.port() + "/d?sslmode=disable&assumeMinServerVersion=12");
    }

    private HikariDataSource pool() {
        HikariConfig config = new HikariConfig();
        config.setDataSource(database.superuser());
        config.setMaximumPoolSize(1);
        return new HikariDataSource(config);
    }
}
