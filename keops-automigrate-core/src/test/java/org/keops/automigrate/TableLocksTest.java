package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.Alone;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.Waits;
import org.keops.automigrate.testing.Wrapper;
import org.postgresql.ds.PGSimpleDataSource;

/** Nobody queues behind an upgrade that waits for a table, and the upgrade gets its turn. */
class TableLocksTest extends OnADatabase {
    private static final String COUNTED = "SELECT nextval('tries');\n";
    private static final String CHANGE = COUNTED + "ALTER TABLE item ADD COLUMN more int;";
    private static final String ON_ONE_LINE = "SELECT nextval('tries'); ALTER TABLE item ADD COLUMN more int;";
    private static final String ALONE = "CREATE INDEX CONCURRENTLY ON other (i); ";
    /** Without a snapshot, for which an index would wait. */
    private static final String HOLDS_ITEM = "LOCK TABLE item IN ACCESS SHARE MODE";

    @BeforeEach
    void prepare() {
        // no rollback takes a number of a sequence back: it counts the tries
        database.execute(
                "CREATE TABLE item (i int)",
                "CREATE SEQUENCE tries",
                "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
                "INSERT INTO alembic_version VALUES ('a')");
        scripts.add("a", "", "SELECT 1;");
    }

    @Test
    @Waits
    void itIsTriedAgainUntilTheTableIsFree() throws Exception {
        script(CHANGE);
        CompletableFuture<BootReport> boot;
        try (Connection reader = reader("SELECT * FROM item")) {
            boot = boot(database.superuser());
            Conditions.await("it was tried", () -> tries() >= 3);
            reader.rollback();
        }
        assertThat(end(boot).outcome()).isInstanceOf(Outcome.Upgraded.class);
        assertThat(columns()).isEqualTo(2);
    }

    @Test
    @Waits
    void alsoWhereTheVersionTableIsMadeInTheSameTransaction() throws Exception {
        script(CHANGE);
        database.execute("DROP TABLE alembic_version");
        CompletableFuture<BootReport> boot;
        try (Connection reader = reader("SELECT * FROM item")) {
            Migrator migrator = configure()
                    .whenUnversioned(WhenUnversioned.upgradeFromBase())
                    .build();
            boot = CompletableFuture.supplyAsync(() -> migrator.run(database.superuser()));
            Conditions.await("it was tried", () -> tries() >= 3);
            reader.rollback();
        }
        assertThat(end(boot).outcome()).isInstanceOf(Outcome.Upgraded.class);
    }

    @Test
    @Waits
    void alsoAnEmptyVersionTableIsWaitedForInShortTries() throws Exception {
        script(CHANGE);
        database.execute("DELETE FROM alembic_version");
        try (Connection writer = reader("LOCK TABLE alembic_version IN ROW EXCLUSIVE MODE")) {
            BootReport report = configure()
                    .whenUnversioned(WhenUnversioned.upgradeFromBase())
                    .waitForTables(Duration.ofMillis(500))
                    .deadline(Duration.ofSeconds(15))
                    .build()
                    .run(database.superuser());
            assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.FAILED);
            assertThat(report.toString()).contains("[55P03]");
            writer.rollback();
        }
    }

    /** A savepoint would keep the locks that were had before. */
    @Test
    @Waits
    void betweenTheTriesNothingIsHeld() throws Exception {
        database.execute("CREATE TABLE other ()");
        script("ALTER TABLE other ADD COLUMN more int;\n" + CHANGE);
        try (Connection reader = reader("SELECT * FROM item")) {
            CompletableFuture<BootReport> boot = boot(database.superuser());
            Conditions.await("it was tried", () -> tries() >= 2);
            assertThat(database.query("SELECT count(*) FROM other")).containsExactly("0");
            reader.rollback();
            assertThat(end(boot).outcome()).isInstanceOf(Outcome.Upgraded.class);
        }
    }

    @Test
    @Alone
    void whoIsInTheWayIsNamedWhenItGivesUp() throws Exception {
        script(CHANGE);
        try (Connection reader = reader("SELECT *, 'secret' FROM item")) {
            BootReport report =
                    configure().waitForTables(Duration.ofSeconds(1)).build().run(database.superuser());
            assertThat(report.scenario()).isEqualTo(Scenario.FAILED);
            assertThat(report.toString())
                    .contains("b.sql:8:1", "[55P03]", "in the way: process " + pid(reader), "waitForTables")
                    .contains("(application a reader), idle in transaction, in a transaction for ", "on item")
                    .doesNotContain("secret");
            assertThat(tries()).isGreaterThan(1);
            assertThat(columns()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @Waits
    @CsvSource(
            delimiter = '|',
            value = {
                "SET LOCAL lock_timeout = '50ms'; " + ON_ONE_LINE + "|",
                "SELECT nextval('tries'); LOCK TABLE item NOWAIT;|",
                ON_ONE_LINE + "|-c lock_timeout=50",
            })
    void anotherTimeoutThanOursStands(String body, String options) throws Exception {
        script(body);
        PGSimpleDataSource dataSource = database.superuser();
        if (options != null) {
            dataSource.setOptions(options);
        }
        try (Connection reader = reader("SELECT * FROM item")) {
            BootReport report = configure().run(dataSource);
            assertThat(report.toString()).contains("[55P03]").doesNotContain("waitForTables");
            assertThat(tries()).isEqualTo(1);
            reader.rollback();
        }
    }

    /** A repair of permissions follows in the same session, and looks at the version rows. */
    @ParameterizedTest
    @Waits
    @ValueSource(
            strings = {
                "SET lock_timeout = '7s';",
                "SET lock_timeout = '100ms';",
                "SET LOCAL lock_timeout = '7s';",
                "DO $$ BEGIN PERFORM set_config('lock_timeout', '7s', false); END $$;",
                "RESET ALL;"
            })
    void whatFollowsHasTheSessionsOwnTimeoutAgain(String body) {
        script(body + "\nINSERT INTO item SELECT 1;");
        List<String> timeouts = new ArrayList<>();
        BootReport report = configure()
                .run(Wrapper.of(
                        database.superuser(),
                        connection -> Wrapper.of(connection, (method, arguments) -> {
                            // a transaction of ours is over
                            if (method.equals("setAutoCommit") && arguments[0].equals(true)) {
                                timeouts.add(show(connection));
                            }
                        })));
        assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.BEHIND);
        assertThat(timeouts).isNotEmpty().containsOnly("0");
    }

    private static String show(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW lock_timeout")) {
            row.next();
            return row.getString(1);
        }
    }

    /** What stands between the statements that run alone is a transaction like any other. */
    @ParameterizedTest
    @Waits
    @ValueSource(strings = {CHANGE + ALONE, ALONE + CHANGE, ALONE + "INSERT INTO item VALUES (1);" + CHANGE + ALONE})
    void outsideATransactionTheOrdinaryStatementsAreTriedAgain(String body) throws Exception {
        database.execute("CREATE TABLE other (i int)");
        script(body);
        CompletableFuture<BootReport> boot;
        try (Connection reader = reader(HOLDS_ITEM)) {
            boot = boot(database.superuser());
            Conditions.await("it was tried", () -> tries() >= 3);
            // whoever comes now does not queue behind it for long
            database.query("SELECT count(*) FROM item");
            reader.rollback();
        }
        BootReport report = end(boot);
        assertThat(report.outcome()).as("%s", report).isInstanceOf(Outcome.Upgraded.class);
        assertThat(report.steps().get(0).statements()).isEqualTo(body.trim().split(";").length);
        assertThat(columns()).isEqualTo(2);
        assertThat(database.query("SELECT 1 FROM pg_index WHERE NOT indisvalid"))
                .isEmpty();
    }

    @Test
    @Waits
    void alsoTheVersionRowsOfARevisionOutsideATransaction() throws Exception {
        script(ALONE.replace("other", "item") + COUNTED);
        CompletableFuture<BootReport> boot;
        try (Connection writer = reader("DO $$ BEGIN PERFORM * FROM alembic_version FOR UPDATE; END $$")) {
            boot = boot(database.superuser());
            Conditions.await("it was tried", () -> tries() >= 3);
            writer.rollback();
        }
        assertThat(end(boot).outcome()).isInstanceOf(Outcome.Upgraded.class);
    }

    @Test
    @Alone
    void outsideATransactionTooWhoIsInTheWayIsNamedAndTheNextBootGoesOn() throws Exception {
        database.execute("CREATE TABLE other (i int)");
        script(ALONE + CHANGE);
        try (Connection reader = reader(HOLDS_ITEM)) {
            BootReport report = configure()
                    .waitForTables(Duration.ofSeconds(1))
                    .deadline(Duration.ofSeconds(60))
                    .run(database.superuser());
            assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.FAILED);
            assertThat(report.toString())
                    .contains("[55P03]", "in the way: process " + pid(reader), "waitForTables")
                    .contains("(1 of 3 statements)", "goes on from there");
            assertThat(tries()).isGreaterThan(1);
            reader.rollback();
        }
        assertThat(configure().build().run(database.superuser()).outcome()).isInstanceOf(Outcome.Upgraded.class);
        assertThat(columns()).isEqualTo(2);
    }

    /** Also behind a statement that runs alone, for which it is lifted. */
    @ParameterizedTest
    @Waits
    @CsvSource(
            delimiter = '|',
            value = {
                ALONE + ON_ONE_LINE + "|-c lock_timeout=50",
                "SET lock_timeout = '50ms'; " + ALONE + ON_ONE_LINE + "|",
                ALONE + "SET lock_timeout = '50ms'; " + ON_ONE_LINE + "|"
            })
    void outsideATransactionAnotherTimeoutThanOursStands(String body, String options) throws Exception {
        database.execute("CREATE TABLE other (i int)");
        script(body);
        PGSimpleDataSource dataSource = database.superuser();
        if (options != null) {
            dataSource.setOptions(options);
        }
        try (Connection reader = reader(HOLDS_ITEM)) {
            BootReport report = end(boot(dataSource));
            assertThat(report.toString()).contains("[55P03]").doesNotContain("waitForTables");
            assertThat(tries()).isEqualTo(1);
            reader.rollback();
        }
    }

    /** An index that is built concurrently stays invalid when a timeout hits it. */
    @Test
    @Waits
    void whatIsBuiltConcurrentlyWaitsAsLongAsItTakes() throws Exception {
        script("CREATE INDEX CONCURRENTLY by_i ON item (i);");
        PGSimpleDataSource impatient = database.superuser();
        impatient.setOptions("-c lock_timeout=50 -c statement_timeout=200");
        CompletableFuture<BootReport> boot;
        try (Connection writer = reader("INSERT INTO item VALUES (1)")) {
            boot = boot(impatient);
            Conditions.await(
                    "it waits for longer than the timeout",
                    () -> !database.query(
                                    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type ="
                                            + " 'Lock' AND query_start < clock_timestamp() - interval '400 ms'")
                            .isEmpty());
            writer.commit();
        }
        assertThat(end(boot).outcome()).isInstanceOf(Outcome.Upgraded.class);
        assertThat(database.query("SELECT 1 FROM pg_index WHERE NOT indisvalid"))
                .isEmpty();
    }

    @Test
    @Waits
    void whoWasFasterMeanwhileIsSeenBeforeTheScriptRunsAgain() throws Exception {
        script(CHANGE);
        CompletableFuture<BootReport> boot;
        try (Connection reader = reader("SELECT * FROM item")) {
            boot = boot(database.superuser());
            Conditions.await("it was tried", () -> tries() >= 1);
            database.execute("UPDATE alembic_version SET version_num = 'b'");
            assertThat(end(boot).outcome()).isInstanceOf(Outcome.AtHead.class);
            reader.rollback();
        }
        assertThat(columns()).isEqualTo(1);
    }

    private void script(String body) {
        scripts.add("b", "a", body);
    }

    /** Somebody in a transaction. */
    private Connection reader(String sql) throws SQLException {
        PGSimpleDataSource dataSource = database.superuser();
        dataSource.setApplicationName("a reader");
        Connection connection = dataSource.getConnection();
        connection.setAutoCommit(false);
        connection.createStatement().execute(sql);
        return connection;
    }

    private static String pid(Connection connection) throws SQLException {
        return "" + connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
    }

    private CompletableFuture<BootReport> boot(DataSource dataSource) {
        Migrator migrator = configure().build();
        return CompletableFuture.supplyAsync(() -> migrator.run(dataSource));
    }

    private static BootReport end(CompletableFuture<BootReport> boot) throws Exception {
        return boot.get(120, TimeUnit.SECONDS);
    }

    private int tries() {
        return Integer.parseInt(database.query("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM tries")
                .get(0));
    }

    private int columns() {
        return database.query("SELECT attname FROM pg_attribute WHERE attrelid = 'item'::regclass AND attnum > 0")
                .size();
    }
}
