package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.WhenChanged;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** Scripts that are changed after they were applied: noticed where that was asked for, and only where it means something. */
class FingerprintsTest {
    private static final String COMMENT = """
            SELECT col_description(attrelid, attnum) FROM pg_attribute
             WHERE attrelid = 'alembic_version'::regclass AND attname = 'version_num'
            """;
    private static final String B = "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;\n"
            + "INSERT INTO t VALUES (1);\n-- downgrade\nDELETE FROM t;\nDROP FUNCTION f;";
    private static final String CHANGED_B = B.replace("VALUES (1)", "VALUES (2)");

    @TempDir
    private Path directory;

    private final TestDatabase database = PostgresServer.shared().database();
    private Scripts scripts;

    @BeforeEach
    void prepare() {
        scripts = new Scripts(directory)
                .add("a", "", "CREATE TABLE t (i int);\n-- downgrade\nDROP TABLE t;")
                .add("b", "a", B);
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void nothingIsRecordedOrComparedUnlessAskedFor() {
        quiet(() -> builder().build().run(database.superuser()));
        assertThat(comment()).isNull();
        assertThat(quiet(() -> run(WhenChanged.REFUSE)).scenario()).isEqualTo(Scenario.AT_HEAD);
        scripts.add("b", "a", CHANGED_B);
        assertThat(quiet(() -> run(WhenChanged.REFUSE)).scenario()).isEqualTo(Scenario.AT_HEAD);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRevisionAndItsFingerprintAreRecordedTogether(boolean each) {
        MigratorBuilder builder = builder().fingerprints(WhenChanged.WARN);
        Migrator migrator = (each ? builder.transactionPerRevision() : builder).build();
        quiet(() -> migrator.run(database.superuser()));
        assertThat(recorded()).containsExactly("a", "b");
        assertOneTransaction();
        scripts.add("c", "b", "INSERT INTO t VALUES (3);\nSELECT nosuch;");
        assertThat(run(WhenChanged.WARN).scenario()).isEqualTo(Scenario.FAILED);
        assertThat(recorded()).containsExactly("a", "b");
    }

    @Test
    void whatMeansTheSameToTheServerIsSilent() {
        quiet(() -> run(WhenChanged.REFUSE));
        scripts.add("b", "a", ("/* why */ " + B.replace("INSERT INTO", "insert  into\n")).replace("\n", "\r\n"));
        assertThat(quiet(() -> run(WhenChanged.REFUSE)).scenario()).isEqualTo(Scenario.AT_HEAD);
    }

    @Test
    void theWayBackMayBeMended() {
        quiet(() -> run(WhenChanged.REFUSE));
        scripts.add("b", "a", B.replace("DELETE FROM t", "TRUNCATE t"));
        assertThat(quiet(() -> run(WhenChanged.REFUSE)).scenario()).isEqualTo(Scenario.AT_HEAD);
    }

    @Test
    void aChangedTokenIsAWarningOfFileAndRevision() {
        quiet(() -> run(WhenChanged.WARN));
        scripts.add("b", "a", B.replace("'x'", "'y'"));
        assertThat(said(() -> run(WhenChanged.WARN)))
                .filteredOn(line -> line.contains("was changed"))
                .singleElement()
                .asString()
                .contains("WARN", "b.sql", "revision b");
        scripts.add("c", "b", "INSERT INTO t VALUES (3);");
        assertThat(said(() -> run(WhenChanged.WARN)))
                .filteredOn(line -> line.contains("was changed"))
                .hasSize(1);
        assertThat(recorded()).containsExactly("a", "b", "c");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRefusalTouchesNothing(boolean behind) {
        quiet(() -> run(WhenChanged.REFUSE));
        scripts.add("b", "a", CHANGED_B);
        if (behind) {
            scripts.add("c", "b", "INSERT INTO t VALUES (3);");
        }
        List<String> before = database.query("SELECT pg_snapshot_xmax(pg_current_snapshot())");
        BootReport report = run(WhenChanged.REFUSE);
        assertThat(report.outcome())
                .isInstanceOfSatisfying(
                        Outcome.Inaccessible.class,
                        refused -> assertThat(refused.reason()).isEqualTo(Obstacle.SCRIPT_CHANGED));
        assertThat(report.toString()).contains("b.sql", "revision b", "nothing attempted");
        assertThat(database.query("SELECT pg_snapshot_xmax(pg_current_snapshot())"))
                .isEqualTo(before);
        assertThat(migrator(WhenChanged.REFUSE).plan(database.superuser()).toString())
                .contains("b.sql");
    }

    @Test
    void anUpgradeByHandIsRefusedToo() {
        quiet(() -> run(WhenChanged.REFUSE));
        scripts.add("b", "a", CHANGED_B).add("c", "b", "INSERT INTO t VALUES (3);");
        assertThat(migrator(WhenChanged.REFUSE)
                        .upgrade(database.superuser(), "head")
                        .outcome())
                .isInstanceOf(Outcome.Inaccessible.class);
        assertThat(recorded()).containsExactly("a", "b");
    }

    @Test
    void goingDownAndUpAgainTakesTheScriptAsItIs() {
        quiet(() -> run(WhenChanged.REFUSE));
        scripts.add("b", "a", CHANGED_B);
        Migrator migrator = migrator(WhenChanged.REFUSE);
        migrator.downgrade(database.superuser(), "a").orElseThrow();
        assertThat(recorded()).containsExactly("a");
        assertThat(quiet(() -> migrator.upgrade(database.superuser(), "b")).scenario())
                .isEqualTo(Scenario.BEHIND);
        assertThat(quiet(() -> migrator.run(database.superuser())).scenario()).isEqualTo(Scenario.AT_HEAD);
        migrator.downgrade(database.superuser(), "base").orElseThrow();
        assertThat(comment()).isNull();
    }

    @Test
    void aStampTakesTheScriptsAsTheyAre() {
        assertThat(builder()
                        .whenUnversioned(WhenUnversioned.stampHead())
                        .fingerprints(WhenChanged.REFUSE)
                        .build()
                        .run(database.superuser())
                        .scenario())
                .isEqualTo(Scenario.UNVERSIONED);
        assertThat(recorded()).containsExactly("a", "b");
        scripts.add("b", "a", CHANGED_B);
        assertThat(run(WhenChanged.REFUSE).outcome().acceptable()).isFalse();
        assertThat(migrator(WhenChanged.REFUSE)
                        .stamp(database.superuser(), "head")
                        .outcome())
                .isInstanceOf(Outcome.Recorded.class);
        assertThat(quiet(() -> run(WhenChanged.REFUSE)).scenario()).isEqualTo(Scenario.AT_HEAD);
        migrator(WhenChanged.REFUSE).stamp(database.superuser(), "a").orElseThrow();
        assertThat(recorded()).containsExactly("a");
    }

    @Test
    void outsideATransactionTooAndOtherCommentsStay() {
        quiet(() -> run(WhenChanged.WARN));
        database.execute(
                "COMMENT ON TABLE alembic_version IS 'ours'",
                "COMMENT ON COLUMN alembic_version.version_num IS 'of the column'");
        scripts.add(
                "c", "b", "INSERT INTO t VALUES (3);\nVACUUM t;\nINSERT INTO t VALUES (4);\n-- downgrade\nSELECT 1;");
        quiet(() -> run(WhenChanged.WARN));
        assertThat(comment()).startsWith("of the column\nkeops-automigrate: ");
        assertThat(recorded()).containsExactly("c");
        assertOneTransaction();
        assertThat(database.query("SELECT obj_description('alembic_version'::regclass)"))
                .containsExactly("ours");
        migrator(WhenChanged.WARN).downgrade(database.superuser(), "b").orElseThrow();
        assertThat(comment()).isEqualTo("of the column");
    }

    @Test
    void anotherAlgorithmSaysNothing() {
        quiet(() -> run(WhenChanged.REFUSE));
        database.execute("COMMENT ON COLUMN alembic_version.version_num IS '"
                + comment().replace("sql-tokens-1", "sql-tokens-0") + "'");
        scripts.add("b", "a", CHANGED_B);
        assertThat(quiet(() -> run(WhenChanged.REFUSE)).scenario()).isEqualTo(Scenario.AT_HEAD);
    }

    @Test
    void whatPythonHasTakenBackIsNotCompared() {
        quiet(() -> run(WhenChanged.REFUSE));
        database.execute("DELETE FROM t", "DROP FUNCTION f", "UPDATE alembic_version SET version_num='a'");
        scripts.add("b", "a", CHANGED_B);
        assertThat(quiet(() -> run(WhenChanged.REFUSE)).scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(quiet(() -> run(WhenChanged.REFUSE)).scenario()).isEqualTo(Scenario.AT_HEAD);
    }

    @Test
    void aClassHasNone() {
        Migrator migrator = builder()
                .migrations(new InsertsByJava())
                .fingerprints(WhenChanged.REFUSE)
                .build();
        assertThat(quiet(() -> migrator.run(database.superuser())).scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(recorded()).containsExactly("a", "b");
        assertThat(quiet(() -> migrator.run(database.superuser())).scenario()).isEqualTo(Scenario.AT_HEAD);
    }

    @Test
    void whoDoesNotOwnTheTableIsToldBeforeAnythingRuns() {
        PostgresServer.shared().role("prints_app", "app");
        quiet(() -> run(WhenChanged.WARN));
        database.execute(
                "GRANT SELECT, INSERT, UPDATE, DELETE ON alembic_version TO prints_app",
                "GRANT ALL ON SCHEMA public TO prints_app",
                "GRANT ALL ON t TO prints_app");
        Migrator migrator = migrator(WhenChanged.REFUSE);
        assertThat(quiet(() -> migrator.run(database.as("prints_app", "app"))).scenario())
                .isEqualTo(Scenario.AT_HEAD);
        scripts.add("c", "b", "INSERT INTO t VALUES (3);");
        assertThat(migrator(WhenChanged.WARN)
                        .run(database.as("prints_app", "app"))
                        .toString())
                .contains("fingerprints", "only its owner may write", "nothing was attempted");
        assertThat(database.query("SELECT version_num FROM alembic_version")).containsExactly("b");
    }

    private static final class InsertsByJava implements Migration {
        @Override
        public String revision() {
            return "c";
        }

        @Override
        public List<String> revises() {
            return List.of("b");
        }

        @Override
        public void upgrade(Connection connection) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute("INSERT INTO t VALUES (7)");
            }
        }

        @Override
        public void downgrade(Connection connection) {
            // stays
        }
    }

    private MigratorBuilder builder() {
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .leavePermissionsAlone()
                .whenUnversioned(WhenUnversioned.upgradeFromBase());
    }

    private Migrator migrator(WhenChanged policy) {
        return builder().fingerprints(policy).build();
    }

    private BootReport run(WhenChanged policy) {
        return migrator(policy).run(database.superuser());
    }

    private String comment() {
        return database.query(COMMENT).get(0);
    }

    /** So no crash can leave one without the other. */
    private void assertOneTransaction() {
        assertThat(database.query(
                        "SELECT xmin FROM pg_description WHERE objoid = 'alembic_version'::regclass AND objsubid = 1"))
                .isEqualTo(database.query("SELECT xmin FROM alembic_version"));
    }

    private List<String> recorded() {
        return comment()
                .lines()
                .filter(line -> line.contains(" sql-tokens-1:"))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .toList();
    }

    /** Runs without a word of a script that was changed. */
    private static BootReport quiet(Supplier<BootReport> task) {
        BootReport[] report = new BootReport[1];
        assertThat(said(() -> report[0] = task.get())).noneMatch(line -> line.contains("was changed"));
        return report[0].orElseThrow();
    }

    private static List<String> said(Supplier<BootReport> task) {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try (PrintStream to = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            System.setErr(to);
            assertThat(task.get()).isNotNull();
        } finally {
            System.setErr(before);
        }
        return said.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
