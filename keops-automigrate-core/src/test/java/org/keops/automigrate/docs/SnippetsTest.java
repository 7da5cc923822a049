package org.keops.automigrate.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.keops.automigrate.model.WhenUnversioned.stamp;
import static org.keops.automigrate.model.WhenUnversioned.upgradeFromBase;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.BackgroundRun;
import org.keops.automigrate.Migration;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.model.WhenAhead;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Java of README and guide, compiled and run; {@link DocumentationTest} sees to it that it is the same text. */
class SnippetsTest {
    private static final Logger log = LoggerFactory.getLogger(SnippetsTest.class);

    private final List<String> alerts = new CopyOnWriteArrayList<>();
    private TestDatabase database;
    private PGSimpleDataSource dataSource;

    @BeforeEach
    void prepare() {
        PostgresServer.shared().role("orders_app", "orders");
        database = PostgresServer.shared().database();
        database.execute("CREATE SCHEMA orders");
        dataSource = database.superuser();
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void theFirstScreen() {
        // KEOPS's scripts are not on this class path, so the first line of README meets a mistake of the program
        assertThatThrownBy(() -> {
                    // spotless:off
                    BootReport report = AutoMigrator.run(dataSource);
                    log.info("{}", report);
                    // spotless:on
                })
                .isInstanceOf(UnsoundScriptsException.class)
                .hasMessageContaining("classpath:alembic/versions");
    }

    @Test
    void forAnyService() {
        // spotless:off
        BootReport report = AutoMigrator.configure()
                .scripts("classpath:db/revisions")
                .applicationRole("orders_app")
                .schema("orders")
                .whenUnversioned(upgradeFromBase())
                .run(dataSource);
        // spotless:on
        assertThat(report.scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(TestDatabase.query(database.as("orders_app", "orders"), "SELECT count(*) FROM orders.bill"))
                .containsExactly("0");
    }

    @Test
    void inAUnitTest() {
        // spotless:off
        AutoMigrator.configure().scripts("classpath:db/revisions").build().check();
        // spotless:on
    }

    @Test
    void options() {
        // spotless:off
        Migrator migrator = AutoMigrator.configure()
                .scripts("classpath:db/revisions")
                .applicationRole("orders_app")
                .schema("orders")
                .whenUnversioned(stamp("39f0aae0582b"))
                .whenAhead(WhenAhead.REFUSE)
                .waitForDatabase(Duration.ofSeconds(50))
                .waitForLock(Duration.ofMinutes(5))
                .build();
        // spotless:on
        database.execute("CREATE TABLE orders.bill (id int)");
        // spotless:off
        BootReport report = migrator.run(dataSource);
        if (report.outcome() instanceof Outcome.Failed failed) {
            alert(failed.failure().toString());
        }
        // spotless:on
        assertThat(report.scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(alerts).isEmpty();
    }

    @Test
    @SuppressWarnings("FutureReturnValueIgnored") // as an application would write it
    void inTheBackground() throws Exception {
        Migrator migrator =
                AutoMigrator.configure().scripts("classpath:db/revisions").build();
        // spotless:off
        BackgroundRun migration = migrator.runInBackground(dataSource);
        migration.report().thenAccept(report -> ready(report.outcome().acceptable()));
        Runtime.getRuntime().addShutdownHook(new Thread(migration::close));
        // spotless:on
        migration.report().get(120, TimeUnit.SECONDS);
        Conditions.await("it is told", () -> alerts.contains("ready true"));
    }

    @Test
    void byHand() {
        Migrator migrator =
                AutoMigrator.configure().scripts("classpath:db/revisions").build();
        // spotless:off
        migrator.upgrade(dataSource, "head");
        migrator.downgrade(dataSource, "-1");
        migrator.stamp(dataSource, "head");
        // spotless:on
        assertThat(migrator.current(dataSource).atHeads()).isTrue();
    }

    private void ready(boolean ready) {
        alerts.add("ready " + ready);
    }

    @Test
    void whatSqlCannotDo() {
        database.execute("CREATE SCHEMA keopsdb", "CREATE TABLE keopsdb.users (id int, password text)");
        database.execute("INSERT INTO keopsdb.users VALUES (-1, 'root')", "CREATE TABLE orders.bill (id int)");
        Map<String, String> environment = Map.of("KEOPS_ROOT_PASSWORD", "secret");
        // spotless:off
        Migrator migrator = AutoMigrator.configure()
                .scripts("classpath:db/revisions")
                .migrations(new RootAccount(environment.get("KEOPS_ROOT_PASSWORD")))
                .build();
        // spotless:on
        migrator.stamp(dataSource, "39f0aae0582b").orElseThrow();
        migrator.upgrade(dataSource, "head").orElseThrow();
        assertThat(database.query("SELECT password FROM keopsdb.users")).containsExactly("a hash of secret");
    }

    private static String bcrypt(String password) {
        return "a hash of " + password;
    }

    // spotless:off
    static final class RootAccount implements Migration {
        private final String password;

        RootAccount(String password) {
            this.password = password;
        }

        @Override
        public String revision() {
            return "9c1a5e7d2f40";
        }

        @Override
        public List<String> revises() {
            return List.of("9e93ad2ab9f9");
        }

        @Override
        public void upgrade(Connection connection) throws SQLException {
            String sql = "UPDATE keopsdb.users SET password = ? WHERE id = -1";
            try (PreparedStatement update = connection.prepareStatement(sql)) {
                update.setString(1, bcrypt(password));
                update.executeUpdate();
            }
        }

        @Override
        public void downgrade(Connection connection) {
            // nobody wants the old password back
        }
    }
    // spotless:on

    private void alert(String what) {
        alerts.add(what);
    }
}
