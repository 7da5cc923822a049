package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.postgres.errand.Errand;
import org.keops.automigrate.postgres.errand.Worker;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.Question;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.CountingProxy;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.automigrate.testing.Wrapper;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;

/** The lane of the usual boot: it leaves nothing behind, and who does not fit into it goes on with the same answer. */
class QuickBootTest {
    private static final PostgresServer SERVER = PostgresServer.shared();

    private static final int FEW = 4;
    private static final int MANY = 40;

    @TempDir
    Path directory;

    private final TestDatabase database = SERVER.database();

    @BeforeEach
    void migrate() throws Exception {
        SERVER.role("shop_app", "app");
        database.execute("CREATE SCHEMA shop");
        new Scripts(directory).add("a1", "", "CREATE TABLE shop.item (id serial PRIMARY KEY);");
        builder().run(database.superuser()).orElseThrow();
        builder().run(database.superuser()).orElseThrow();
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theConnectionIsBackAndAsItCameWhenTheReportIsThere(boolean autoCommit) throws Exception {
        HikariConfig config = new HikariConfig();
        config.setDataSource(database.superuser());
        config.setMaximumPoolSize(1);
        config.setAutoCommit(autoCommit);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            int backend = backend(pool);
            for (int i = 0; i < 3; i++) {
                assertThat(builder().run(pool).scenario()).isEqualTo(Scenario.AT_HEAD);
                assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
            }
            try (Connection connection = pool.getConnection()) {
                assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
                assertThat(connection.getNetworkTimeout()).isZero();
            }
            assertThat(backend(pool)).isEqualTo(backend);
        }
    }

    private static int backend(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            return connection.unwrap(PGConnection.class).getBackendPID();
        }
    }

    /** Whoever waits longer than the lane does is watched by an errand, which asks nothing again. */
    @Test
    void whoIsSlowIsAnsweredAllTheSameAndAsksOnce() throws Exception {
        Thread caller = Thread.currentThread();
        try (CountingProxy proxy = new CountingProxy(SERVER, 0)) {
            try (Connection open = proxy.superuser(database).getConnection()) {
                DataSource late = Wrapper.that(() -> {
                    Conditions.await("the boot has left its lane", () -> isIn(caller, Errand.class));
                    return Wrapper.kept(open);
                });
                proxy.takeRoundTrips();
                assertThat(builder().run(late).scenario()).isEqualTo(Scenario.AT_HEAD);
                assertThat(proxy.takeRoundTrips()).isEqualTo(1);
            }
        }
    }

    /** An upgrade, a stamp, a repair: the first look is had, and is not had again. */
    @Test
    void whatTheFirstLookHasSeenIsNotAskedAgain() throws Exception {
        try (CountingProxy proxy = new CountingProxy(SERVER, 0)) {
            Boot building = dataSource -> builder().build().run(dataSource);
            Boot running = dataSource -> builder().run(dataSource);
            int built = roundTrips(proxy, building);
            int ran = roundTrips(proxy, running);
            // the fewest of several: what is sent together may arrive in pieces, with the answer to the first between
            // them
            for (int i = 1; i < MANY && (i < FEW || ran != built); i++) {
                built = Math.min(built, roundTrips(proxy, building));
                ran = Math.min(ran, roundTrips(proxy, running));
            }
            assertThat(ran).isEqualTo(built);
        }
    }

    private interface Boot {
        BootReport on(DataSource dataSource);
    }

    private int roundTrips(CountingProxy proxy, Boot boot) throws SQLException {
        database.execute("DELETE FROM public.alembic_version", "DROP TABLE IF EXISTS shop.item");
        try (Connection open = proxy.superuser(database).getConnection()) {
            proxy.takeRoundTrips();
            assertThat(boot.on(Wrapper.that(() -> Wrapper.kept(open))).scenario())
                    .isEqualTo(Scenario.BEHIND);
            return proxy.takeRoundTrips();
        }
    }

    /** A first look that fails for a reason of its own is no reason not to do the errand. */
    @Test
    void aFirstLookThatThrowsHoldsNothingUp() {
        Worker worker = new Worker(database.superuser(), Duration.ofSeconds(30), (connection, within) -> {
            throw new IllegalStateException("of its own");
        });
        worker.hurry(Duration.ofMinutes(1));
        Errand<Boolean> errand = new Errand<>(worker, Deadline.in(Duration.ofMinutes(1)), null, new Errand.Task<>() {
            @Override
            public Boolean in(Session session, Deadline deadline) {
                return session.takeAnswer() == null;
            }

            @Override
            public Boolean without(DatabaseState state) {
                return false;
            }
        });
        assertThat(errand.run()).isTrue();
    }

    @Test
    void whatItHasSeenIsSaidOnceOnly() throws Exception {
        Worker worker = new Worker(
                database.superuser(),
                Duration.ofSeconds(30),
                (connection, within) -> Question.ask(connection, "SELECT 'seen'", 1));
        worker.hurry(Duration.ofMinutes(1));
        Errand<Boolean> errand = new Errand<>(worker, Deadline.in(Duration.ofMinutes(1)), null, new Errand.Task<>() {
            @Override
            public Boolean in(Session session, Deadline deadline) {
                Question answer = session.takeAnswer();
                return answer != null && answer.rows().get(0)[0].equals("seen") && session.takeAnswer() == null;
            }

            @Override
            public Boolean without(DatabaseState state) {
                return false;
            }
        });
        assertThat(errand.run()).isTrue();
    }

    /** Unsound scripts are thrown from within the lane, and nothing stays open. */
    @Test
    void theConnectionComesBackWhereTheScriptsAreUnsound() throws Exception {
        new Scripts(directory).add("b2", "nowhere", "SELECT 1;");
        HikariConfig config = new HikariConfig();
        config.setDataSource(database.superuser());
        config.setMaximumPoolSize(1);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            assertThatThrownBy(() -> builder().run(pool)).isInstanceOf(UnsoundScriptsException.class);
            Conditions.await(
                    "the connection is back", () -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
        }
    }

    @Test
    void anAttemptThatHangsElsewhereKeepsNobodyOutOfTheLane() {
        CountDownLatch released = new CountDownLatch(1);
        Worker hanging = new Worker(
                Wrapper.that(() -> {
                    await(released);
                    throw new SQLException("too late");
                }),
                Duration.ofSeconds(30));
        hanging.hurry(Duration.ofMinutes(1));
        hanging.dismiss();
        Worker other = new Worker(database.superuser(), Duration.ofSeconds(30));
        assertThat(other.hurry(Duration.ofMinutes(1))).isTrue();
        other.dismiss();
        released.countDown();
    }

    /** As with an owner role, or with fingerprints. */
    @Test
    void whoHasNothingToAskIsNotWaitedFor() {
        Worker worker = new Worker(database.superuser(), Duration.ofSeconds(30));
        worker.hurry(Duration.ofMinutes(1));
        assertThat(assertTimeoutPreemptively(
                        Duration.ofMinutes(1), () -> Optional.ofNullable(worker.looked(Duration.ofHours(1)))))
                .isEmpty();
        worker.dismiss();
    }

    /** The question does not hide why there is no session, unless the connection broke over it. */
    @Test
    void whyThereIsNoSessionIsSaidAlsoWhereTheQuestionFailed() {
        DataSource refusing = Wrapper.of(
                database.superuser(),
                connection -> Wrapper.of(connection, (method, arguments) -> {
                    if (method.equals("getAutoCommit")) {
                        throw new SQLException("asks for no such thing", "0A000");
                    }
                }));
        Worker worker = new Worker(
                refusing,
                Duration.ofSeconds(30),
                (connection, within) -> Question.ask(connection, "SELECT 1 FROM nowhere", 1));
        worker.hurry(Duration.ofMinutes(1));
        assertThat(String.valueOf(Objects.requireNonNull(worker.looked(Duration.ofSeconds(30)))
                        .failure()))
                .contains("nowhere");
        Errand<String> errand = new Errand<>(worker, Deadline.in(Duration.ofMinutes(1)), null, new Errand.Task<>() {
            @Override
            public String in(Session session, Deadline deadline) {
                return "a session";
            }

            @Override
            public String without(DatabaseState state) {
                return state.toString();
            }
        });
        assertThat(errand.run()).contains("asks for no such thing");
    }

    /** No pool or server holds the caller up. */
    @Test
    void aConnectionThatDoesNotCloseHoldsNobodyUp() {
        CountDownLatch released = new CountDownLatch(1);
        Worker worker = looking(Duration.ofMillis(100), method -> {
            if (method.equals("close")) {
                await(released);
            }
        });
        assertTimeoutPreemptively(Duration.ofMinutes(1), () -> worker.giveBack(Duration.ofHours(1)));
        released.countDown();
    }

    @Test
    void norForLongerThanTheDeadline() {
        CountDownLatch released = new CountDownLatch(1);
        DataSource hanging = Wrapper.of(
                database.superuser(),
                connection -> Wrapper.of(connection, (method, arguments) -> {
                    if (method.equals("close")) {
                        await(released);
                    }
                }));
        Migrator kept = builder().deadline(Duration.ofSeconds(1)).build();
        assertThat(assertTimeoutPreemptively(Duration.ofSeconds(20), () -> kept.run(hanging))
                        .scenario())
                .isEqualTo(Scenario.AT_HEAD);
        released.countDown();
    }

    @Test
    void aConnectionThatCanNotBeClosedIsAborted() {
        Set<String> called = ConcurrentHashMap.newKeySet();
        looking(Duration.ofSeconds(30), method -> {
                    called.add(method);
                    if (method.equals("close")) {
                        throw new AbstractMethodError("of another version");
                    }
                })
                .giveBack(Duration.ofHours(1));
        assertThat(called).contains("close", "abort");
    }

    /** A worker that has looked. */
    private Worker looking(Duration within, Consumer<String> each) {
        Worker worker = new Worker(
                Wrapper.of(
                        database.superuser(),
                        connection -> Wrapper.of(connection, (method, arguments) -> each.accept(method))),
                within,
                (connection, any) -> Question.ask(connection, "SELECT 'seen'", 1));
        worker.hurry(Duration.ofMinutes(1));
        assertThat(worker.looked(Duration.ofMinutes(1))).isNotNull();
        return worker;
    }

    /** As a driver that can not be interrupted. */
    private static void await(CountDownLatch latch) {
        Conditions.await("released", Duration.ofMinutes(5), () -> latch.getCount() == 0);
    }

    /** As of a driver of another version. */
    @Test
    void aQuestionThatThrowsLeavesTheTimeoutAsItWas() throws Exception {
        try (Connection real = database.superuser().getConnection()) {
            real.setNetworkTimeout(Runnable::run, 12_345);
            BaseConnection other = (BaseConnection) Proxy.newProxyInstance(
                    QuickBootTest.class.getClassLoader(),
                    new Class<?>[] {BaseConnection.class},
                    (proxy, method, arguments) -> switch (method.getName()) {
                        case "isWrapperFor" -> true;
                        case "unwrap" -> proxy;
                        case "close" -> null;
                        case "getQueryExecutor" -> throw new NoSuchMethodError(method.getName());
                        default -> method.invoke(real, arguments);
                    });
            builder().run(Wrapper.that(() -> other));
            assertThat(real.getNetworkTimeout()).isEqualTo(12_345);
        }
    }

    /** The connection comes when the boot waits for it outside of its lane, which after the deadline it does not. */
    @Test
    void theDeadlineHoldsForTheLaneAndWhatFollowsTogether() {
        Thread caller = Thread.currentThread();
        AtomicBoolean over = new AtomicBoolean();
        DataSource late = Wrapper.that(() -> {
            Conditions.await(
                    "the boot waits, or is over",
                    () -> over.get()
                            || (isIn(caller, Errand.class) && caller.getState() == Thread.State.TIMED_WAITING));
            return database.superuser().getConnection();
        });
        BootReport report = builder().deadline(Duration.ofMillis(150)).run(late);
        over.set(true);
        assertThat(report.toString()).contains("no connection within");
    }

    private static boolean isIn(Thread thread, Class<?> type) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(type.getName()));
    }

    /** So that a test's own connection serves for a boot, and no log-in counts. */
    private MigratorBuilder builder() {
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .whenUnversioned(WhenUnversioned.upgradeFromBase())
                .applicationRole("shop_app")
                .schema("shop");
    }
}
