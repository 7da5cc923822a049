package org.keops.automigrate.permissions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keops.automigrate.model.PermissionPolicy.keops;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.Alone;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.automigrate.testing.Waits;

/** Repairs beside each other, and beside DDL that knows nothing of our lock. */
class ConcurrentRepairTest {
    private static final int INSTANCES = 12;
    private static final int TABLES = 20;

    @TempDir
    Path directory;

    private TestDatabase database;
    private Migrator migrator;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @BeforeAll
    static void roles() {
        Roles.make("concurrent_app", "concurrent_owner", "concurrent_migrator");
        Roles.grant("concurrent_owner", "concurrent_migrator");
        Roles.grant("concurrent_app", "concurrent_migrator");
    }

    @BeforeEach
    void prepare() {
        database = PostgresServer.shared().database();
        database.execute(
                "ALTER DATABASE " + database.name() + " OWNER TO concurrent_owner",
                "CREATE SCHEMA s AUTHORIZATION concurrent_owner",
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)",
                "INSERT INTO alembic_version VALUES ('a')",
                "GRANT SELECT ON alembic_version TO concurrent_migrator",
                "SET ROLE concurrent_owner",
                "DO $$ BEGIN FOR i IN 1.." + TABLES
                        + " LOOP EXECUTE format('CREATE TABLE s.t%s (id serial, a int)', i); END LOOP; END $$");
        new Scripts(directory).add("a", "", "SELECT 1;");
        migrator = AutoMigrator.configure()
                .scripts(directory.toString())
                .permissions(keops("concurrent_app", "s"))
                .build();
    }

    @AfterEach
    void drop() throws InterruptedException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(120, TimeUnit.SECONDS)).isTrue();
        database.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Alone
    void twelveInstancesBesideOthersDdl(boolean superuser) throws Exception {
        DataSource dataSource = superuser ? database.superuser() : database.as("concurrent_migrator", Roles.PASSWORD);
        ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();
        AtomicBoolean done = new AtomicBoolean();
        List<Future<?>> others = new ArrayList<>();
        for (String statement : List.of(
                "TRUNCATE s.t%d RESTART IDENTITY",
                "ALTER TABLE s.t%d ADD COLUMN IF NOT EXISTS b int",
                "ALTER TABLE s.t%d DROP COLUMN IF EXISTS b",
                "ALTER SEQUENCE s.t%d_id_seq INCREMENT 1",
                "VACUUM s.t%d",
                "CREATE TRIGGER x BEFORE UPDATE ON s.t%1$d FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();"
                        + " DROP TRIGGER x ON s.t%1$d",
                "DROP TABLE IF EXISTS s.new%1$d; CREATE TABLE s.new%1$d (id serial);"
                        + " ALTER TABLE s.new%1$d OWNER TO concurrent_owner")) {
            others.add(threads.submit(() -> disturb(statement, done, errors)));
        }
        for (int round = 0; round < 2; round++) {
            revokeSomething();
            for (BootReport report : bootTogether(dataSource)) {
                assertThat(report.scenario()).isEqualTo(Scenario.AT_HEAD);
                assertThat(report.permissions().findings()).isEmpty();
            }
        }
        done.set(true);
        for (Future<?> other : others) {
            other.get(120, TimeUnit.SECONDS);
        }
        assertThat(errors).isEmpty();
        assertThat(migrator.run(dataSource).permissions().findings()).isEmpty();
        assertThat(migrator.verify(database.superuser()).unusable()).isEmpty();
    }

    /** What a TRUNCATE in an open transaction does: the repair comes back until it is over, and then succeeds. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @Waits
    void aTableThatSomebodyIsChangingIsRepairedAfterwards(boolean superuser) throws Exception {
        DataSource dataSource = superuser ? database.superuser() : database.as("concurrent_migrator", Roles.PASSWORD);
        CompletableFuture<BootReport> boot;
        try (Connection other = database.superuser().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("ALTER TABLE s.t7 ADD COLUMN c int");
            boot = CompletableFuture.supplyAsync(() -> migrator.run(dataSource), threads);
            Conditions.await(
                    "the repair met the other",
                    () -> database.query(
                                    "SELECT xact_rollback > 0 FROM pg_stat_database WHERE datname = current_database()")
                            .equals(List.of("t")));
            assertThat(boot).isNotDone();
            other.commit();
        }
        BootReport report = boot.get(120, TimeUnit.SECONDS);
        assertThat(report.permissions().findings()).isEmpty();
        assertThat(report.permissions().repaired()).isNotEmpty();
    }

    /**
     * It may take hours; it writes its catalog row in place, and a GRANT goes on beside it. Whatever else was locked as a
     * SELECT locks would make an ALTER SEQUENCE fail that comes meanwhile.
     */
    @Test
    @Waits
    void anIndexThatSomebodyIsMakingIsNotWaitedForAndAllElseIsLocked() throws SQLException {
        database.execute(
                "SET ROLE concurrent_owner",
                "CREATE VIEW s.v7 AS SELECT * FROM s.t7",
                "CREATE VIEW s.w7 AS SELECT * FROM s.v7",
                "RESET ROLE",
                "CREATE TABLE held (relation regclass, mode text)",
                "CREATE FUNCTION hold() RETURNS event_trigger SECURITY DEFINER LANGUAGE plpgsql AS $$ BEGIN"
                        + " INSERT INTO held SELECT l.relation, mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
                        + " WHERE pid = pg_backend_pid() AND relname ~ '^t[0-9]+(_id_seq)?$'; END $$",
                "CREATE EVENT TRIGGER hold ON ddl_command_end WHEN tag IN ('GRANT') EXECUTE FUNCTION hold()");
        try (Connection other = database.superuser().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("CREATE INDEX ON s.t7 (a)");
            BootReport report = migrator.run(database.as("concurrent_migrator", Roles.PASSWORD));
            assertThat(report.permissions().findings()).isEmpty();
            assertThat(report.permissions().repaired()).isNotEmpty();
            other.commit();
        }
        assertThat(database.query("SELECT count(*) FROM pg_index WHERE indrelid = 's.t7'::regclass"))
                .containsExactly("1");
        assertThat(database.query("SELECT DISTINCT relation FROM held WHERE mode = 'RowExclusiveLock'"))
                .hasSize(2 * TABLES - 1)
                .doesNotContain("s.t7");
    }

    /** Whoever asks for a lock behind it queues, as the repair does, and that may take as long as somebody writes. */
    @Test
    @Waits
    void anIndexThatSomebodyIsToMakeBehindAWriterIsNotWaitedFor() throws Exception {
        Future<?> index;
        try (Connection writer = database.superuser().getConnection();
                Statement statement = writer.createStatement()) {
            writer.setAutoCommit(false);
            statement.execute("INSERT INTO s.t7 (a) VALUES (1)");
            index = threads.submit(() -> database.execute("CREATE INDEX ON s.t7 (a)"));
            Conditions.await(
                    "it waits",
                    () -> database.query("SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'ShareLock'"
                                    + " AND relation = 's.t7'::regclass")
                            .equals(List.of("1")));
            BootReport report = migrator.run(database.as("concurrent_migrator", Roles.PASSWORD));
            assertThat(report.permissions().findings()).isEmpty();
            assertThat(report.permissions().repaired()).isNotEmpty();
            assertThat(index).isNotDone();
            writer.commit();
        }
        index.get(120, TimeUnit.SECONDS);
    }

    private List<BootReport> bootTogether(DataSource dataSource) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        List<Future<BootReport>> boots = new ArrayList<>();
        for (int i = 0; i < INSTANCES; i++) {
            boots.add(threads.submit(() -> {
                start.await();
                return migrator.run(dataSource);
            }));
        }
        start.countDown();
        List<BootReport> reports = new ArrayList<>();
        for (Future<BootReport> boot : boots) {
            reports.add(boot.get(120, TimeUnit.SECONDS));
        }
        return reports;
    }

    /** A REVOKE without a lock that keeps DDL out would make the others fail, and lose to them: not what is tested here. */
    private void revokeSomething() {
        Conditions.await("something is revoked", () -> {
            try {
                database.execute("DO $$ BEGIN LOCK TABLE s.t1, s.t2, s.t3 IN ROW EXCLUSIVE MODE;"
                        + " REVOKE ALL ON s.t1, s.t2, s.t3 FROM concurrent_app; END $$");
                return true;
            } catch (IllegalStateException e) {
                return false;
            }
        });
    }

    /** DDL without a pause, each session on its own way through the tables. */
    private void disturb(String template, AtomicBoolean done, ConcurrentLinkedQueue<String> errors) {
        try (Connection connection = database.superuser().getConnection();
                Statement statement = connection.createStatement()) {
            for (int i = 0; !done.get(); i++) {
                String sql = template.formatted(1 + i % TABLES);
                try {
                    statement.execute(sql);
                } catch (SQLException e) {
                    errors.add(sql + ": " + e.getMessage());
                }
            }
        } catch (SQLException e) {
            errors.add(String.valueOf(e.getMessage()));
        }
    }
}
