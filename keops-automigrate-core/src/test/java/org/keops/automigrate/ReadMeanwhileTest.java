package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptSource;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.FakePeer;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;
import org.postgresql.ds.PGSimpleDataSource;

/** The scripts are read while the database is asked; what is wrong with them is thrown all the same, and nothing is left behind. */
class ReadMeanwhileTest {
    private static final String LOCK = "pg_try_advisory_lock";
    private static final String CATALOG = "pg_is_in_recovery";

    @TempDir
    Path directory;

    /** What other tests may have left behind. */
    private final Set<Thread> others = Thread.getAllStackTraces().keySet();

    @Test
    void unsoundScriptsAreThrownAndTheConnectionComesBack() throws SQLException {
        new Scripts(directory).add("b2", "nowhere", "SELECT 1;");
        try (TestDatabase database = PostgresServer.shared().database();
                HikariDataSource pool = poolOfOne(database)) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> builder().run(pool)).isInstanceOf(UnsoundScriptsException.class);
                try (Connection connection = pool.getConnection()) {
                    assertThat(connection.getAutoCommit()).isTrue();
                    assertThat(connection.getNetworkTimeout()).isZero();
                }
            }
            assertThat(database.query("SELECT count(*) FROM pg_class WHERE relname = 'alembic_version'"))
                    .containsExactly("0");
        }
    }

    @Test
    void aDataSourceThatDoesNotAnswerHoldsNobodyUp() throws Exception {
        new Scripts(directory).add("b2", "nowhere", "SELECT 1;");
        try (TestDatabase database = PostgresServer.shared().database()) {
            Late dataSource = new Late(database.superuser());
            assertThatThrownBy(() -> builder().run(dataSource)).isInstanceOf(UnsoundScriptsException.class);
            dataSource.go.countDown();
            Conditions.await("the late connection is closed", () -> dataSource.isClosed());
        }
    }

    /** The connection is asked for before much else is done, but not before the options are looked at. */
    @Test
    void aMistakeInAnOptionAsksForNoConnection() throws Exception {
        new Scripts(directory).add("a1", "", "SELECT 1;");
        try (TestDatabase database = PostgresServer.shared().database()) {
            Late dataSource = new Late(database.superuser());
            dataSource.go.countDown();
            Set<Thread> before = Thread.getAllStackTraces().keySet();
            assertThatThrownBy(() -> builder().versionTable("").run(dataSource))
                    .isInstanceOf(UnsoundScriptsException.class)
                    .hasMessageContaining("option versionTable");
            for (Thread begun : Thread.getAllStackTraces().keySet()) {
                if (!before.contains(begun) && begun.getName().equals("keops-automigrate")) {
                    begun.join();
                }
            }
            assertThat(dataSource.given.get()).isNull();
        }
    }

    /** Which may want the pool's only connection for itself. */
    @Test
    void aSourceOfOnesOwnIsReadFirst() {
        new Scripts(directory).add("a1", "", "SELECT 1;");
        Path file = directory.resolve("a1.sql");
        try (TestDatabase database = PostgresServer.shared().database();
                HikariDataSource pool = poolOfOne(database)) {
            ScriptSource asking = new ScriptSource() {
                @Override
                public List<ScriptFile> list() throws IOException {
                    try (Connection connection = pool.getConnection()) {
                        assertThat(connection.isValid(10)).isTrue();
                    } catch (SQLException e) {
                        throw new IOException(e);
                    }
                    return List.of(new ScriptFile("a1.sql", () -> Files.newInputStream(file)));
                }

                @Override
                public String describe() {
                    return "the database";
                }
            };
            assertThat(AutoMigrator.configure()
                            .scripts(asking)
                            .leavePermissionsAlone()
                            .run(pool)
                            .scenario())
                    .isEqualTo(Scenario.UNVERSIONED);
        }
    }

    /** The message that takes the lock is held back until a pending script is opened for its second reading, the first of its text. */
    @Test
    void pendingScriptsAreReadWhileTheLockIsTaken() throws Exception {
        new Scripts(directory).add("a1", "", "CREATE TABLE one (id int);");
        CountDownLatch opened = new CountDownLatch(2);
        AtomicReference<@Nullable Boolean> early = new AtomicReference<>();
        try (TestDatabase database = PostgresServer.shared().database();
                FakePeer slow = FakePeer.that(client -> held(client, LOCK, opened, early, () -> {}))) {
            BootReport report = opening(opened).run(through(slow, database));
            assertThat(report.scenario()).isEqualTo(Scenario.BEHIND);
            assertThat(early.get()).isTrue();
            assertThat(readers()).isEmpty();
        }
    }

    @Test
    void whatWasReadIsDroppedWhereSomebodyElseHasDonePartOfIt() throws Exception {
        new Scripts(directory).add("a1", "", "SELECT nextval('drawn');").add("b2", "a1", "CREATE TABLE two (id int);");
        CountDownLatch opened = new CountDownLatch(4);
        AtomicReference<@Nullable Boolean> early = new AtomicReference<>();
        try (TestDatabase database = PostgresServer.shared().database();
                FakePeer slow = FakePeer.that(client -> held(
                        client,
                        LOCK,
                        opened,
                        early,
                        () -> database.execute(
                                "CREATE SEQUENCE drawn",
                                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL PRIMARY KEY)",
                                "INSERT INTO alembic_version VALUES ('a1')")))) {
            BootReport report = opening(opened).run(through(slow, database));
            assertThat(early.get()).isTrue();
            assertThat(report.outcome().acceptable()).as(report.toString()).isTrue();
            assertThat(report.steps()).hasSize(1);
            assertThat(database.query("SELECT version_num FROM alembic_version"))
                    .containsExactly("b2");
            // no rollback would take that back
            assertThat(database.query("SELECT is_called FROM drawn")).containsExactly("f");
        }
    }

    /** There seems to be no version table, but only the catalog tells: what it is asked is held back in the same way. */
    @Test
    void pendingScriptsAreReadWhileTheCatalogIsAsked() throws Exception {
        new Scripts(directory).add("a1", "", "CREATE TABLE one (id int);");
        CountDownLatch opened = new CountDownLatch(2);
        AtomicReference<@Nullable Boolean> early = new AtomicReference<>();
        try (TestDatabase database = PostgresServer.shared().database();
                FakePeer slow = FakePeer.that(client -> held(client, CATALOG, opened, early, () -> {}))) {
            BootReport report = opening(opened).run(through(slow, database));
            assertThat(report.scenario()).isEqualTo(Scenario.BEHIND);
            assertThat(early.get()).isTrue();
            assertThat(readers()).isEmpty();
        }
    }

    @Test
    void whatWasReadIsDroppedWhereTheCatalogKnowsOfAVersionTable() throws Exception {
        new Scripts(directory).add("a1", "", "CREATE TABLE one (id int);");
        CountDownLatch opened = new CountDownLatch(2);
        AtomicReference<@Nullable Boolean> early = new AtomicReference<>();
        try (TestDatabase database = PostgresServer.shared().database();
                FakePeer slow = FakePeer.that(client -> held(client, CATALOG, opened, early, () -> {}))) {
            database.execute("CREATE SCHEMA aside", "CREATE TABLE aside.alembic_version (version_num varchar(32))");
            BootReport report = opening(opened).run(through(slow, database));
            assertThat(early.get()).isTrue();
            assertThat(report.outcome()).isInstanceOf(Outcome.Inaccessible.class);
            assertThat(readers()).isEmpty();
            assertThat(database.query("SELECT count(*) FROM pg_class WHERE relname = 'one'"))
                    .containsExactly("0");
        }
    }

    /** Nothing is to be run, so whoever hangs in reading it holds nobody up. */
    @Test
    void aSourceThatHangsIsNotWaitedForWhereThereIsNothingToRun() throws Exception {
        new Scripts(directory).add("a1", "", "CREATE TABLE one (id int);");
        CountDownLatch release = new CountDownLatch(1);
        AtomicReference<@Nullable Boolean> early = new AtomicReference<>();
        CountDownLatch opened = new CountDownLatch(2);
        try (TestDatabase database = PostgresServer.shared().database();
                FakePeer slow = FakePeer.that(client -> held(client, CATALOG, opened, early, () -> {}))) {
            database.execute("CREATE SCHEMA aside", "CREATE TABLE aside.alembic_version (version_num varchar(32))");
            BootReport report =
                    opening(opened, release).deadline(Duration.ofMinutes(2)).run(through(slow, database));
            assertThat(report.outcome()).isInstanceOf(Outcome.Inaccessible.class);
            assertThat(readers()).hasSize(1);
            release.countDown();
            Conditions.await("it ends by itself", () -> readers().isEmpty());
        }
    }

    /** Where work is to be done the permissions are looked at when it is done, not before. */
    @Test
    void whoFindsTheWorkDoneUnderTheLockLooksAtThePermissionsAllTheSame() throws Exception {
        PostgresServer.shared().role("late_app", "app");
        new Scripts(directory).add("a1", "", "CREATE TABLE late.item (id int);");
        AtomicReference<@Nullable Boolean> early = new AtomicReference<>();
        try (TestDatabase database = PostgresServer.shared().database();
                FakePeer slow = FakePeer.that(client -> held(
                        client,
                        LOCK,
                        new CountDownLatch(0),
                        early,
                        () -> database.execute(
                                "CREATE TABLE late.item (id int)",
                                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL PRIMARY KEY)",
                                "INSERT INTO alembic_version VALUES ('a1')")))) {
            database.execute("CREATE SCHEMA late");
            BootReport report = AutoMigrator.configure()
                    .scripts(directory.toString())
                    .whenUnversioned(WhenUnversioned.upgradeFromBase())
                    .applicationRole("late_app")
                    .schema("late")
                    .run(through(slow, database));
            assertThat(early.get()).isTrue();
            assertThat(report.outcome()).isInstanceOf(Outcome.AtHead.class);
            assertThat(database.query("SELECT has_table_privilege('late_app', 'late.item', 'INSERT')"))
                    .containsExactly("t");
        }
    }

    private static PGSimpleDataSource through(FakePeer peer, TestDatabase database) {
        PGSimpleDataSource dataSource = database.superuser();
        dataSource.setServerNames(new String[] {"127.0.0.1"});
        dataSource.setPortNumbers(new int[] {peer.port()});
        return dataSource;
    }

    /** Somebody else has the lock, so that nothing is to be read; the boot waits for no more than the script that was begun. */
    @Test
    void whoDoesNotGetTheLockLeavesNobodyWhoReads() throws Exception {
        Scripts scripts = new Scripts(directory);
        for (int i = 1; i < 50; i++) {
            scripts.add("a" + i, i == 1 ? "" : "a" + (i - 1), "CREATE TABLE t" + i + " (id int);");
        }
        try (TestDatabase database = PostgresServer.shared().database();
                Connection holder = database.superuser().getConnection();
                Statement statement = holder.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + AutoMigrator.LOCK_KEY + ")");
            BootReport report =
                    opening(new CountDownLatch(0)).waitForLock(Duration.ZERO).run(database.superuser());
            assertThat(report.outcome()).isInstanceOf(Outcome.LockNotObtained.class);
            assertThat(readers()).isEmpty();
        }
    }

    private List<Thread> readers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("keops-automigrate-reader") && !others.contains(thread))
                .toList();
    }

    private MigratorBuilder opening(CountDownLatch opened) {
        return opening(opened, new CountDownLatch(0));
    }

    /** Each opening is counted; the last of those that are counted waits. */
    private MigratorBuilder opening(CountDownLatch opened, CountDownLatch release) {
        ScriptSource counting = new ScriptSource() {
            @Override
            public List<ScriptFile> list() throws IOException {
                try (Stream<Path> files = Files.list(directory)) {
                    return files.map(file -> new ScriptFile(file.getFileName().toString(), () -> {
                                opened.countDown();
                                if (opened.getCount() == 0) {
                                    awaitRelease(release);
                                }
                                return Files.newInputStream(file);
                            }))
                            .toList();
                }
            }

            @Override
            public String describe() {
                return "counted";
            }
        };
        return AutoMigrator.configure()
                .scripts(counting)
                .whenUnversioned(WhenUnversioned.upgradeFromBase())
                .leavePermissionsAlone();
    }

    private static void awaitRelease(CountDownLatch release) throws IOException {
        try {
            release.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /** Passes everything on; a message with a certain text only when the scripts are opened, or after a long time, and something is done. */
    private static void held(
            Socket client,
            String message,
            CountDownLatch opened,
            AtomicReference<@Nullable Boolean> early,
            Runnable meanwhile)
            throws IOException {
        PostgresServer server = PostgresServer.shared();
        try (Socket target = new Socket(server.host(), server.port())) {
            Thread back = new Thread(() -> {
                try {
                    target.getInputStream().transferTo(client.getOutputStream());
                    client.shutdownOutput();
                } catch (IOException e) {
                    return; // the boot is over
                }
            });
            back.setDaemon(true);
            back.start();
            StringBuilder said = new StringBuilder();
            byte[] buffer = new byte[1 << 16];
            for (int count = client.getInputStream().read(buffer);
                    count >= 0;
                    count = client.getInputStream().read(buffer)) {
                said.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
                if (early.get() == null && said.indexOf(message) >= 0) {
                    early.set(opened.await(60, TimeUnit.SECONDS));
                    meanwhile.run();
                }
                target.getOutputStream().write(buffer, 0, count);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private MigratorBuilder builder() {
        return AutoMigrator.configure().scripts(directory.toString()).leavePermissionsAlone();
    }

    private static HikariDataSource poolOfOne(TestDatabase database) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(database.superuser());
        config.setMaximumPoolSize(1);
        return new HikariDataSource(config);
    }

    /** Gives a connection when it is told to. */
    @SuppressWarnings("serial")
    private static final class Late extends PGSimpleDataSource {
        private final transient PGSimpleDataSource where;
        private final transient CountDownLatch go = new CountDownLatch(1);
        private final transient AtomicReference<@Nullable Connection> given = new AtomicReference<>();

        Late(PGSimpleDataSource where) {
            this.where = where;
        }

        @Override
        public Connection getConnection() throws SQLException {
            awaitWhateverComes();
            Connection connection = where.getConnection();
            given.set(connection);
            return connection;
        }

        /** As a driver that can not be interrupted. */
        private void awaitWhateverComes() {
            boolean told = false;
            while (!told) {
                try {
                    go.await();
                    told = true;
                } catch (InterruptedException e) {
                    told = false;
                }
            }
        }

        boolean isClosed() {
            try {
                Connection connection = given.get();
                return connection != null && connection.isClosed();
            } catch (SQLException e) {
                return false;
            }
        }
    }
}
