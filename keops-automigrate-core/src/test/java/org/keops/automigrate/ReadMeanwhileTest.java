package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptSource;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;
import org.postgresql.ds.PGSimpleDataSource;

/** The scripts are read while the database is asked; what is wrong with them is thrown all the same, and nothing is left behind. */
class ReadMeanwhileTest {
    @TempDir
    Path directory;

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
