package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;
import org.postgresql.ds.PGSimpleDataSource;

/** Patience with a database that is not there: none by default, a budget on request, none at all for a wrong password. */
class WaitingTest {
    @TempDir
    Path directory;

    private TestDatabase database;

    @BeforeEach
    void prepare() {
        new Scripts(directory).add("a", "", "SELECT 1;");
        database = PostgresServer.shared().database();
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void byDefaultThereIsOneAttempt() {
        LateDataSource late = new LateDataSource(Integer.MAX_VALUE);
        assertThat(configure().run(late).scenario()).isEqualTo(Scenario.OFFLINE);
        assertThat(late.attempts).hasValue(1);
    }

    @Test
    void withABudgetTheDatabaseMayComeLate() {
        LateDataSource late = new LateDataSource(2);
        BootReport report = configure().waitForDatabase(Duration.ofSeconds(30)).run(late);
        assertThat(report.scenario()).isEqualTo(Scenario.UNVERSIONED);
        assertThat(late.attempts).hasValue(3);
    }

    @Test
    void theBudgetEnds() {
        LateDataSource late = new LateDataSource(Integer.MAX_VALUE);
        BootReport report = configure().waitForDatabase(Duration.ofSeconds(2)).run(late);
        assertThat(report.scenario()).isEqualTo(Scenario.OFFLINE);
        assertThat(report.duration()).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(20));
        assertThat(late.attempts.get()).isBetween(2, 10);
    }

    @Test
    void rejectedCredentialsAreNotTriedAgain() {
        LateDataSource late = new LateDataSource(0);
        late.real.setPassword("wrong");
        BootReport report = configure().waitForDatabase(Duration.ofMinutes(1)).run(late);
        assertThat(report.scenario()).isEqualTo(Scenario.CREDENTIALS_REJECTED);
        assertThat(late.attempts).hasValue(1);
    }

    @Test
    void whatWillNotPassIsNotWaitedFor() {
        LateDataSource late = new LateDataSource(0);
        late.real.setDatabaseName("no_such_database");
        BootReport report = configure().waitForDatabase(Duration.ofMinutes(1)).run(late);
        assertThat(report.scenario()).isEqualTo(Scenario.INACCESSIBLE);
        assertThat(late.attempts).hasValue(1);
    }

    @Test
    void anInterruptEndsTheWaiting() throws Exception {
        LateDataSource late = new LateDataSource(Integer.MAX_VALUE);
        BootReport[] report = new BootReport[1];
        Thread boot = new Thread(() ->
                report[0] = configure().waitForDatabase(Duration.ofMinutes(5)).run(late));
        boot.start();
        Conditions.await("the first attempt was made", () -> late.attempts.get() > 0);
        boot.interrupt();
        boot.join(Duration.ofSeconds(20).toMillis());
        assertThat(report[0].scenario()).isEqualTo(Scenario.INTERRUPTED);
        assertThat(report[0].outcome().describe()).contains("nothing attempted");
    }

    private MigratorBuilder configure() {
        return AutoMigrator.configure().scripts(directory.toString()).leavePermissionsAlone();
    }

    /** A real data source that leads nowhere for its first calls. */
    private final class LateDataSource implements DataSource {
        private final AtomicInteger attempts = new AtomicInteger();
        private final int failures;
        private final PGSimpleDataSource real = database.superuser();
        private final PGSimpleDataSource nowhere = database.superuser();

        LateDataSource(int failures) {
            this.failures = failures;
            nowhere.setPortNumbers(new int[] {1});
        }

        @Override
        public Connection getConnection() throws SQLException {
            return (attempts.incrementAndGet() > failures ? real : nowhere).getConnection();
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            return getConnection();
        }

        @Override
        public PrintWriter getLogWriter() throws SQLException {
            return real.getLogWriter();
        }

        @Override
        public void setLogWriter(PrintWriter out) throws SQLException {
            real.setLogWriter(out);
        }

        @Override
        public void setLoginTimeout(int seconds) throws SQLException {
            real.setLoginTimeout(seconds);
        }

        @Override
        public int getLoginTimeout() throws SQLException {
            return real.getLoginTimeout();
        }

        @Override
        public Logger getParentLogger() {
            return Logger.getGlobal();
        }

        @Override
        public <T> T unwrap(Class<T> type) throws SQLException {
            throw new SQLException("not a wrapper for " + type);
        }

        @Override
        public boolean isWrapperFor(Class<?> type) {
            return false;
        }
    }
}
