package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
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

/** The lane of the usual boot: it leaves nothing behind, and who does not fit into it goes on with the same answer. */
class QuickBootTest {
    private static final PostgresServer SERVER = PostgresServer.shared();

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
                    return kept(open);
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
            int built = fewestRoundTrips(proxy, dataSource -> builder().build().run(dataSource));
            int ran = fewestRoundTrips(proxy, dataSource -> builder().run(dataSource));
            assertThat(ran).isEqualTo(built);
        }
    }

    private interface Boot {
        BootReport on(DataSource dataSource);
    }

    /** Of several: what is sent together may arrive in pieces, with the answer to the first between them. */
    private int fewestRoundTrips(CountingProxy proxy, Boot boot) throws SQLException {
        int fewest = Integer.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            fewest = Math.min(fewest, roundTrips(proxy, boot));
        }
        return fewest;
    }

    private int roundTrips(CountingProxy proxy, Boot boot) throws SQLException {
        database.execute("DELETE FROM public.alembic_version", "DROP TABLE IF EXISTS shop.item");
        try (Connection open = proxy.superuser(database).getConnection()) {
            proxy.takeRoundTrips();
            assertThat(boot.on(Wrapper.that(() -> kept(open))).scenario()).isEqualTo(Scenario.BEHIND);
            return proxy.takeRoundTrips();
        }
    }

    /** A first look that fails for a reason of its own is no reason not to do the errand. */
    @Test
    void aFirstLookThatThrowsHoldsNothingUp() {
        Worker worker = new Worker(database.superuser(), Duration.ofSeconds(30), (connection, within) -> {
            throw new IllegalStateException("of its own");
        });
        worker.hurry();
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
        worker.hurry();
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

    private static boolean isIn(Thread thread, Class<?> type) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(type.getName()));
    }

    /** So that a test's own connection serves for a boot, and no log-in counts. */
    private static Connection kept(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                QuickBootTest.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) ->
                        method.getName().equals("close") ? null : method.invoke(connection, arguments));
    }

    private MigratorBuilder builder() {
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .whenUnversioned(WhenUnversioned.upgradeFromBase())
                .applicationRole("shop_app")
                .schema("shop");
    }
}
