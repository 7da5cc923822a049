package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.automigrate.testing.Wrapper;
import org.postgresql.PGConnection;

/**
 * The connection goes back as it came: from a pool of one connection, the next borrower meets the same session with the
 * same settings, or a new one.
 */
class GivenBackTest {
    private static final PostgresServer SERVER = PostgresServer.shared();

    /** All that a session has and shows; pids are compared apart. */
    private static final String STATE = """
            SELECT 'user', session_user::text, '' UNION ALL SELECT 'role', current_user::text, ''
            UNION ALL SELECT 'locks', count(*)::text, '' FROM pg_locks
               WHERE pid = pg_backend_pid() AND locktype = 'advisory'
            UNION ALL SELECT 'listens', count(*)::text, '' FROM pg_listening_channels()
            UNION ALL SELECT 'prepared', count(*)::text, '' FROM pg_prepared_statements WHERE from_sql
            UNION ALL SELECT 'temporary', count(*)::text, '' FROM pg_class WHERE relnamespace = pg_my_temp_schema()
            UNION ALL SELECT name, setting, CASE WHEN name <> 'transaction_isolation' THEN source ELSE '' END
               FROM pg_settings WHERE context IN ('user', 'superuser') AND name NOT LIKE 'plpgsql.%'
            """;

    private static final String CHANGES = """
            SET search_path = pg_catalog;
            SET statement_timeout = '1h';
            SET work_mem = '5MB';
            SELECT set_config('lock_timeout', '7s', false);
            DO $$ BEGIN EXECUTE 'SET deadlock_timeout = 77'; END $$;
            SET ROLE pool_app;
            """;

    private static final String SLEEPS = "SELECT pg_sleep(600);";

    /** Whoever commits it is gone. */
    private static final String LOST = """
            RESET ROLE;
            CREATE TABLE shop.t (i int);
            CREATE FUNCTION shop.go() RETURNS trigger LANGUAGE plpgsql AS
              $$ BEGIN PERFORM pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid()); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER goes AFTER INSERT ON shop.t DEFERRABLE INITIALLY DEFERRED
              FOR EACH ROW EXECUTE FUNCTION shop.go();
            INSERT INTO shop.t VALUES (1);
            """;

    @TempDir
    Path scripts;

    private TestDatabase database;

    @BeforeEach
    void prepare() {
        SERVER.role("pool_app", "app");
        database = SERVER.database();
        empty();
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @TestFactory
    Stream<DynamicTest> theSameSessionComesBack() {
        List<DynamicTest> tests = new ArrayList<>();
        same(tests, "at head, nothing done", Scenario.AT_HEAD, "SELECT 1;", true);
        same(tests, "upgraded", Scenario.BEHIND, "CREATE TABLE shop.t ();", false);
        same(tests, "upgraded by a script that changes settings", Scenario.BEHIND, CHANGES, false);
        same(tests, "failed after settings were changed", Scenario.FAILED, CHANGES + "SELECT nonsense;", false);
        same(tests, "outside a transaction", Scenario.BEHIND, outside(CHANGES), false);
        same(tests, "failed outside a transaction", Scenario.FAILED, outside(CHANGES + "SELECT nonsense;"), false);
        same(tests, "another user", Scenario.BEHIND, "SET SESSION AUTHORIZATION pool_app;", false);
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> aSessionThatCanNotBeRestoredIsNotGivenBack() {
        List<DynamicTest> tests = new ArrayList<>();
        dropped(tests, "keeps a lock", "SELECT pg_advisory_lock(42);");
        dropped(tests, "keeps a lock, then fails", "SELECT pg_advisory_lock(42); SELECT nonsense;");
        dropped(tests, "listens", "LISTEN news;");
        dropped(tests, "keeps a temporary table", "CREATE TEMP TABLE rest ();");
        dropped(tests, "keeps a prepared statement", "PREPARE rest AS SELECT 1;");
        dropped(tests, "keeps a lock, outside a transaction", outside("SELECT pg_advisory_lock(42);"));
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> alsoAfterARunThatWasStopped() {
        List<DynamicTest> tests = new ArrayList<>();
        for (Pool pool : Pool.values()) {
            stopped(tests, "interrupted", Scenario.INTERRUPTED, CHANGES + SLEEPS, pool, this::interrupted);
            stopped(
                    tests,
                    "COMMIT is lost",
                    Scenario.FAILED,
                    CHANGES + LOST,
                    pool,
                    dataSource -> migrator().run(dataSource));
        }
        for (Pool pool : List.of(Pool.NO_AUTO_COMMIT, Pool.INIT_SQL)) {
            String outside = outside(CHANGES + SLEEPS);
            stopped(tests, "interrupted outside", Scenario.INTERRUPTED, outside, pool, this::interrupted);
            stopped(tests, "the deadline is over", Scenario.FAILED, CHANGES + SLEEPS, pool, this::outOfTime);
            stopped(tests, "the deadline is over outside", Scenario.FAILED, outside, pool, this::outOfTime);
        }
        return tests.stream();
    }

    @Test
    void aPlainConnectionIsClosedAsItCame() throws Exception {
        script("SELECT 1;");
        List<String> calls = new ArrayList<>();
        List<String> atClose = new ArrayList<>();
        Connection real = database.superuser().getConnection();
        real.setAutoCommit(false);
        real.setReadOnly(true);
        real.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        real.setNetworkTimeout(Runnable::run, 12_345);
        real.unwrap(PGConnection.class).setPrepareThreshold(3);
        real.rollback();
        String before = ofClient(real);
        BootReport report = migrator()
                .run(Wrapper.that(() -> Wrapper.of(real, (method, arguments) -> {
                    calls.add(method);
                    if (method.equals("close")) {
                        atClose.add(ofClient(real));
                    }
                })));
        assertThat(report.scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(atClose).containsExactly(before);
        assertThat(calls).doesNotContain("abort");
        assertThat(real.isClosed()).isTrue();
    }

    @Test
    void aConnectionThatCanNotBeRestoredIsAbortedAndTheReportStands() throws Exception {
        script("SELECT 1;");
        List<String> calls = new ArrayList<>();
        BootReport report = migrator().run(Wrapper.of(database.superuser(), connection -> {
            connection.setAutoCommit(false);
            return Wrapper.of(connection, (method, arguments) -> {
                calls.add(method);
                if (method.equals("setAutoCommit") && arguments[0].equals(false) && calls.contains("clearWarnings")) {
                    throw new IllegalStateException("no");
                }
            });
        }));
        assertThat(report.scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(calls).contains("abort");
    }

    @Test
    void aTransactionOfSomebodyElseIsNeitherCommittedNorRolledBack() throws Exception {
        script("SELECT 1;");
        List<String> calls = new ArrayList<>();
        BootReport report = migrator().run(Wrapper.of(database.superuser(), connection -> {
            connection.setAutoCommit(false);
            connection.createStatement().execute("CREATE TABLE shop.somebody_elses ()");
            return Wrapper.of(connection, (method, arguments) -> calls.add(method));
        }));
        assertThat(report.scenario()).isEqualTo(Scenario.INACCESSIBLE);
        assertThat(calls).doesNotContain("commit", "rollback", "setAutoCommit");
    }

    private void same(List<DynamicTest> tests, String what, Scenario end, String body, boolean twice) {
        for (Pool pool : Pool.values()) {
            tests.add(DynamicTest.dynamicTest(what + " · " + pool, () -> {
                empty();
                try (HikariDataSource dataSource = pool(pool)) {
                    script(body);
                    if (twice) {
                        migrator().run(database.superuser());
                    }
                    List<String> before = borrow(dataSource);
                    assertThat(migrator().run(dataSource).scenario()).isEqualTo(end);
                    assertThat(changes(before, borrow(dataSource))).isEmpty();
                }
            }));
        }
    }

    private interface Run {
        BootReport of(DataSource dataSource) throws Exception;
    }

    private void stopped(List<DynamicTest> tests, String what, Scenario end, String body, Pool pool, Run run) {
        tests.add(DynamicTest.dynamicTest(what + " · " + pool, () -> {
            empty();
            try (HikariDataSource dataSource = pool(pool)) {
                script(body);
                List<String> before = borrow(dataSource);
                BootReport report = run.of(dataSource);
                assertThat(report.scenario()).as("%s", report).isEqualTo(end);
                List<String> after = borrow(dataSource);
                assertThat(changes(before.subList(1, before.size()), after.subList(1, after.size())))
                        .isEmpty();
            }
        }));
    }

    private BootReport outOfTime(DataSource dataSource) {
        return configure().deadline(Duration.ofSeconds(1)).run(dataSource);
    }

    private BootReport interrupted(DataSource dataSource) throws Exception {
        CompletableFuture<BootReport> report = new CompletableFuture<>();
        Thread thread = new Thread(() -> report.complete(migrator().run(dataSource)));
        thread.start();
        Conditions.await(
                "the script sleeps",
                () -> !database.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
                                + " AND datname = current_database()")
                        .isEmpty());
        thread.interrupt();
        return report.get(120, TimeUnit.SECONDS);
    }

    private void dropped(List<DynamicTest> tests, String what, String body) {
        tests.add(DynamicTest.dynamicTest(what, () -> {
            empty();
            try (HikariDataSource dataSource = pool(Pool.AUTO_COMMIT)) {
                script(body);
                List<String> before = borrow(dataSource);
                migrator().run(dataSource);
                List<String> after = borrow(dataSource);
                assertThat(after.get(0)).as("the process").isNotEqualTo(before.get(0));
                assertThat(changes(before.subList(1, before.size()), after.subList(1, after.size())))
                        .isEmpty();
            }
        }));
    }

    private void empty() {
        database.execute(
                "DROP SCHEMA IF EXISTS shop CASCADE", "CREATE SCHEMA shop", "GRANT ALL ON SCHEMA shop TO pool_app");
    }

    private static List<String> changes(List<String> before, List<String> after) {
        List<String> changes = new ArrayList<>(after);
        changes.removeAll(before);
        return changes;
    }

    /** The process, then the client's side, then the server's. */
    private static List<String> borrow(HikariDataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            List<String> state = new ArrayList<>();
            state.add("" + connection.unwrap(PGConnection.class).getBackendPID());
            state.add(ofClient(connection));
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(STATE)) {
                while (rows.next()) {
                    state.add(rows.getString(1) + " = " + rows.getString(2) + " by " + rows.getString(3));
                }
            }
            return state;
        }
    }

    private static String ofClient(Connection connection) throws SQLException {
        PGConnection driver = connection.unwrap(PGConnection.class);
        return "auto-commit " + connection.getAutoCommit() + ", read-only " + connection.isReadOnly() + ", isolation "
                + connection.getTransactionIsolation() + ", network timeout " + connection.getNetworkTimeout()
                + ", prepare threshold " + driver.getPrepareThreshold() + ", warnings " + connection.getWarnings();
    }

    /** How pools set their sessions up. */
    private enum Pool {
        AUTO_COMMIT(pool -> {}),
        NO_AUTO_COMMIT(pool -> pool.setAutoCommit(false)),
        READ_ONLY(pool -> pool.setReadOnly(true)),
        READ_ONLY_NO_AUTO_COMMIT(pool -> {
            pool.setReadOnly(true);
            pool.setAutoCommit(false);
        }),
        SERIALIZABLE(pool -> pool.setTransactionIsolation("TRANSACTION_SERIALIZABLE")),
        INIT_SQL(
                pool -> pool.setConnectionInitSql("SET search_path = shop; SET work_mem = '6MB'; SET ROLE pool_owner"));

        @SuppressWarnings("ImmutableEnumChecker") // the lambdas above hold nothing
        private final Consumer<HikariDataSource> setUp;

        Pool(Consumer<HikariDataSource> setUp) {
            this.setUp = setUp;
        }
    }

    private HikariDataSource pool(Pool kind) {
        SERVER.role("pool_owner", "owner");
        database.execute("ALTER ROLE pool_owner SUPERUSER");
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(database.url());
        pool.setUsername(SERVER.superuser());
        pool.setPassword(SERVER.password());
        pool.setMaximumPoolSize(1);
        pool.setConnectionTimeout(5_000);
        kind.setUp.accept(pool);
        return pool;
    }

    private static String outside(String body) {
        return "-- Transactional: no\n\n" + body;
    }

    private void script(String body) throws Exception {
        String separator = body.startsWith("-- ") ? "" : "\n";
        Files.writeString(
                scripts.resolve("a1.sql"), "-- a1\n--\n-- Revision ID: a1\n-- Revises:\n" + separator + body + "\n");
    }

    private Migrator migrator() {
        return configure().build();
    }

    private MigratorBuilder configure() {
        return AutoMigrator.configure()
                .scripts(scripts.toString())
                .leavePermissionsAlone()
                .versionTableSchema("shop")
                .whenUnversioned(WhenUnversioned.upgradeFromBase());
    }
}
