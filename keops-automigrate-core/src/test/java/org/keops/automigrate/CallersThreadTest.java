package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.IMetricsTracker;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.postgres.errand.Errand;
import org.keops.automigrate.postgres.errand.Worker;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.Question;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.StopSignal;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.CountingProxy;
import org.keops.automigrate.testing.FakePeer;
import org.keops.automigrate.testing.InterruptibleBoot;
import org.keops.automigrate.testing.Waits;
import org.keops.automigrate.testing.Wrapper;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Who boots again, and whose pool bounds itself, is answered on the thread that asks; nobody hangs there either. HikariCP tells
 * its metrics who has borrowed a connection.
 */
class CallersThreadTest extends OnADatabase {
    private static final int OFTEN = 3;

    /** HikariCP lends without a look what was used within this time: longer here than by default, as a machine may be busy. */
    private static final String NO_LOOK_WITHIN = "com.zaxxer.hikari.aliveBypassWindowMs";

    private static final Duration NO_LOOK = Duration.ofSeconds(4);

    /** Who has borrowed a connection since it was last cleared. */
    private final Set<Thread> borrowers = ConcurrentHashMap.newKeySet();

    private @Nullable HikariDataSource pool;

    @BeforeAll
    static void lookSeldom() {
        System.setProperty(NO_LOOK_WITHIN, String.valueOf(NO_LOOK.toMillis()));
    }

    @AfterAll
    static void lookAsByDefault() {
        System.clearProperty(NO_LOOK_WITHIN);
    }

    @BeforeEach
    void migrate() {
        scripts.add("a", "", "CREATE TABLE made ();");
        fromBase().run(database.superuser()).orElseThrow();
    }

    @AfterEach
    void close() {
        if (pool != null) {
            pool.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoBootsAgainIsAskedOnTheirOwnThread(boolean kept) {
        Migrator migrator = fromBase().build();
        DataSource own = pool(database.superuser());
        bootOften(own);
        borrowers.clear();
        BootReport report = kept ? migrator.run(own) : fromBase().run(own);
        assertThat(report.scenario()).isEqualTo(Scenario.AT_HEAD);
        assertThat(borrowers).containsExactly(Thread.currentThread());
        assertThat(Objects.requireNonNull(pool).getHikariPoolMXBean().getActiveConnections())
                .isZero();
    }

    /** Nor even made: one that never begins takes what its maker hands down, and stays in the books of their group. */
    @Test
    void noThreadIsMadeForThem() {
        AtomicInteger made = new AtomicInteger();
        InheritableThreadLocal<String> handedDown = new InheritableThreadLocal<>() {
            @Override
            protected String childValue(String own) {
                made.incrementAndGet();
                return own;
            }
        };
        DataSource own = pool(database.superuser());
        bootOften(own);
        handedDown.set("the caller's");
        try {
            assertThat(fromBase().run(own).scenario()).isEqualTo(Scenario.AT_HEAD);
            assertThat(made).hasValue(0);
        } finally {
            handedDown.remove();
        }
    }

    @Test
    void whatIsFoundToDoIsDoneOnAnotherWithTheSameConnectionAndAnswer() throws Exception {
        try (CountingProxy proxy = new CountingProxy(database.server(), 0)) {
            DataSource own = pool(proxy.superuser(database));
            bootOften(own);
            scripts.add("b", "a", "CREATE TABLE more ();");
            Migrator newer = fromBase().build();
            borrowers.clear();
            proxy.takeRoundTrips();
            BootReport report = newer.run(own);
            int here = proxy.takeRoundTrips();
            assertThat(report.scenario()).isEqualTo(Scenario.BEHIND);
            assertThat(rows()).containsExactly("b");
            assertThat(borrowers).containsExactly(Thread.currentThread());

            database.execute("DROP TABLE more", "UPDATE alembic_version SET version_num = 'a'");
            proxy.takeRoundTrips();
            newer.run(Wrapper.that(own::getConnection)).orElseThrow();
            assertThat(here).isEqualTo(proxy.takeRoundTrips());
        }
    }

    @Test
    void aPoolThatIsWrappedIsNot() {
        HikariDataSource own = pool(database.superuser());
        isAskedElsewhere(Wrapper.that(own::getConnection));
    }

    @Test
    void norOneThatMayBeSuspended() {
        isAskedElsewhere(pool(database.superuser(), config -> config.setAllowPoolSuspension(true)));
    }

    @Test
    void norOneOfSomebodysOwnMaking() {
        HikariConfig config = config(database.superuser());
        pool = new HikariDataSource(config) {};
        isAskedElsewhere(pool);
    }

    @Test
    void norOneThatLendsConnectionsOfSomebodysOwnMaking() {
        isAskedElsewhere(pool(Wrapper.of(
                database.superuser(), connection -> Wrapper.answering(Connection.class, connection, Map.of()))));
    }

    /** The pool's time and the deadline, in seconds: nobody waits for a pool longer than for a minute, or than the deadline. */
    @ParameterizedTest
    @CsvSource({"61, 600", "20, 20"})
    void norOneThatTakesTooLong(int timeout, int deadline) {
        HikariDataSource own = pool(database.superuser(), config -> config.setConnectionTimeout(timeout * 1_000L));
        bootOften(own);
        borrowers.clear();
        Migrator kept = fromBase().deadline(Duration.ofSeconds(deadline)).build();
        kept.run(own);
        assertThat(borrowers).doesNotContain(Thread.currentThread());
        own.getHikariConfigMXBean().setConnectionTimeout(1_000);
        kept.run(own);
        assertThat(borrowers).contains(Thread.currentThread());
    }

    @Test
    void norWhoIsInterruptedAlready() {
        HikariDataSource own = pool(database.superuser());
        bootOften(own);
        borrowers.clear();
        Thread.currentThread().interrupt();
        fromBase().run(own);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(borrowers).doesNotContain(Thread.currentThread());
    }

    /** It looks first whether what it lends is alive, and nothing ends that. */
    @Test
    @Waits
    void norOneThatLooksAtAConnectionThatWasIdle() {
        HikariDataSource own = pool(database.superuser());
        bootOften(own);
        untilThePoolWouldLook();
        borrowers.clear();
        fromBase().run(own);
        assertThat(borrowers).hasSize(1).doesNotContain(Thread.currentThread());
        fromBase().run(own);
        assertThat(borrowers).contains(Thread.currentThread());
    }

    private void isAskedElsewhere(DataSource dataSource) {
        bootOften(dataSource);
        assertThat(borrowers).isNotEmpty().doesNotContain(Thread.currentThread());
    }

    /** The server is told as well: nobody waits there any more. */
    @Test
    @Waits
    void anInterruptEndsTheWaitForTheAnswer() throws Exception {
        HikariDataSource own = pool(database.superuser());
        bootOften(own);
        try (Connection other = locked()) {
            InterruptibleBoot boot = new InterruptibleBoot(fromBase(), own);
            Conditions.await("it waits", () -> !waiting().isEmpty());
            boot.thread().interrupt();
            BootReport report = boot.report();
            assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.INTERRUPTED);
            assertThat(boot.isFlagKept()).isTrue();
            Conditions.await("the server knows", () -> waiting().isEmpty());
            other.rollback();
        }
        assertThat(fromBase().run(own).scenario()).isEqualTo(Scenario.AT_HEAD);
    }

    @Test
    @Waits
    void anInterruptEndsTheWaitForAConnection() throws Exception {
        HikariDataSource own = pool(database.superuser(), config -> config.setConnectionTimeout(50_000));
        bootOften(own);
        try (Connection taken = own.getConnection()) {
            InterruptibleBoot boot = new InterruptibleBoot(fromBase(), own);
            Conditions.await("it waits", () -> own.getHikariPoolMXBean().getThreadsAwaitingConnection() > 0);
            boot.thread().interrupt();
            BootReport report = boot.report();
            assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.INTERRUPTED);
            assertThat(boot.isFlagKept()).isTrue();
            assertThat(taken.isValid(5)).isTrue();
        }
    }

    /** Also where all is over before the errand gets to look at its clock. */
    @Test
    @Waits
    void anInterruptIsAnsweredHoweverSoonTheResultComes() {
        HikariDataSource own = pool(database.superuser());
        bootOften(own);
        Worker worker = new Worker(own, Duration.ofSeconds(30), (connection, within) -> {
            Thread.currentThread().interrupt();
            return Question.ask(connection, "SELECT 'seen'", 1);
        });
        worker.hurry(Duration.ofMinutes(1));
        AtomicBoolean done = new AtomicBoolean();
        Errand<Boolean> errand = new Errand<>(worker, Deadline.in(Duration.ofMinutes(1)), null, new Errand.Task<>() {
            @Override
            public Boolean in(Session session, Deadline deadline) {
                done.set(true);
                return true;
            }

            @Override
            public Boolean without(DatabaseState state) {
                done.set(true);
                return false;
            }

            @Override
            public void meanwhile() {
                Conditions.await("the worker is done", done::get);
            }
        });
        errand.run();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(errand.stopped()).isEqualTo(StopSignal.Reason.INTERRUPTED);
    }

    @Test
    @Waits
    void soDoesTheDeadline() throws Exception {
        HikariDataSource own = pool(database.superuser());
        bootOften(own);
        try (Connection other = locked()) {
            InterruptibleBoot boot = new InterruptibleBoot(fromBase().deadline(Duration.ofSeconds(2)), own);
            BootReport report = boot.report();
            assertThat(report.toString()).contains("the deadline of 2 s is over");
            Conditions.await("the server knows", () -> waiting().isEmpty());
            other.rollback();
        }
        assertThat(fromBase().run(own).scenario()).isEqualTo(Scenario.AT_HEAD);
    }

    /** No timeout of a socket sees it: each byte comes in time. */
    @Test
    @Waits
    void anAnswerThatDripsDoesNotStretchTheTime() throws Exception {
        AtomicBoolean dripping = new AtomicBoolean();
        try (FakePeer slow = FakePeer.that(socket -> FakePeer.between(socket, database.server(), dripping::get))) {
            HikariDataSource own = pool(through(slow));
            bootOften(own);
            dripping.set(true);
            InterruptibleBoot boot = new InterruptibleBoot(fromBase().connectWithin(Duration.ofSeconds(4)), own);
            BootReport report = boot.report();
            assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.OFFLINE);
        }
    }

    /** Its host has vanished, or a firewall has forgotten it: the pool looks at it first, for as long as it says. */
    @Test
    @Waits
    void aConnectionThatIsDeadIsNotWaitedForLongerThanThePoolDoes() throws Exception {
        AtomicBoolean silent = new AtomicBoolean();
        try (FakePeer between = FakePeer.that(socket -> FakePeer.between(socket, database.server(), silent::get))) {
            HikariDataSource own = pool(through(between), config -> config.setConnectionTimeout(3_000));
            bootOften(own);
            silent.set(true);
            untilThePoolWouldLook();
            BootReport report = fromBase().run(own);
            assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.OFFLINE);
            assertThat(report.duration()).isLessThan(Duration.ofSeconds(8));
        }
    }

    /** The pool looks at one after the other, and listens to nobody meanwhile. */
    @Test
    @Waits
    void anInterruptEndsTheWaitForAPoolThatLooksAtDeadConnections() throws Exception {
        AtomicBoolean silent = new AtomicBoolean();
        try (FakePeer between = FakePeer.that(socket -> FakePeer.between(socket, database.server(), silent::get))) {
            HikariDataSource own = pool(through(between), config -> {
                config.setConnectionTimeout(30_000);
                config.setValidationTimeout(15_000);
            });
            bootOften(own);
            silent.set(true);
            untilThePoolWouldLook();
            InterruptibleBoot boot = new InterruptibleBoot(fromBase(), own);
            Conditions.await(
                    "it has a connection", () -> own.getHikariPoolMXBean().getActiveConnections() > 0);
            long interrupted = System.nanoTime();
            boot.thread().interrupt();
            BootReport report = boot.report();
            assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.INTERRUPTED);
            assertThat(Duration.ofNanos(System.nanoTime() - interrupted)).isLessThan(Duration.ofSeconds(7));
        }
    }

    /** Nor does the time-out see that by which the pool bounds its look. */
    @Test
    @Waits
    void aPoolWhoseLookDripsDoesNotStretchTheTime() throws Exception {
        AtomicBoolean dripping = new AtomicBoolean();
        try (FakePeer slow = FakePeer.that(socket -> FakePeer.between(socket, database.server(), dripping::get))) {
            HikariDataSource own = pool(through(slow), config -> config.setValidationTimeout(5_000));
            bootOften(own);
            dripping.set(true);
            untilThePoolWouldLook();
            InterruptibleBoot boot = new InterruptibleBoot(fromBase().deadline(Duration.ofSeconds(7)), own);
            assertThat(boot.report().outcome().acceptable()).isFalse();
        }
    }

    private static void untilThePoolWouldLook() {
        long idle = System.nanoTime();
        Conditions.await(
                "idle for so long that the pool looks", () -> System.nanoTime() - idle > NO_LOOK.toNanos() * 11 / 10);
    }

    private PGSimpleDataSource through(FakePeer peer) {
        PGSimpleDataSource through = database.superuser();
        through.setServerNames(new String[] {"127.0.0.1"});
        through.setPortNumbers(new int[] {peer.port()});
        return through;
    }

    /** The connection is lost already when the answer comes. */
    @Test
    @Waits
    void anAnswerThatComesTooLateIsNone() {
        HikariDataSource own = pool(database.superuser());
        bootOften(own);
        Worker worker = new Worker(own, Duration.ofMillis(100), (connection, within) -> {
            Question answer = Question.ask(connection, "SELECT 'seen'", 1);
            Conditions.await("it is aborted", () -> isClosed(connection));
            return answer;
        });
        assertThat(worker.hurry(Duration.ofMinutes(1))).isTrue();
        assertThat(Optional.ofNullable(worker.looked(Duration.ofMinutes(1)))).isEmpty();
        worker.dismiss();
    }

    private static boolean isClosed(Connection connection) {
        try {
            return connection.unwrap(Connection.class).isClosed();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Once, not once here and once more elsewhere. */
    @Test
    @Waits
    void aServerThatHasGoneIsWaitedForAsLongAsThePoolDoes() {
        PGSimpleDataSource source = database.superuser();
        HikariDataSource own = pool(source, config -> config.setConnectionTimeout(3_000));
        bootOften(own);
        source.setPortNumbers(new int[] {FakePeer.closedPort()});
        own.getHikariPoolMXBean().softEvictConnections();
        borrowers.clear();
        BootReport report = fromBase().run(own);
        assertThat(report.scenario()).isEqualTo(Scenario.OFFLINE);
        assertThat(report.duration()).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(6));
    }

    private void bootOften(DataSource dataSource) {
        for (int i = 0; i < OFTEN; i++) {
            assertThat(fromBase().run(dataSource).scenario()).isEqualTo(Scenario.AT_HEAD);
        }
    }

    /** The version table, for somebody else alone. */
    private Connection locked() throws SQLException {
        Connection other = database.superuser().getConnection();
        other.setAutoCommit(false);
        other.createStatement().execute("LOCK TABLE alembic_version");
        return other;
    }

    private List<String> waiting() {
        return database.query("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                + " AND datname = current_database()");
    }

    private HikariDataSource pool(DataSource source) {
        return pool(source, config -> {});
    }

    private HikariDataSource pool(DataSource source, Consumer<HikariConfig> change) {
        HikariConfig config = config(source);
        change.accept(config);
        pool = new HikariDataSource(config);
        return pool;
    }

    private HikariConfig config(DataSource source) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setMaximumPoolSize(1);
        config.setConnectionTimeout(1_000);
        config.setValidationTimeout(500);
        config.setMetricsTrackerFactory((name, stats) -> new IMetricsTracker() {
            @Override
            public void recordConnectionAcquiredNanos(long elapsed) {
                borrowers.add(Thread.currentThread());
            }
        });
        return config;
    }
}
