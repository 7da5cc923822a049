package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.CutProxy;
import org.keops.automigrate.testing.CutProxy.Cut;
import org.keops.automigrate.testing.CutProxy.Direction;
import org.keops.automigrate.testing.CutProxy.Place;
import org.keops.automigrate.testing.CutProxy.Way;
import org.keops.automigrate.testing.MigratingRole;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;
import org.postgresql.PGConnection;

/** Lock and settings are given back behind what is taken for the last that is to be done, which it need not be. */
class LeavingTest {
    private static final String ROLE = "leaving_app";

    /** Once, as whoever grants. */
    private static final String BEHIND_A_GRANT = """
            CREATE FUNCTION public.behind_a_grant() RETURNS event_trigger LANGUAGE plpgsql %s AS $$ BEGIN
              INSERT INTO shop.trace SELECT 'held ' || count(*) FROM pg_locks
               WHERE locktype = 'advisory' AND pid = pg_backend_pid();
              IF to_regclass('shop.once') IS NULL THEN
                CREATE TABLE shop.once ();
                %s
              END IF;
            END $$;
            CREATE EVENT TRIGGER behind_a_grant ON ddl_command_end WHEN tag IN ('GRANT')
              EXECUTE FUNCTION public.behind_a_grant()
            """;

    private static final String SOMEBODY_WAITS_FOR_THE_LOCK =
            "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)";

    @TempDir
    Path directory;

    private TestDatabase database;

    @BeforeEach
    void prepare() {
        database = MigratingRole.OWNER.database();
        database.execute("DO $$ BEGIN CREATE ROLE " + ROLE
                + "; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$");
        MigratingRole.OWNER.execute(database, "CREATE SCHEMA shop", "CREATE TABLE shop.trace (what text)");
        new Scripts(directory).add("a", "", "CREATE TABLE shop.a (i int);");
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void whatLacksBehindTheGrantsIsGrantedWithTheLockAgain() throws SQLException {
        behindAGrant("", "");
        try (HikariDataSource pool = pool()) {
            int process = process(pool);
            assertRepaired(configure().run(pool));
            assertThat(process(pool)).isEqualTo(process);
        }
        assertNothingIsHeld();
    }

    @Test
    void whatIsSetByThenIsPutBack() throws SQLException {
        behindAGrant(
                "SECURITY DEFINER",
                "ALTER TABLE shop.once OWNER TO " + ROLE + "; PERFORM set_config('work_mem', '77MB', false);");
        try (HikariDataSource pool = pool()) {
            int process = process(pool);
            BootReport report = configure().run(pool);
            assertThat(report.permissions().findings()).as("%s", report).isEmpty();
            assertThat(process(pool)).isEqualTo(process);
            try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SHOW work_mem")) {
                row.next();
                assertThat(row.getString(1)).isNotEqualTo("77MB");
            }
        }
        assertNothingIsHeld();
    }

    /** The timeouts of role and database are for requests, and hold again behind the grants. */
    @Test
    void whatAScriptHasMadeIsLookedForWhileTheSessionIsGuarded() {
        new Scripts(directory).add("a", "", """
                CREATE SCHEMA made;
                ALTER TABLE alembic_version ENABLE ROW LEVEL SECURITY;
                ALTER TABLE alembic_version FORCE ROW LEVEL SECURITY;
                CREATE POLICY slow ON alembic_version USING (pg_sleep(1) IS NOT NULL);
                """);
        database.execute("ALTER DATABASE " + database.name() + " SET statement_timeout = '500ms'");
        BootReport report = configure().schema("made").run(migrating());
        assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.BEHIND);
        assertThat(report.permissions().findings()).isEmpty();
    }

    @Test
    void whoeverHasTheLockByThenIsWaitedFor() throws Exception {
        assumeThatGrantsTravelTogether();
        behindAGrant("", "WHILE NOT " + SOMEBODY_WAITS_FOR_THE_LOCK + " LOOP PERFORM pg_sleep(0.01); END LOOP;");
        CompletableFuture<BootReport> boot =
                CompletableFuture.supplyAsync(() -> configure().run(migrating()));
        try (Connection other = database.superuser().getConnection();
                Statement statement = other.createStatement()) {
            takeTheLockBehindTheBoot(statement);
            Conditions.await("it waits", () -> boot.isDone() || itPolls());
            assertThat(boot).isNotDone();
        }
        assertRepaired(boot.get(60, TimeUnit.SECONDS));
        assertNothingIsHeld();
    }

    @Test
    void whoIsToldToStopWhileItWaitsSaysThatItHasNotRepaired() throws Exception {
        assumeThatGrantsTravelTogether();
        behindAGrant("", "WHILE NOT " + SOMEBODY_WAITS_FOR_THE_LOCK + " LOOP PERFORM pg_sleep(0.01); END LOOP;");
        CompletableFuture<BootReport> report = new CompletableFuture<>();
        Thread boot = new Thread(() -> report.complete(configure().run(migrating())));
        boot.start();
        try (Connection other = database.superuser().getConnection();
                Statement statement = other.createStatement()) {
            takeTheLockBehindTheBoot(statement);
            Conditions.await("it waits", () -> report.isDone() || itPolls());
            boot.interrupt();
            BootReport told = report.get(60, TimeUnit.SECONDS);
            assertThat(told.scenario()).as("%s", told).isEqualTo(Scenario.BEHIND);
            assertThat(told.permissions().repaired()).isNotEmpty();
            assertThat(told.permissions().findings()).singleElement().asString().contains("permissions not repaired");
        }
        assertThat(mayRead("shop.a")).isTrue();
        assertThat(mayRead("shop.once")).isFalse();
        assertNothingIsHeld();
    }

    /** Asked of what only a superuser may revoke, so that the answer comes behind the grants. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_advisory_unlock(bigint) FROM PUBLIC;",
                "REVOKE SELECT ON pg_catalog.pg_prepared_statements FROM PUBLIC;",
                "PERFORM pg_advisory_unlock_all();"
            })
    void aSessionThatCanNotBeGivenBackAsItCameIsNotGivenBack(String spoils) throws SQLException {
        behindAGrant("SECURITY DEFINER", "ALTER TABLE shop.once OWNER TO " + ROLE + "; " + spoils);
        try (HikariDataSource pool = pool()) {
            int process = process(pool);
            BootReport report = configure().run(pool);
            assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.BEHIND);
            assertThat(report.permissions().findings()).isEmpty();
            assertThat(mayRead("shop.a")).isTrue();
            assertThat(process(pool)).isNotEqualTo(process);
        }
        assertNothingIsHeld();
    }

    /** The last answers are to what gives the session back; all that a boot does is done before. */
    @Test
    void aLineThatBreaksWhileItLeavesTakesNothingAway() {
        int answers;
        try (CutProxy proxy = CutProxy.before(database.server(), Cut.NONE)) {
            assertThat(configure().run(proxy.superuser(database)).scenario()).isEqualTo(Scenario.BEHIND);
            answers = proxy.messages(Direction.TO_CLIENT);
        }
        for (int fromTheEnd : new int[] {0, 3, 9}) {
            drop();
            prepare();
            Cut cut = new Cut(Direction.TO_CLIENT, answers - fromTheEnd, Place.BEFORE, Way.CLOSE);
            try (CutProxy proxy = CutProxy.before(database.server(), cut)) {
                BootReport report = configure().run(proxy.superuser(database));
                assertThat(proxy.hasCut()).isTrue();
                assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.BEHIND);
                assertThat(report.permissions().findings()).isEmpty();
                assertThat(mayRead("shop.a")).isTrue();
            }
            assertNothingIsHeld();
        }
    }

    // -------------------------------------------------------------------------------------------------------- support

    private void behindAGrant(String as, String once) {
        database.execute(BEHIND_A_GRANT.formatted(as, once));
    }

    private void assertRepaired(BootReport report) {
        assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.BEHIND);
        assertThat(report.permissions().findings()).isEmpty();
        assertThat(mayRead("shop.a")).isTrue();
        assertThat(mayRead("shop.once")).isTrue();
        assertThat(database.query("SELECT DISTINCT what FROM shop.trace")).containsExactly("held 1");
    }

    /** The boot is in the midst of its grants, and goes on as soon as somebody waits. */
    private void takeTheLockBehindTheBoot(Statement statement) throws SQLException {
        Conditions.await("the boot has it", () -> !holders().isEmpty());
        statement.execute("SELECT pg_advisory_lock(" + AutoMigrator.LOCK_KEY + ")");
    }

    /** Idle behind the message with which it asked for the lock alone. */
    private boolean itPolls() {
        return !database.query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle'"
                        + " AND query LIKE 'SELECT pg_catalog.pg_try_advisory_lock(%'")
                .isEmpty();
    }

    private MigratorBuilder configure() {
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .applicationRole(ROLE)
                .schema("shop")
                .connectWithin(Duration.ofMinutes(1))
                .whenUnversioned(WhenUnversioned.upgradeFromBase());
    }

    private org.postgresql.ds.PGSimpleDataSource migrating() {
        return MigratingRole.OWNER.of(database);
    }

    private HikariDataSource pool() {
        HikariDataSource pool = new HikariDataSource();
        pool.setDataSource(migrating());
        pool.setMaximumPoolSize(1);
        return pool;
    }

    private static int process(HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            return connection.unwrap(PGConnection.class).getBackendPID();
        }
    }

    private boolean mayRead(String table) {
        return database.query("SELECT has_table_privilege('" + ROLE + "', '" + table + "', 'SELECT')")
                .contains("t");
    }

    private void assertNothingIsHeld() {
        Conditions.await("nothing is held", () -> holders().isEmpty());
    }

    private List<String> holders() {
        return database.query("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database ="
                + " (SELECT oid FROM pg_database WHERE datname = '" + database.name() + "')");
    }

    private void assumeThatGrantsTravelTogether() {
        int version = Integer.parseInt(database.query("SHOW server_version_num").get(0)) / 10_000;
        assumeTrue(version >= 18, "before 18 each GRANT travels alone, and the lock is given back behind all that");
    }
}
