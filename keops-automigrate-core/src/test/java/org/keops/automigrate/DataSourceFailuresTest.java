package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.keops.automigrate.FailureTable.CANARY;
import static org.keops.automigrate.FailureTable.OFFLINE;
import static org.keops.automigrate.FailureTable.REJECTED;
import static org.keops.automigrate.FailureTable.inaccessible;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import java.net.ConnectException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.ResourceLockTarget;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.testing.FakePeer;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Style;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.automigrate.testing.Waits;
import org.keops.automigrate.testing.Wrapper;

/** The data source itself fails, or says in its own way that the database does. */
@ResourceLock(
        value = DataSourceFailuresTest.LOGIN_TIMEOUT,
        mode = ResourceAccessMode.READ,
        target = ResourceLockTarget.CHILDREN)
class DataSourceFailuresTest {
    /** What all pools of this JVM share. */
    static final String LOGIN_TIMEOUT = "DriverManager.setLoginTimeout";

    private static final FailureTable.Expected BROKEN = inaccessible(Obstacle.DATA_SOURCE);
    private static final FailureTable.Expected EXHAUSTED = inaccessible(Obstacle.POOL_EXHAUSTED, true);
    private static final PostgresServer SERVER = PostgresServer.shared();

    private static TestDatabase database;

    @TempDir
    Path scripts;

    private @Nullable Connection taken;

    @BeforeAll
    static void prepare() {
        SERVER.role("pool_user", CANARY);
        database = SERVER.database();
    }

    @AfterAll
    static void drop() {
        database.close();
    }

    /** Only now: a factory's stream may be closed while its tests still run. */
    @AfterEach
    void giveBack() throws SQLException {
        if (taken != null) {
            taken.close();
        }
    }

    @TestFactory
    @Waits
    Stream<DynamicTest> pools() throws Exception {
        HikariDataSource closed = pool(url());
        closed.close();
        HikariDataSource exhausted = pool(url());
        taken = exhausted.getConnection();
        HikariDataSource badInitSql = pool(url());
        badInitSql.setInitializationFailTimeout(-1);
        badInitSql.setConnectionInitSql("SELECT nonsense");
        String secret = "&password=" + CANARY + " two";
        return new FailureTable()
                .row("closed", closed, BROKEN, "has been closed")
                .row("exhausted", exhausted, EXHAUSTED, "the application's own pool")
                .row("no URL", pool(null), BROKEN, "is required")
                .row(
                        "no driver for the URL",
                        pool("jdbc:oracle:thin:@h?user=a" + secret),
                        BROKEN,
                        "correct the data source")
                .row("not a JDBC URL", pool("postgres://app:" + CANARY + "@h/d"), BROKEN, "correct the data source")
                .row(
                        "credentials before the host",
                        pool("jdbc:postgresql://a:" + CANARY + "@no.such.invalid:5/d"),
                        OFFLINE,
                        "host name")
                .row("connectionInitSql fails", badInitSql, inaccessible(Obstacle.SESSION_REFUSED), "nonsense")
                .tests(scripts);
    }

    @TestFactory
    @Waits
    Stream<DynamicTest> wrappers() throws Exception {
        SQLException transientOne = new SQLTransientConnectionException("Connection is not available");
        return new FailureTable()
                .row(
                        "throws RuntimeException",
                        failing(new IllegalStateException("no")),
                        BROKEN,
                        "IllegalStateException: no")
                .row("throws Error", failing(new NoClassDefFoundError("org/x/Driver")), BROKEN, "NoClassDefFoundError")
                .row("gives null", Wrapper.that(() -> null), BROKEN, "returned null")
                .row(
                        "gives a closed connection",
                        Wrapper.of(plain(), DataSourceFailuresTest::closed),
                        OFFLINE,
                        "closed")
                .row(
                        "gives a connection in a transaction",
                        Wrapper.of(plain(), DataSourceFailuresTest::begun),
                        BROKEN,
                        "inside a transaction")
                .row(
                        "gives a connection in a transaction, and hides the driver's",
                        Wrapper.of(Wrapper.of(plain(), DataSourceFailuresTest::begun), DataSourceFailuresTest::hidden),
                        BROKEN,
                        "inside a transaction")
                .row(
                        "fails, and then when it is closed",
                        Wrapper.of(plain(), DataSourceFailuresTest::broken),
                        BROKEN,
                        "getAutoCommit")
                .row("two lines", failing(new SQLException("one\r\n two")), BROKEN, "one two")
                .row("wraps the driver's exception", wrapping("app_user_x"), REJECTED, "28P01")
                .row("translates the driver's exception", failing(new SQLException("no", "28P01")), REJECTED, "28P01")
                .row("translates a refused connection", failing(new SQLException("no", "08001")), OFFLINE, "08001")
                .row("no driver", failing(new SQLException("No suitable driver found for jdbc:x", "08001")), BROKEN, "")
                .row(
                        "refused, without the driver",
                        failing(new IllegalStateException(new ConnectException("no"))),
                        OFFLINE,
                        "")
                .row(
                        "a pool without counters",
                        failing(transientOne),
                        OFFLINE,
                        "or the application's own pool is exhausted")
                .row("a loop of causes", failing(loop()), BROKEN, "round")
                .tests(scripts);
    }

    @Test
    @Waits
    void anEagerPoolThrowsBeforeWeAreCalled() {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl("jdbc:postgresql://127.0.0.1:" + FakePeer.closedPort() + "/d");
        assertThatThrownBy(() -> new HikariDataSource(config))
                .isInstanceOf(HikariPool.PoolInitializationException.class);
    }

    /** The login timeout of a pool is the whole JVM's: the last pool to start sets it for all. */
    @Test
    @Waits
    @ResourceLock(value = LOGIN_TIMEOUT, mode = ResourceAccessMode.READ_WRITE)
    void anotherPoolDoesNotShortenThePatienceWithThisOne() throws Exception {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(database.url() + "?user=pool_user&password=x");
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(4_000);
        try (HikariDataSource wrong = new HikariDataSource(config);
                HikariDataSource other = pool(url())) {
            other.setConnectionTimeout(1_000);
            other.getConnection().close();
            BootReport report = migrate(wrong, Duration.ofMillis(500), Duration.ZERO);
            assertThat(report.outcome()).as("%s", report).isInstanceOf(Outcome.CredentialsRejected.class);
        }
    }

    @Test
    @Waits
    void aPoolThatNeverGivesUpIsNotWaitedFor() throws Exception {
        try (FakePeer silent = FakePeer.that(FakePeer::silent);
                HikariDataSource pool = pool("jdbc:postgresql://127.0.0.1:" + silent.port() + "/d")) {
            pool.setInitializationFailTimeout(-1);
            pool.setConnectionTimeout(0);
            BootReport report = migrate(pool, Duration.ofSeconds(1), Duration.ZERO);
            assertThat(report.outcome()).isInstanceOf(Outcome.Offline.class);
            assertThat(report.duration()).isLessThan(Duration.ofSeconds(9));
        }
    }

    @Test
    @Waits
    void aDataSourceThatIsStuckWithItsLockHeldIsLeftAlone() throws Exception {
        try (FakePeer silent = FakePeer.that(FakePeer::silent)) {
            DataSource plain = Style.PLAIN.of("jdbc:postgresql://127.0.0.1:" + silent.port() + "/d");
            DataSource stuck = new Synchronized(plain);
            BootReport report = migrate(stuck, Duration.ofSeconds(1), Duration.ZERO);
            assertThat(report.outcome()).isInstanceOf(Outcome.Offline.class);
            assertThat(report.duration()).isLessThan(Duration.ofSeconds(9));
        }
    }

    /** With auto-commit off a pool leaves what it says to a new connection in a transaction; the first COMMIT makes it last. */
    @ParameterizedTest
    @Waits
    @ValueSource(strings = {"schema", "connectionInitSql"})
    void whatAPoolHasSetIsNobodysTransaction(String how) throws Exception {
        try (TestDatabase own = SERVER.database();
                HikariDataSource pool = pool(own.url() + "?user=pool_user&password=" + CANARY)) {
            own.execute("CREATE SCHEMA of_the_pool AUTHORIZATION pool_user");
            pool.setAutoCommit(false);
            if (how.equals("schema")) {
                pool.setSchema("of_the_pool");
            } else {
                pool.setConnectionInitSql("SET search_path = of_the_pool");
            }
            BootReport report = migrate(pool, Duration.ofSeconds(30), Duration.ZERO);
            assertThat(report.outcome().acceptable()).as("%s", report).isTrue();
            try (Connection next = pool.getConnection()) {
                assertThat(next.getAutoCommit()).isFalse();
                assertThat(next.getSchema()).isEqualTo("of_the_pool");
                next.rollback();
            }
        }
    }

    /** Optional parts of JDBC: what a wrapper does not offer is done without. */
    @ParameterizedTest
    @Waits
    @ValueSource(strings = {"isWrapperFor", "unwrap", "isReadOnly", "getNetworkTimeout", "setNetworkTimeout"})
    void aWrapperThatThrowsWhereItNeedNotIsGoodEnough(String optional) throws Exception {
        BootReport report = migrate(
                Wrapper.of(
                        plain(CANARY),
                        connection -> Wrapper.of(connection, (method, arguments) -> {
                            if (method.equals(optional)) {
                                throw new UnsupportedOperationException(method);
                            }
                        })),
                Duration.ofSeconds(10),
                Duration.ZERO);
        assertThat(report.outcome()).as("%s", report).isNotInstanceOf(Outcome.Inaccessible.class);
        assertThat(report.outcome()).isNotInstanceOf(Outcome.Offline.class);
    }

    @Test
    @Waits
    void onlyWhatMayPassIsTriedAgain() throws Exception {
        assertThat(tries(Style.PLAIN.of("jdbc:postgresql://127.0.0.1:" + FakePeer.closedPort() + "/d")))
                .isGreaterThan(1);
        assertThat(tries(failing(new SQLException("sorry, too many clients already", "53300"))))
                .isGreaterThan(1);
        assertThat(tries(plain("wrong"))).isEqualTo(1);
        assertThat(tries(failing(new SQLException("no such database", "3D000"))))
                .isEqualTo(1);
        assertThat(tries(failing(new IllegalStateException("no")))).isEqualTo(1);
    }

    private int tries(DataSource dataSource) throws Exception {
        AtomicInteger tries = new AtomicInteger();
        DataSource counting = Wrapper.that(() -> {
            tries.incrementAndGet();
            return dataSource.getConnection();
        });
        migrate(counting, Duration.ofSeconds(10), Duration.ofSeconds(2));
        return tries.get();
    }

    private BootReport migrate(DataSource dataSource, Duration within, Duration budget) throws Exception {
        return AutoMigrator.configure()
                .scripts(FailureTable.someScript(scripts).toString())
                .leavePermissionsAlone()
                .connectWithin(within)
                .waitForDatabase(budget)
                .run(dataSource);
    }

    private static HikariDataSource pool(@Nullable String url) {
        HikariDataSource pool = new HikariDataSource();
        if (url != null) {
            pool.setJdbcUrl(url);
        }
        pool.setMaximumPoolSize(1);
        pool.setConnectionTimeout(Style.CONNECTION_TIMEOUT_MILLIS);
        return pool;
    }

    private static DataSource plain() {
        return Style.PLAIN.of(url());
    }

    private static DataSource plain(String password) {
        return Style.PLAIN.of(database.url() + "?user=pool_user&password=" + password);
    }

    private static String url() {
        return database.url() + "?user=pool_user&password=" + CANARY;
    }

    private static DataSource failing(Throwable failure) {
        return Wrapper.that(() -> {
            if (failure instanceof SQLException sql) {
                throw sql;
            }
            if (failure instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) failure;
        });
    }

    private static DataSource wrapping(String password) {
        return Wrapper.that(() -> {
            try {
                return plain(password).getConnection();
            } catch (SQLException e) {
                throw new IllegalStateException("could not open a connection", e);
            }
        });
    }

    private static Throwable loop() {
        IllegalStateException one = new IllegalStateException("round and round");
        one.initCause(new IllegalArgumentException(one));
        return one;
    }

    private static Connection closed(Connection connection) throws SQLException {
        connection.close();
        return connection;
    }

    private static Connection begun(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        connection.createStatement().execute("CREATE TEMP TABLE somebody_elses ()");
        return connection;
    }

    private static Connection hidden(Connection connection) {
        return Wrapper.of(connection, (method, arguments) -> {
            if (method.equals("isWrapperFor") || method.equals("unwrap")) {
                throw new SQLException("not here");
            }
        });
    }

    private static Connection broken(Connection connection) throws SQLException {
        connection.close();
        return Wrapper.of(connection, (method, arguments) -> {
            throw new IllegalStateException(method);
        });
    }

    /** A wrapper that does everything under its lock. */
    private static final class Synchronized extends org.postgresql.ds.PGSimpleDataSource {
        private static final long serialVersionUID = 1L;
        private final transient DataSource inner;

        Synchronized(DataSource inner) {
            this.inner = inner;
        }

        @Override
        public synchronized Connection getConnection() throws SQLException {
            return inner.getConnection();
        }

        @Override
        public synchronized int getLoginTimeout() {
            return 0;
        }
    }
}
