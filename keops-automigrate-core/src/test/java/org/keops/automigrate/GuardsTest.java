package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.BootMain;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.OwnServer;
import org.keops.automigrate.testing.Wrapper;
import org.postgresql.ds.PGSimpleDataSource;

/** While we work the server notices when we are gone, and nothing else ends us; GivenBackTest sees it all put back. */
class GuardsTest extends OnADatabase {
    private static final String LOCKS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND database ="
            + " (SELECT oid FROM pg_database WHERE datname = current_database())";
    private static final String DUMP = "CREATE TABLE guard AS SELECT name || '=' || setting AS s FROM pg_settings;";

    @Test
    void theLockOfAKilledProcessIsFreeSoon() throws Exception {
        assumeTrue(
                Integer.parseInt(database.query("SHOW server_version_num").get(0)) >= 140000,
                "before 14 a server does not look after its client while it works");
        scripts.add("a", "", "SELECT pg_sleep(600);");
        Process boot = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        BootMain.class.getName(),
                        database.url(),
                        database.server().superuser(),
                        database.server().password(),
                        directory.toString())
                .inheritIO()
                .start();
        try {
            Conditions.await(
                    "it sleeps",
                    () -> !database.query("SELECT 1 FROM pg_stat_activity WHERE wait_event ="
                                    + " 'PgSleep' AND application_name = 'keops-automigrate'")
                            .isEmpty());
            assertThat(database.query(LOCKS)).hasSize(1);
        } finally {
            boot.destroyForcibly();
        }
        Conditions.await("the lock is free", () -> database.query(LOCKS).isEmpty());
    }

    /** The kernel of a frozen process goes on answering, so that only its idleness tells. */
    @Test
    @Tag("soak")
    void theSessionOfAFrozenProcessEnds() throws Exception {
        scripts.add("a", "", "CREATE TABLE a (); SELECT pg_sleep(5); CREATE TABLE b ();");
        Process boot = BootMain.start(database.superuser(), directory);
        try {
            Conditions.await(
                    "it sleeps",
                    () -> !database.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname ="
                                    + " current_database()")
                            .isEmpty());
            OwnServer.signal("STOP", boot.pid());
            assertThat(database.query(LOCKS)).hasSize(1);
            Conditions.await(
                    "the lock is free",
                    Duration.ofMinutes(3),
                    () -> database.query(LOCKS).isEmpty());
            assertThat(fromBase().run(database.superuser()).scenario()).isEqualTo(Scenario.BEHIND);
        } finally {
            OwnServer.signal("CONT", boot.pid());
        }
        String said = new String(boot.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(boot.waitFor()).as(said).isEqualTo(1);
        assertThat(said).contains("FAILED", "[25P03]");
    }

    /** A revision in Java may compute for long between two statements. */
    @Test
    void whileJavaComputesIdleIsNotFrozen() {
        scripts.add("a", "", "SELECT 1;").add("c", "b", DUMP);
        List<String> inJava = new ArrayList<>();
        BootReport report = fromBase().migrations(new LooksAtTheTimeout(inJava)).run(database.superuser());
        assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.BEHIND);
        assertThat(inJava).containsExactly("0");
        assertThat(database.query("SELECT s FROM guard")).contains("idle_in_transaction_session_timeout=30000");
    }

    @Test
    void whatIsMeantForRequestsDoesNotEndUsAndWhatIsStricterStays() {
        scripts.add("a", "", "SELECT pg_sleep(0.3);\n" + DUMP);
        PGSimpleDataSource dataSource = database.superuser();
        dataSource.setApplicationName("orders");
        dataSource.setOptions("-c statement_timeout=200 -c idle_in_transaction_session_timeout=200"
                + " -c tcp_keepalives_idle=7 -c tcp_user_timeout=60000");
        BootReport report = fromBase().run(dataSource);
        assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.BEHIND);
        assertThat(database.query("SELECT s FROM guard"))
                .contains(
                        "statement_timeout=0",
                        "idle_in_transaction_session_timeout=30000",
                        "tcp_keepalives_idle=7",
                        "tcp_keepalives_count=3",
                        "tcp_user_timeout=30000",
                        "lock_timeout=100",
                        "application_name=orders keops-automigrate");
    }

    /** A platform whose sockets can not tell, a pooler, another engine: the other guards are set, and the upgrade is made. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "client_connection_check_interval",
                "tcp_user_timeout",
                "tcp_keepalives_idle,tcp_keepalives_interval,tcp_keepalives_count,tcp_user_timeout",
                "statement_timeout",
                "application_name",
            })
    void whatTheServerRefusesIsLeftAndTheRestIsSet(String refused) {
        refuse(refused);
        scripts.add("a", "", "SELECT pg_sleep(0.3);\n" + DUMP);
        PGSimpleDataSource dataSource = database.superuser();
        dataSource.setApplicationName("orders");
        dataSource.setOptions("-c idle_in_transaction_session_timeout=200 -c tcp_keepalives_idle=7000"
                + " -c tcp_keepalives_interval=700 -c tcp_keepalives_count=70 -c tcp_user_timeout=600000"
                + " -c statement_timeout=60000");
        BootReport report = fromBase().run(dataSource);
        assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.BEHIND);
        List<String> expected = new ArrayList<>(List.of(
                "statement_timeout=0",
                "idle_in_transaction_session_timeout=30000",
                "tcp_keepalives_idle=10",
                "tcp_keepalives_interval=5",
                "tcp_keepalives_count=3",
                "tcp_user_timeout=30000",
                "application_name=orders keops-automigrate"));
        if (Integer.parseInt(database.query("SHOW server_version_num").get(0)) >= 140000) {
            expected.add("client_connection_check_interval=1000");
        }
        expected.removeIf(setting -> refused.contains(setting.substring(0, setting.indexOf('='))));
        assertThat(database.query("SELECT s FROM guard")).containsAll(expected);
    }

    /** Without it everybody would queue behind a statement that waits: rather no upgrade, and at once. */
    @Test
    void whereTheLockTimeoutIsRefusedNothingIsUpgraded() {
        refuse("lock_timeout");
        scripts.add("a", "", "CREATE TABLE done ();");
        BootReport report = fromBase().run(database.superuser());
        assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.FAILED);
        assertThat(report.toString())
                .contains("refuses to set lock_timeout", "of its own", "[22023]", "rolled back to <base>");
        assertThat(database.query("SELECT to_regclass('done')").get(0)).isNull();
    }

    @Test
    void norOutsideOfATransaction() {
        refuse("lock_timeout");
        scripts.add("a", "", "-- Transactional: no", "CREATE TABLE done ();\nVACUUM done;");
        BootReport report = fromBase().run(database.superuser());
        assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.FAILED);
        assertThat(report.toString()).contains("[22023]");
        assertThat(database.query("SELECT to_regclass('done')").get(0)).isNull();
    }

    @Test
    void unlessThereIsOneAlready() {
        refuse("lock_timeout");
        scripts.add("a", "", "CREATE TABLE done ();");
        PGSimpleDataSource dataSource = database.superuser();
        dataSource.setOptions("-c lock_timeout=200");
        BootReport report = fromBase().run(dataSource);
        assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.BEHIND);
    }

    /** The server itself says no, as it does where a platform does not offer a setting. */
    private void refuse(String settings) {
        database.execute(
                "ALTER FUNCTION pg_catalog.set_config(text, text, boolean) RENAME TO set_config_of_the_server",
                """
                CREATE FUNCTION pg_catalog.set_config(setting text, value text, is_local boolean) RETURNS text
                LANGUAGE plpgsql AS $$
                BEGIN
                  IF setting = ANY (string_to_array('%s', ',')) THEN
                    RAISE EXCEPTION 'invalid value for parameter "%%": %%', setting, value USING ERRCODE = '22023';
                  END IF;
                  RETURN pg_catalog.set_config_of_the_server(setting, value, is_local);
                END $$
                """.formatted(settings));
    }

    @Test
    void aBootAtHeadSetsNothing() {
        scripts.add("a", "", "SELECT 1;");
        fromBase().run(database.superuser());
        List<String> calls = new ArrayList<>();
        BootReport report = fromBase()
                .run(Wrapper.of(
                        database.superuser(),
                        connection -> Wrapper.of(connection, (method, arguments) -> {
                            if (method.equals("isWrapperFor")) {
                                // a question that goes by the driver itself would not be seen
                                throw new UnsupportedOperationException(method);
                            }
                            if (method.equals("prepareStatement") || method.equals("createStatement")) {
                                calls.add(method);
                            }
                        })));
        assertThat(report.scenario()).isEqualTo(Scenario.AT_HEAD);
        assertThat(calls).hasSize(1);
    }

    private record LooksAtTheTimeout(List<String> seen) implements Migration {
        @Override
        public String revision() {
            return "b";
        }

        @Override
        public List<String> revises() {
            return List.of("a");
        }

        @Override
        public void upgrade(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SHOW idle_in_transaction_session_timeout")) {
                rows.next();
                seen.add(rows.getString(1));
            }
        }

        @Override
        public void downgrade(Connection connection) {
            throw new UnsupportedOperationException();
        }
    }
}
