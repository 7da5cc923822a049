package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.CurrentRevisions;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.testing.PostgresServer;

/** What an operator does by name: up, down, stamps, questions, and the script for psql. */
class VerbsTest extends OnADatabase {
    @BeforeEach
    void prepare() {
        database.execute("CREATE TABLE trace (id serial, what text)");
        // a <- b <- c1, c2 (label side); m merges them
        trace("aaaa", "").trace("bbbb", "aaaa").trace("c1c1", "bbbb");
        scripts.add("c2c2", "bbbb", "-- Branch Labels: side", up("c2c2"));
        trace("mmmm", "c1c1, c2c2");
    }

    @Test
    void upAndDownAgain() {
        BootReport up = migrator().upgrade(database.superuser(), "head");
        assertThat(up.outcome()).isInstanceOf(Outcome.Upgraded.class);
        assertThat(up.toString()).startsWith("upgraded <base> -> mmmm (5 revisions)");
        assertThat(rows()).containsExactly("mmmm");
        BootReport down = migrator().downgrade(database.superuser(), "base");
        assertThat(down.outcome()).isInstanceOf(Outcome.Downgraded.class);
        assertThat(down.toString()).startsWith("downgraded mmmm -> <base> (5 revisions)");
        assertThat(down.scenario()).isEqualTo(Scenario.BY_HAND);
        assertThat(rows()).isEmpty();
        assertThat(trace())
                .containsExactly("aaaa", "bbbb", "c2c2", "c1c1", "mmmm", "-mmmm", "-c1c1", "-c2c2", "-bbbb", "-aaaa");
    }

    @Test
    void targetsAreAlembics() {
        migrator().upgrade(database.superuser(), "side");
        migrator().downgrade(database.superuser(), "bbbb");
        assertThat(rows()).containsExactly("bbbb");
        migrator().upgrade(database.superuser(), "side@+1");
        assertThat(rows()).containsExactly("c2c2");
        migrator().upgrade(database.superuser(), "c1");
        assertThat(rows()).containsExactly("c1c1", "c2c2");
    }

    @Test
    void nothingToDoIsSaidAndTakesNoLock() throws Exception {
        migrator().upgrade(database.superuser(), "bbbb");
        try (var connection = database.superuser().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + AutoMigrator.LOCK_KEY + ")");
            BootReport report = migrator().upgrade(database.superuser(), "aaaa");
            assertThat(report.outcome()).isInstanceOf(Outcome.Unchanged.class);
            assertThat(report.toString()).startsWith("nothing to apply or record, at bbbb");
            assertThat(migrator().downgrade(database.superuser(), "bbbb").outcome())
                    .isInstanceOf(Outcome.Unchanged.class);
            assertThat(migrator().downgrade(database.superuser(), "aaaa").outcome())
                    .isInstanceOf(Outcome.LockNotObtained.class);
        }
        assertThat(rows()).containsExactly("bbbb");
    }

    @Test
    void aTargetThatDoesNotFitIsRefusedAndChangesNothing() {
        migrator().upgrade(database.superuser(), "c1c1");
        migrator().upgrade(database.superuser(), "c2c2");
        assertThatThrownBy(() -> migrator().downgrade(database.superuser(), "typo@base"))
                .isInstanceOfSatisfying(
                        RevisionException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CANT_LOCATE));
        assertThatThrownBy(() -> migrator().downgrade(database.superuser(), "-1"))
                .hasMessageContaining("c1c1")
                .hasMessageContaining("c2c2");
        assertThatThrownBy(() -> migrator().stamp(database.superuser(), "nosuch"))
                .isInstanceOf(RevisionException.class);
        trace("dddd", "mmmm").trace("eeee", "mmmm");
        assertThatThrownBy(() -> migrator().upgrade(database.superuser(), "head"))
                .hasMessageContaining("dddd")
                .hasMessageContaining("eeee")
                .hasMessageContaining("`merge`");
        assertThat(rows()).containsExactly("c1c1", "c2c2");
    }

    @Test
    void stampsRunNothing() {
        BootReport report = migrator().stamp(database.superuser(), "head");
        assertThat(report.outcome()).isInstanceOf(Outcome.Recorded.class);
        assertThat(report.toString()).startsWith("stamped <base> -> mmmm, nothing run");
        migrator().stamp(database.superuser(), "c1c1", "c2c2");
        assertThat(rows()).containsExactly("c1c1", "c2c2");
        assertThat(trace()).isEmpty();
        migrator().stamp(database.superuser(), "base");
        assertThat(rows()).isEmpty();
    }

    @Test
    void purgeIsTheWayOutOfAnUnknownRow() {
        database.execute(
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
                "INSERT INTO alembic_version VALUES ('zz')");
        assertThat(migrator().stamp(database.superuser(), "head").outcome()).isInstanceOf(Outcome.Ahead.class);
        assertThat(migrator().downgrade(database.superuser(), "base").outcome().acceptable())
                .isFalse();
        assertThat(rows()).containsExactly("zz");
        assertThat(migrator().current(database.superuser()).unknown()).hasToString("[zz]");
        migrator().purgeAndStamp(database.superuser(), "bbbb");
        assertThat(rows()).containsExactly("bbbb");
    }

    @Test
    void rowsThatContradictEachOtherAreMendedByAStampOnly() {
        database.execute(
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)",
                "INSERT INTO alembic_version VALUES ('aaaa'), ('bbbb')");
        assertThat(migrator().upgrade(database.superuser(), "head").outcome())
                .isInstanceOfSatisfying(
                        Outcome.Inaccessible.class,
                        outcome -> assertThat(outcome.reason()).isEqualTo(Obstacle.VERSION_ROWS_OVERLAP));
        migrator().stamp(database.superuser(), "mmmm");
        assertThat(rows()).containsExactly("mmmm");
    }

    @Test
    void aDowngradeThatFailsLeavesEverything() {
        scripts.add("nnnn", "mmmm", "SELECT 1;\n-- downgrade\nSELECT 1;\nDROP TABLE nosuch;");
        migrator().upgrade(database.superuser(), "head");
        BootReport report = migrator().downgrade(database.superuser(), "bbbb");
        assertThat(report.toString()).contains("nnnn.sql:10:", "\"nosuch\" does not exist", "rolled back to nnnn");
        assertThat(rows()).containsExactly("nnnn");
    }

    @Test
    void currentSaysWhereTheDatabaseIs() {
        assertThat(migrator().current(database.superuser()).state()).isInstanceOf(DatabaseState.Unversioned.class);
        migrator().upgrade(database.superuser(), "c1c1");
        CurrentRevisions current = migrator().current(database.superuser());
        assertThat(current.rows()).hasToString("[c1c1]");
        assertThat(current.revisions()).extracting(ListedRevision::shortLine).containsExactly("c1c1");
        assertThat(current.atHeads()).isFalse();
        migrator().upgrade(database.superuser(), "heads");
        assertThat(migrator().current(database.superuser()).atHeads()).isTrue();
        assertThat(migrator().current(database.as("nobody_here", "wrong")).state())
                .isInstanceOf(DatabaseState.CredentialsRejected.class);
    }

    @Test
    void revisionsAreListedAsAlembicDoes() {
        assertThat(migrator().heads()).extracting(ListedRevision::shortLine).containsExactly("mmmm (side) (head)");
        assertThat(migrator().branches()).hasToString("[aaaa -> bbbb (branchpoint), Revision bbbb]");
        assertThat(migrator().history(":"))
                .map(ListedRevision::toString)
                .containsExactly(
                        "c1c1, c2c2 -> mmmm (side) (head) (mergepoint), Revision mmmm",
                        "bbbb -> c1c1, Revision c1c1",
                        "bbbb -> c2c2 (side), Revision c2c2",
                        "aaaa -> bbbb (branchpoint), Revision bbbb",
                        "<base> -> aaaa, Revision aaaa");
        migrator().upgrade(database.superuser(), "bbbb");
        assertThat(migrator()
                        .history(
                                "current:c1c1",
                                migrator().current(database.superuser()).rows()))
                .extracting(ListedRevision::id)
                .map(Object::toString)
                .containsExactly("c1c1", "bbbb");
        assertThat(migrator().show("side")).extracting(ListedRevision::id).hasToString("[c2c2]");
        assertThatThrownBy(() -> migrator().history("mmmm:aaaa")).isInstanceOf(RevisionException.class);
    }

    @Test
    void theScriptForPsqlIsAlembics() {
        assertThat(migrator().sql("aaaa", "c1c1")).isEqualTo("""
                BEGIN;

                -- Running upgrade aaaa -> bbbb

                INSERT INTO trace (what) VALUES ('bbbb');

                UPDATE alembic_version SET version_num='bbbb' WHERE alembic_version.version_num = 'aaaa';

                -- Running upgrade bbbb -> c1c1

                INSERT INTO trace (what) VALUES ('c1c1');

                UPDATE alembic_version SET version_num='c1c1' WHERE alembic_version.version_num = 'bbbb';

                COMMIT;

                """);
        assertThat(migrator().sql("base", "aaaa")).isEqualTo("""
                BEGIN;

                CREATE TABLE alembic_version (
                    version_num VARCHAR(32) NOT NULL,\s
                    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
                );

                -- Running upgrade  -> aaaa

                INSERT INTO trace (what) VALUES ('aaaa');

                INSERT INTO alembic_version (version_num) VALUES ('aaaa') RETURNING alembic_version.version_num;

                COMMIT;

                """);
        assertThat(migrator().sql("bbbb", "-1")).contains("-- Running downgrade bbbb -> aaaa\n");
        assertThat(migrator().sql("aaaa", "base")).contains("-- Running downgrade aaaa -> \n");
        assertThat(migrator().sql("heads", "heads")).isEqualTo("BEGIN;\n\nCOMMIT;\n\n");
    }

    @Test
    void theScriptForPsqlDoesTheSame() {
        database.execute(migrator().sql("base", "head"));
        assertThat(rows()).containsExactly("mmmm");
        assertThat(trace()).containsExactly("aaaa", "bbbb", "c2c2", "c1c1", "mmmm");
        database.execute(migrator().sql("head", "base"));
        assertThat(rows()).isEmpty();
        assertThat(trace()).endsWith("-bbbb", "-aaaa");
    }

    @Test
    void theScriptForPsqlCarriesDataAndWhatRunsOutsideATransaction() {
        scripts.add("nnnn", "mmmm", "COPY trace (what) FROM STDIN;\nä" + "€".repeat(5000) + "\nb\n\\.\nSELECT 2;");
        scripts.add("oooo", "nnnn", "CREATE INDEX CONCURRENTLY i ON trace (what);");
        String sql = migrator().sql("mmmm", "heads");
        assertThat(sql).contains("FROM STDIN;\nä" + "€".repeat(5000) + "\nb\n\\.\n\nSELECT 2;\n\n");
        assertThat(sql).endsWith("""
                COMMIT;

                -- Running upgrade nnnn -> oooo

                CREATE INDEX CONCURRENTLY i ON trace (what);

                BEGIN;

                UPDATE alembic_version SET version_num='oooo' WHERE alembic_version.version_num = 'nnnn';

                COMMIT;

                """);
    }

    @Test
    void theScriptForPsqlKnowsTheVersionTable() {
        Migrator migrator = AutoMigrator.configure()
                .scripts(directory.toString())
                .versionTable("My Table")
                .versionTableSchema("user")
                .build();
        assertThat(migrator.sql("base", "aaaa"))
                .contains(
                        "CREATE TABLE \"user\".\"My Table\" (",
                        "CONSTRAINT \"My Table_pkc\" PRIMARY KEY",
                        "RETURNING \"user\".\"My Table\".version_num");
    }

    @Test
    void aScriptThatCanNotRunIsRefusedBeforeAnythingIsWritten() {
        scripts.add("nnnn", "mmmm", "COMMIT;");
        StringBuilder out = new StringBuilder();
        assertThatThrownBy(() -> migrator().sql("base", "heads", out)).isInstanceOf(UnsoundScriptsException.class);
        assertThat(out).isEmpty();
    }

    @Test
    void permissionsAreRepairedByNameOnly() {
        PostgresServer.shared().role("verbs_app", "x");
        database.execute("CREATE SCHEMA verbs", "CREATE TABLE verbs.t (id int)");
        Migrator migrator = AutoMigrator.configure()
                .scripts(directory.toString())
                .applicationRole("verbs_app")
                .schema("verbs")
                .build();
        BootReport upgraded = migrator.upgrade(database.superuser(), "head");
        assertThat(upgraded.permissions().repaired()).isEmpty();
        BootReport repaired = migrator.repairPermissions(database.superuser());
        assertThat(repaired.outcome()).isInstanceOf(Outcome.PermissionsOnly.class);
        assertThat(repaired.permissions().repaired()).isNotEmpty();
        assertThat(migrator.repairPermissions(database.superuser())
                        .permissions()
                        .repaired())
                .isEmpty();
    }

    // -------------------------------------------------------------------------------------------------------------
    // support

    private VerbsTest trace(String id, String revises) {
        scripts.add(id, revises, up(id));
        return this;
    }

    private static String up(String id) {
        return "INSERT INTO trace (what) VALUES ('" + id + "');\n-- downgrade\nINSERT INTO trace (what) VALUES ('-" + id
                + "');";
    }

    private Migrator migrator() {
        return configure().waitForLock(Duration.ZERO).build();
    }

    private List<String> trace() {
        return database.query("SELECT what FROM trace ORDER BY id");
    }
}
