package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.list;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.PostgresServer;

/** Bad input: a clear message each, and nothing changed. */
class BadInputTest extends OnADatabase {
    // --------------------------------------------------------------------------- scripts, found when the migrator is
    // built

    @Test
    void aScriptWithoutRevisionId() {
        scripts.add("a1", "", "SELECT 1;").file("b2.sql", "-- Something\n--\n-- Revises: a1\n\nSELECT 1;\n");
        assertUnsound("b2.sql", "Revision ID");
    }

    @Test
    void anUnknownRevises() {
        scripts.add("a1", "", "SELECT 1;").add("b2", "nosuch", "SELECT 1;");
        assertUnsound("b2.sql", "b2", "nosuch");
    }

    @Test
    void twoScriptsWithOneId() {
        scripts.add("a1", "", "SELECT 1;")
                .file("other.sql", "-- x\n--\n-- Revision ID: a1\n-- Revises:\n\nSELECT 2;\n");
        assertUnsound("a1", "a1.sql", "other.sql");
    }

    @Test
    void aCycle() {
        scripts.add("a1", "", "SELECT 1;")
                .add("b2", "d4", "")
                .add("c3", "b2", "")
                .add("d4", "c3", "");
        assertUnsound("b2", "c3", "d4");
    }

    @Test
    void anIdOfMoreThan32Characters() {
        scripts.add("a".repeat(33), "", "SELECT 1;");
        assertUnsound("a".repeat(33), "33 characters", "32");
    }

    @Test
    void anIdWithAlembicsForbiddenCharacters() {
        for (char forbidden : "@-+:".toCharArray()) {
            scripts.file("a.sql", "-- x\n--\n-- Revision ID: a" + forbidden + "1\n-- Revises:\n\nSELECT 2;\n");
            assertUnsound("a" + forbidden + "1", "'" + forbidden + "'");
        }
    }

    @Test
    void anEmptyDirectory() {
        assertUnsound(directory.toString(), "no revision scripts");
    }

    @Test
    void aPlaceThatDoesNotExist() {
        assertThatThrownBy(() -> AutoMigrator.configure()
                        .scripts("classpath:no/such/folder")
                        .build())
                .isInstanceOf(UnsoundScriptsException.class)
                .hasMessageContaining("no/such/folder");
        assertThatThrownBy(() ->
                        AutoMigrator.configure().scripts(directory + "/none").build())
                .isInstanceOf(UnsoundScriptsException.class)
                .hasMessageContaining("/none is not a directory");
    }

    @Test
    void aFileThatIsNotUtf8() {
        byte[] latin =
                "-- Größe\n--\n-- Revision ID: a1\n-- Revises:\n\nSELECT 1;\n".getBytes(StandardCharsets.ISO_8859_1);
        scripts.file("a1.sql", latin);
        assertUnsound("a1.sql:1:6", "UTF-8");
    }

    @Test
    void everyProblemIsListedAndNotJustTheFirst() {
        scripts.add("a".repeat(33), "", "").add("b-2", "", "").file("c.sql", "-- nothing\n");
        assertThatThrownBy(() -> builder().build())
                .asInstanceOf(type(UnsoundScriptsException.class))
                .satisfies(e -> assertThat(e.problems()).hasSizeGreaterThanOrEqualTo(3));
    }

    @Test
    void contradictoryOptions() {
        scripts.add("a1", "", "SELECT 1;");
        assertThatThrownBy(() -> builder()
                        .leavePermissionsAlone()
                        .applicationRole("app")
                        .waitForLock(Duration.ofSeconds(-1))
                        .connectWithin(Duration.ZERO)
                        .waitForDatabase(Duration.ofSeconds(Long.MAX_VALUE))
                        .whenUnversioned(WhenUnversioned.stamp("nosuch"))
                        .versionTable("")
                        .schema("x".repeat(64))
                        .build())
                .asInstanceOf(type(UnsoundScriptsException.class))
                .extracting(
                        e -> e.problems().stream().map(p -> p.where().file()).toList())
                .asInstanceOf(list(String.class))
                .contains(
                        "option applicationRole",
                        "option waitForLock",
                        "option waitForDatabase",
                        "option connectWithin",
                        "option whenUnversioned",
                        "option versionTable",
                        "option schema");
    }

    @Test
    void checkFindsWhatOnlyTheBodiesShow() {
        scripts.add("a1", "", "SELECT 1;\nCOMMIT;")
                .add("b2", "a1", "SELECT 'open;")
                .add("c3", "b2", "-- Transactional: yes", "VACUUM;")
                .add("d4", "c3", "\\connect other");
        assertThatThrownBy(() -> builder().build().check())
                .asInstanceOf(type(UnsoundScriptsException.class))
                .satisfies(e -> assertThat(e.getMessage())
                        .contains("a1.sql:8:1: COMMIT", "b2.sql:7:8", "c3.sql:8:1: VACUUM", "d4.sql:7:1")
                        .contains("\\connect"));
    }

    // ---------------------------------------------------------------------------------------- found when the migrator
    // runs

    @Test
    void aScriptThatFailsInItsSeventhStatement() {
        scripts.add("a1", "", "CREATE TABLE t1 (i int);").add("b2", "a1", """
                        CREATE TABLE t2 (i int);
                        INSERT INTO t2 VALUES (1);
                        INSERT INTO t2 VALUES (2);
                        INSERT INTO t2 VALUES (3);
                        /* a comment; */ INSERT INTO t2 VALUES (4);
                        SELECT 'ünï;cödé', count(*) FROM t2;
                        ALTER TABLE t2
                            ALTER COLUMN nosuch DROP NOT NULL; SELECT 1;
                        """);
        BootReport report =
                builder().whenUnversioned(WhenUnversioned.upgradeFromBase()).run(database.superuser());
        assertThat(report.outcome()).asInstanceOf(type(Outcome.Failed.class)).satisfies(failed -> {
            Failure failure = failed.failure();
            assertThat(String.valueOf(failure.where())).isEqualTo(directory.resolve("b2.sql") + ":14:18");
            assertThat(failure.sqlState()).isEqualTo("42703");
            assertThat(failure.message()).isEqualTo("column \"nosuch\" of relation \"t2\" does not exist");
            assertThat(failure.consequence()).isEqualTo("rolled back to <base>");
        });
        assertThat(report.steps()).isEmpty();
        assertUntouched();
    }

    @Test
    void anErrorPositionIsThePlaceInTheFile() {
        scripts.add("a1", "", "SELECT 1;\n\n  SELECT 'é' AS x,\n    nosuch FROM pg_class;");
        BootReport report =
                builder().whenUnversioned(WhenUnversioned.upgradeFromBase()).run(database.superuser());
        assertThat(report.toString())
                .contains("a1.sql:10:5: column \"nosuch\" does not exist [42703]; rolled back to <base>");
        assertUntouched();
    }

    @Test
    void whatCanBeSeenBeforehandIsSeenBeforeAnythingRuns() {
        scripts.add("a1", "", "CREATE TABLE t1 (i int);").add("b2", "a1", "CREATE TABLE t2 (i int);\nCOMMIT;");
        BootReport report =
                builder().whenUnversioned(WhenUnversioned.upgradeFromBase()).run(database.superuser());
        assertThat(report.toString()).contains("b2.sql:8:1: COMMIT", "nothing was attempted");
        assertUntouched();
    }

    @Test
    void aVersionTableOfAnOddShape() {
        scripts.add("a1", "", "SELECT 1;");
        for (String shape : List.of(
                "(version_num int)", "(version_num char(32))", "(version text)", "(version_num text, other int)")) {
            database.execute("DROP TABLE IF EXISTS alembic_version", "CREATE TABLE alembic_version " + shape);
            if (shape.contains("version_num")) {
                database.execute("INSERT INTO alembic_version (version_num) VALUES ("
                        + (shape.contains("other") ? "NULL" : "'1'") + ")");
            }
            assertInaccessible(Obstacle.VERSION_TABLE_ODD, "public.alembic_version");
        }
        database.execute(
                "DROP TABLE alembic_version",
                "CREATE TABLE alembic_version (version_num text)",
                "INSERT INTO alembic_version VALUES ('a1'), ('a1')");
        assertInaccessible(Obstacle.VERSION_TABLE_ODD, "two rows 'a1'");
    }

    @Test
    void somethingElseOfThatName() {
        scripts.add("a1", "", "SELECT 1;");
        for (String other : List.of(
                "SEQUENCE alembic_version",
                "TYPE alembic_version AS (version_num text)",
                "TABLE t (i int CONSTRAINT alembic_version PRIMARY KEY)")) {
            database.execute("CREATE " + other);
            assertInaccessible(Obstacle.VERSION_TABLE_ODD, "it is a sequence, an index or a type");
            database.execute(
                    "DROP " + (other.startsWith("TABLE") ? "TABLE t" : other.replace(" AS (version_num text)", "")));
        }
        database.execute("CREATE VIEW alembic_version AS SELECT 1 AS i");
        assertInaccessible(Obstacle.VERSION_TABLE_ODD, "no column version_num");
    }

    @Test
    void twoRowsOfWhichOneIsTheOthersAncestor() {
        scripts.add("a1", "", "").add("b2", "a1", "").add("c3", "b2", "");
        database.execute(
                "CREATE TABLE alembic_version (version_num varchar(32))",
                "INSERT INTO alembic_version VALUES ('a1'), ('b2')");
        assertInaccessible(Obstacle.VERSION_ROWS_OVERLAP, "a1");
        assertThat(database.query("SELECT version_num FROM alembic_version ORDER BY 1"))
                .containsExactly("a1", "b2");
    }

    @Test
    void aVersionTableThatTheRoleMayNotSeeIsNotAnUnversionedDatabase() {
        scripts.add("a1", "", "");
        PostgresServer.shared().role("peeper", "peep");
        database.execute(
                "CREATE SCHEMA hidden",
                "CREATE TABLE hidden.alembic_version (version_num varchar(32))",
                "INSERT INTO hidden.alembic_version VALUES ('zz')",
                "GRANT CREATE ON DATABASE " + database.name() + " TO peeper");
        var peeper = database.as("peeper", "peep");
        peeper.setOptions("-c search_path=hidden,public");
        BootReport report = builder().run(peeper);
        assertThat(report.outcome())
                .asInstanceOf(type(Outcome.Inaccessible.class))
                .satisfies(outcome -> {
                    assertThat(outcome.reason()).isEqualTo(Obstacle.VERSION_TABLE_HIDDEN);
                    assertThat(outcome.detail()).contains("hidden.alembic_version", "grant USAGE");
                });
        database.execute("GRANT USAGE ON SCHEMA hidden TO peeper");
        assertThat(builder().run(peeper).toString()).contains("grant SELECT");
        database.execute(
                "GRANT SELECT ON hidden.alembic_version TO peeper",
                "ALTER TABLE hidden.alembic_version ENABLE ROW LEVEL SECURITY");
        assertThat(builder().run(peeper).toString()).contains("row-level security");
        assertThat(builder().run(database.superuser()).toString()).contains("not on the search path");
    }

    @Test
    @SuppressWarnings("NullAway") // the mistake is what is tested
    void aNullDataSource() {
        scripts.add("a1", "", "");
        Migrator migrator = builder().build();
        assertThatThrownBy(() -> migrator.run(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessageContaining("dataSource is null");
    }

    @Test
    void aClosedDataSource() {
        scripts.add("a1", "", "");
        HikariDataSource pool = new HikariDataSource();
        pool.setDataSource(database.superuser());
        pool.close();
        assertThat(builder().run(pool).outcome())
                .asInstanceOf(type(Outcome.Inaccessible.class))
                .satisfies(outcome -> {
                    assertThat(outcome.reason()).isEqualTo(Obstacle.DATA_SOURCE);
                    assertThat(outcome.detail()).contains("has been closed");
                });
    }

    @Test
    void noLiteralOfAStatementStandsInAReport() {
        scripts.add("a1", "", "SELECT CAST('canary-secret' AS int);");
        BootReport report =
                builder().whenUnversioned(WhenUnversioned.upgradeFromBase()).run(database.superuser());
        assertThat(report.toString()).contains("22P02").doesNotContain("canary");
        scripts.add("a1", "", "CREATE ROLE x PASSWORD 'canary-secret' 'canary-secret';");
        report = builder().whenUnversioned(WhenUnversioned.upgradeFromBase()).run(database.superuser());
        assertThat(report.toString()).contains("42601").doesNotContain("canary");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DO $$ BEGIN PERFORM CAST('canary-secret' AS int); END $$;",
                "SELECT CAST(E'canary\\x2dsecret' AS int);",
                "CREATE TABLE t (i int);\nCOPY t FROM STDIN;\ncanary-secret\n\\.",
                "CREATE TABLE t (s text PRIMARY KEY); INSERT INTO t VALUES ('canary-secret'), ('canary-secret');",
                "CREATE TABLE t (s text CHECK (s = 'x')); INSERT INTO t VALUES ('canary-secret');",
                "CREATE TABLE t (s text PRIMARY KEY DEFERRABLE INITIALLY DEFERRED);"
                        + " INSERT INTO t VALUES ('canary-secret'), ('canary-secret');",
                "SELECT 'canary-secret'::nosuch;",
                "SELECT 'canary-secret' 'canary-secret';",
                "DO $$ BEGIN EXECUTE 'SELECT ''canary-secret''::nosuch'; END $$;",
                "SELECT 'canary-secret'::regclass;",
                "DO $$ BEGIN CREATE ROLE canary_secret PASSWORD 'canary-secret' VALID UNTIL 'canary-secret'; END $$;",
                "ALTER ROLE nosuch PASSWORD 'canary-secret';",
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CAST('canary-secret' AS int); END;",
                "CREATE FUNCTION f(s text) RETURNS void LANGUAGE plpgsql AS"
                        + " $$ BEGIN RAISE EXCEPTION 'got % here', s; END $$; SELECT f('canary-secret');"
            })
    void noLiteralComesBackThroughTheServersMessage(String body) {
        scripts.add("a1", "", body);
        BootReport report =
                builder().whenUnversioned(WhenUnversioned.upgradeFromBase()).run(database.superuser());
        assertThat(report.outcome()).isInstanceOf(Outcome.Failed.class);
        assertThat(report.toString()).startsWith("failed: ").doesNotContain("canary");
    }

    @Test
    void theSameScriptsTwiceAreFine() {
        scripts.add("a1", "", "SELECT 1;");
        BootReport report = builder().scripts(directory.toString()).run(database.superuser());
        assertThat(report.outcome()).isInstanceOf(Outcome.Stamped.class);
    }

    // -------------------------------------------------------------------------------------------------------------
    // support

    private MigratorBuilder builder() {
        return AutoMigrator.configure().scripts(directory.toString());
    }

    private void assertUnsound(String... parts) {
        assertThatThrownBy(() -> builder().build())
                .isInstanceOf(UnsoundScriptsException.class)
                .hasMessageContainingAll(parts);
        assertThatThrownBy(() -> builder().run(database.superuser())).isInstanceOf(UnsoundScriptsException.class);
        assertUntouched();
    }

    private void assertInaccessible(Obstacle reason, String part) {
        BootReport report = builder().run(database.superuser());
        assertThat(report.outcome())
                .asInstanceOf(type(Outcome.Inaccessible.class))
                .satisfies(outcome -> {
                    assertThat(outcome.reason()).isEqualTo(reason);
                    assertThat(outcome.detail()).contains(part);
                });
        assertThat(report.steps()).isEmpty();
    }

    private void assertUntouched() {
        assertThat(database.query("SELECT oid::regclass::text FROM pg_class WHERE oid >= 16384"))
                .isEmpty();
    }
}
