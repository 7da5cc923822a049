package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.InterruptibleBoot;
import org.keops.automigrate.testing.OwnServer;
import org.keops.automigrate.testing.OwnServer.Cluster;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.Style;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.automigrate.testing.UnixSockets;

/** A connection through a socket in the file system: no address, no keepalives, no timeout of the driver's. */
class UnixSocketTest {
    private static final String SETTINGS =
            "SELECT name || '=' || setting || ' ' || source FROM pg_settings WHERE context IN ('user', 'superuser') ORDER BY 1";

    @TempDir
    static Path directory;

    private static OwnServer server;

    @BeforeAll
    static void start() {
        server = Cluster.create(directory.resolve("cluster"), "local all all trust\n")
                .start("unix_socket_directories=" + directory)
                .awaitReady();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void anUpgradeRunsAndTheConnectionGoesBackAsItCame() throws Exception {
        try (TestDatabase database = server.asServer().database();
                HikariDataSource pool = pool(database)) {
            List<String> before = TestDatabase.query(pool, SETTINGS);
            List<String> pid = TestDatabase.query(pool, "SELECT pg_backend_pid()");
            assertThat(TestDatabase.query(pool, "SELECT inet_server_addr()").get(0))
                    .isNull();
            Path scripts = scripts("upgrade", "CREATE TABLE t (i int);\nCOPY t FROM stdin;\n1\n2\n\\.\n");
            assertThat(configure(scripts).run(pool).scenario()).isEqualTo(Scenario.BEHIND);
            assertThat(configure(scripts).run(pool).scenario()).isEqualTo(Scenario.AT_HEAD);
            assertThat(database.query("SELECT i FROM t")).containsExactly("1", "2");
            assertThat(TestDatabase.query(pool, SETTINGS)).isEqualTo(before);
            assertThat(TestDatabase.query(pool, "SELECT pg_backend_pid()")).isEqualTo(pid);
        }
    }

    @Test
    void theDeadlineHolds() throws Exception {
        try (TestDatabase database = server.asServer().database()) {
            Path scripts = scripts("deadline", "CREATE TABLE t (i int);\nSELECT pg_sleep(600);");
            BootReport report =
                    configure(scripts).deadline(Duration.ofSeconds(2)).run(through(database));
            assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.FAILED);
            assertThat(report.toString()).contains("deadline of 2 s is over");
            Conditions.await(
                    "nobody is left",
                    () -> database.query("SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                                    + " AND pid <> pg_backend_pid()")
                            .isEmpty());
            assertThat(database.query("SELECT to_regclass('t')").get(0)).isNull();
        }
    }

    @Test
    void whoHasTheLockIsNamedWithoutAnAddress() throws Exception {
        try (TestDatabase database = server.asServer().database();
                var holder = through(database).getConnection();
                var statement = holder.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + AutoMigrator.LOCK_KEY + ")");
            BootReport report = configure(scripts("lock", "SELECT 1;"))
                    .waitForLock(Duration.ZERO)
                    .run(through(database));
            assertThat(report.scenario()).isEqualTo(Scenario.LOCKED);
            assertThat(report.toString()).contains("held by process").doesNotContain(" from ");
        }
    }

    /** The interrupt closes such a socket at once; the server would go on waiting if it were not told. */
    @Test
    void anInterruptOfARepeatedBootEndsTheWaitInTheServerToo() throws Exception {
        Path scripts = scripts("interrupt", "SELECT 1;");
        try (TestDatabase database = server.asServer().database();
                HikariDataSource pool = pool(database);
                Connection other = through(database).getConnection();
                Statement statement = other.createStatement()) {
            for (int i = 0; i < 3; i++) {
                configure(scripts).run(pool).orElseThrow();
            }
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE alembic_version");
            InterruptibleBoot boot = new InterruptibleBoot(configure(scripts), pool);
            Conditions.await("it waits", () -> !waiting(database).isEmpty());
            boot.thread().interrupt();
            BootReport report = boot.report();
            assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.INTERRUPTED);
            Conditions.await(
                    "the server knows",
                    Duration.ofSeconds(20),
                    () -> waiting(database).isEmpty());
        }
    }

    private static List<String> waiting(TestDatabase database) {
        return database.query("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                + " AND datname = current_database()");
    }

    private static HikariDataSource pool(TestDatabase database) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(through(database));
        config.setMaximumPoolSize(1);
        return new HikariDataSource(config);
    }

    private static DataSource through(TestDatabase database) {
        return Style.PLAIN.of("jdbc:postgresql://localhost/" + database.name() + "?user=postgres&socketFactory="
                + UnixSockets.class.getName() + "&socketFactoryArg=" + directory.resolve(".s.PGSQL." + server.port()));
    }

    private static Path scripts(String name, String body) throws IOException {
        return new Scripts(Files.createDirectory(directory.resolve(name)))
                .add("a", "", body)
                .directory();
    }

    private static MigratorBuilder configure(Path scripts) {
        return AutoMigrator.configure()
                .scripts(scripts.toString())
                .leavePermissionsAlone()
                .whenUnversioned(WhenUnversioned.upgradeFromBase());
    }
}
