package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.PlannedBoot;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.WhenAhead;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptSource;

/** What an upgrade does: order, version rows, transactions, and where the version table is. */
class UpgradeTest extends OnADatabase {
    @BeforeEach
    void prepare() {
        database.execute("CREATE TABLE trace (id serial, what text)");
    }

    @Test
    void branchesAndMergesEndInOneRow() {
        branched();
        BootReport report = fromBase().run(database.superuser());
        assertThat(report.outcome()).asInstanceOf(type(Outcome.Upgraded.class)).satisfies(upgraded -> {
            assertThat(upgraded.revisions()).isEqualTo(4);
            assertThat(upgraded.to()).hasToString("[m]");
        });
        assertThat(trace()).startsWith("a").endsWith("m").containsExactlyInAnyOrder("a", "b", "c", "m");
        assertThat(rows()).containsExactly("m");
    }

    @Test
    void severalHeadsBecomeSeveralRows() {
        trace("a", "").trace("b", "a").trace("c", "a");
        fromBase().run(database.superuser());
        assertThat(rows()).containsExactly("b", "c");
        assertThat(fromBase().run(database.superuser()).scenario()).isEqualTo(Scenario.AT_HEAD);
    }

    @Test
    void severalHeadsAreAllStamped() {
        trace("a", "").trace("b", "a").trace("c", "a");
        assertThat(configure().run(database.superuser()).scenario()).isEqualTo(Scenario.UNVERSIONED);
        assertThat(rows()).containsExactly("b", "c");
        assertThat(trace()).isEmpty();
    }

    @Test
    void aStampedRevisionIsWhereTheUpgradeStarts() {
        trace("a", "").trace("b", "a").trace("c", "b");
        BootReport report =
                configure().whenUnversioned(WhenUnversioned.stamp("a")).run(database.superuser());
        assertThat(report.scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(trace()).containsExactly("b", "c");
        assertThat(rows()).containsExactly("c");
    }

    @Test
    void anEmptyVersionTableIsUnversioned() {
        trace("a", "");
        database.execute("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)");
        assertThat(configure().run(database.superuser()).scenario()).isEqualTo(Scenario.UNVERSIONED);
        assertThat(rows()).containsExactly("a");
    }

    @Test
    void refusedWithoutAVersionTouchesNothing() {
        trace("a", "");
        BootReport report =
                configure().whenUnversioned(WhenUnversioned.refuse()).run(database.superuser());
        assertThat(report.outcome()).isInstanceOf(Outcome.UnversionedRefused.class);
        assertThat(database.query("SELECT to_regclass('alembic_version')::text"))
                .containsOnlyNulls();
    }

    @Test
    void aheadIsLeftAlone() {
        trace("a", "");
        recorded("zz");
        BootReport report = configure().run(database.superuser());
        assertThat(report.toString()).contains("ahead of this build", "zz");
        assertThat(report.orElseThrow()).isSameAs(report);
        assertThat(configure()
                        .whenAhead(WhenAhead.REFUSE)
                        .run(database.superuser())
                        .outcome()
                        .acceptable())
                .isFalse();
        assertThat(rows()).containsExactly("zz");
    }

    @Test
    void theVersionTableIsAlembicsOwn() {
        trace("a", "");
        configure().run(database.superuser());
        assertThat(database.query("""
                        SELECT format('%s %s %s', attname, format_type(atttypid, atttypmod), attnotnull)
                          FROM pg_attribute WHERE attrelid = 'public.alembic_version'::regclass AND attnum > 0
                        """)).containsExactly("version_num character varying(32) t");
        assertThat(
                        database.query(
                                "SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'p' AND conrelid = 'public.alembic_version'::regclass"))
                .containsExactly("alembic_version_pkc PRIMARY KEY (version_num)");
    }

    @Test
    void theVersionTableIsMadeInTheFirstSchemaOfTheSearchPath() {
        trace("a", "");
        database.execute("CREATE SCHEMA first");
        var dataSource = database.superuser();
        dataSource.setOptions("-c search_path=nosuch,first,public");
        configure().run(dataSource);
        assertThat(database.query("SELECT version_num FROM first.alembic_version"))
                .containsExactly("a");
    }

    @Test
    void theVersionTableIsFoundInALaterSchemaOfTheSearchPath() {
        trace("a", "").trace("b", "a");
        database.execute("CREATE SCHEMA first");
        recorded("a");
        var dataSource = database.superuser();
        dataSource.setOptions("-c search_path=first,public");
        configure().run(dataSource);
        assertThat(rows()).containsExactly("b");
        assertThat(database.query("SELECT to_regclass('first.alembic_version')::text"))
                .containsOnlyNulls();
    }

    @Test
    void theVersionTableCanHaveANameAndASchemaOfItsOwn() {
        trace("a", "").trace("b", "a");
        database.execute("CREATE SCHEMA \"We\"\"ird\"");
        MigratorBuilder configuration = fromBase().versionTable("My Table").versionTableSchema("We\"ird");
        assertThat(configuration.run(database.superuser()).scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(database.query("SELECT version_num FROM \"We\"\"ird\".\"My Table\""))
                .containsExactly("b");
        assertThat(database.query("SELECT conname FROM pg_constraint WHERE contype = 'p' AND conname LIKE 'My%'"))
                .containsExactly("My Table_pkc");
        assertThat(configuration.run(database.superuser()).scenario()).isEqualTo(Scenario.AT_HEAD);
        assertThat(fromBase()
                        .versionTableSchema("nosuch")
                        .run(database.superuser())
                        .outcome())
                .asInstanceOf(type(Outcome.Inaccessible.class))
                .satisfies(outcome -> assertThat(outcome.reason()).isEqualTo(Obstacle.NO_SCHEMA));
    }

    @Test
    void byDefaultAFailureLeavesTheVersionOfBefore() {
        trace("a", "").trace("b", "a");
        scripts.add("c", "b", "SELECT 1/0;");
        BootReport report = fromBase().run(database.superuser());
        assertThat(report.toString()).contains("c.sql:7:1: division by zero [22012]; rolled back to <base>");
        assertThat(trace()).isEmpty();
        assertThat(database.query("SELECT to_regclass('alembic_version')::text"))
                .containsOnlyNulls();
    }

    @Test
    void aCommitThatTheServerRefusesIsRolledBack() {
        scripts.add(
                "a",
                "",
                "CREATE TABLE one (id int PRIMARY KEY);"
                        + " CREATE TABLE two (id int REFERENCES one DEFERRABLE INITIALLY DEFERRED); INSERT INTO two VALUES (1);");
        BootReport report = fromBase().run(database.superuser());
        assertThat(report.toString())
                .contains("[23503]; rolled back to <base>", "Key (id)=(…) is not present")
                .doesNotContain("(1)");
        assertThat(database.query("SELECT to_regclass('alembic_version')::text"))
                .containsOnlyNulls();
    }

    @Test
    void backslashesAreReadAsTheSessionReadsThem() {
        scripts.add("a", "", "INSERT INTO trace (what) VALUES ('it\\'s; one');");
        var dataSource = database.superuser();
        dataSource.setOptions("-c standard_conforming_strings=off -c backslash_quote=on");
        assertThat(fromBase().run(dataSource).scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(trace()).containsExactly("it's; one");
    }

    /** No text tells: the server does. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DO $$ BEGIN PERFORM set_config('standard_conforming_strings', 'off', false); END $$;",
                "SET standard_conforming_strings = off; DO 'BEGIN SET standard_conforming_strings TO on; END';",
                "SELECT strings_off();",
                "INSERT INTO trace (what) SELECT set_config('standard_conforming_strings', 'off', true);",
            })
    void aBackslashThatTheServerWouldReadOtherwiseIsNotSent(String setting) {
        database.execute("CREATE FUNCTION strings_off() RETURNS void LANGUAGE plpgsql"
                + " AS 'BEGIN SET standard_conforming_strings = off; END'");
        scripts.add("a", "", setting + "\nINSERT INTO trace (what) VALUES ('plain');\nSELECT 'C:\\dir';");
        assertThat(fromBase().run(database.superuser()).toString())
                .contains("a.sql:9:1: was read with standard_conforming_strings", "rolled back to <base>");
        assertThat(trace()).isEmpty();
    }

    @Test
    void neitherIsOneBehindALocalSettingThatTookNoEffect() {
        scripts.add(
                "a",
                "",
                "-- Transactional: no",
                "SET LOCAL standard_conforming_strings = off;\nINSERT INTO trace (what) VALUES ('C:\\dir');");
        assertThat(fromBase().run(database.superuser()).toString())
                .contains("was read with standard_conforming_strings off", "but the server has it on");
        assertThat(trace()).isEmpty();
    }

    @Test
    void backslashesAreReadAsASavepointHasLeftThem() {
        scripts.add("a", "", """
                SAVEPOINT s;
                SET standard_conforming_strings = off;
                INSERT INTO trace (what) VALUES ('gone\\');');
                ROLLBACK TO SAVEPOINT s;
                INSERT INTO trace (what) VALUES ('C:\\'), ('and;');
                """);
        assertThat(fromBase().run(database.superuser()).scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(trace()).containsExactly("C:\\", "and;");
    }

    @Test
    void withATransactionForEachRevisionAFailureKeepsThoseBefore() {
        trace("a", "").trace("b", "a");
        scripts.add("c", "b", "SELECT 1/0;");
        BootReport report = fromBase().transactionPerRevision().run(database.superuser());
        assertThat(report.toString()).contains("rolled back to b");
        assertThat(report.steps()).hasSize(2);
        assertThat(trace()).containsExactly("a", "b");
        assertThat(rows()).containsExactly("b");
        scripts.add("c", "b", "INSERT INTO trace (what) VALUES ('c');");
        assertThat(fromBase().run(database.superuser()).scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(trace()).containsExactly("a", "b", "c");
    }

    @Test
    void aScriptThatSaysSoRunsOutsideATransaction() {
        trace("a", "");
        scripts.add("b", "a", "-- Transactional: no", "INSERT INTO trace (what) VALUES ('b');\nVACUUM trace;");
        trace("c", "b");
        PlannedBoot planned = fromBase().build().plan(database.superuser());
        assertThat(planned.plan().steps()).hasSize(3).allMatch(step -> step instanceof Step.Upgrade);
        assertThat(planned.plan().groups())
                .hasExactlyElementsOfTypes(
                        Plan.InOneTransaction.class, Plan.OutsideTransaction.class, Plan.InOneTransaction.class);
        assertThat(trace()).isEmpty();
        BootReport report = fromBase().run(database.superuser());
        assertThat(report.scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(trace()).containsExactly("a", "b", "c");
        assertThat(rows()).containsExactly("c");
    }

    @Test
    void aScriptWithAStatementThatRefusesATransactionRunsOutsideOne() {
        trace("a", "");
        scripts.add("b", "a", "CREATE INDEX CONCURRENTLY trace_what ON trace (what);");
        assertThat(fromBase().run(database.superuser()).scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(database.query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'trace_what'::regclass"))
                .containsExactly("t");
    }

    @Test
    void aFailureOutsideATransactionSaysWhatIsCommitted() {
        trace("a", "");
        scripts.add("b", "a", "-- Transactional: no", "INSERT INTO trace (what) VALUES ('b');\nSELECT 1/0;");
        BootReport report = fromBase().run(database.superuser());
        assertThat(report.toString())
                .contains("b.sql:9:1: division by zero", "is committed, because it runs outside", "still recorded: a");
        assertThat(report.steps()).hasSize(1);
        assertThat(trace()).containsExactly("a", "b");
        assertThat(rows()).containsExactly("a");
    }

    @Test
    void aFailureOutsideATransactionIsSaidAlsoWhereTheScriptHidTheVersionTable() {
        trace("a", "");
        database.execute("CREATE SCHEMA other");
        scripts.add("b", "a", "-- Transactional: no", "SET search_path = other;\nSELECT 1/0;");
        BootReport report = fromBase().run(database.superuser());
        assertThat(report.toString()).contains("b.sql:9:1: division by zero", "still recorded: a");
        assertThat(report.steps()).hasSize(1);
    }

    @Test
    void aTransactionOfItsOwnIsRefusedAlsoOutsideOne() {
        trace("a", "");
        scripts.add("b", "a", "-- Transactional: no", "BEGIN;\nINSERT INTO trace (what) VALUES ('b');");
        assertThat(fromBase().run(database.superuser()).toString())
                .contains("b.sql:8:1: BEGIN would break the record", "each statement commits by itself");
        assertThat(trace()).isEmpty();
    }

    @Test
    void whatIsCommittedStaysInTheReportWhateverComesAfter() {
        trace("a", "");
        // one with data is not kept in memory
        scripts.add("b", "a", "COPY trace (what) FROM STDIN;\nb\n\\.\n");
        int[] opened = {0};
        ScriptSource failing = new ScriptSource() {
            @Override
            public List<ScriptFile> list() throws IOException {
                List<ScriptFile> files = new ArrayList<>();
                for (ScriptFile file : ScriptSource.of(directory.toString()).list()) {
                    files.add(new ScriptFile(file.place(), () -> {
                        // header, preflight, then the run
                        if (file.place().contains("b.sql") && ++opened[0] == 3) {
                            throw new UncheckedIOException(new IOException("gone"));
                        }
                        return file.open();
                    }));
                }
                return files;
            }

            @Override
            public String describe() {
                return "failing";
            }
        };
        BootReport report = AutoMigrator.configure()
                .scripts(failing)
                .leavePermissionsAlone()
                .whenUnversioned(WhenUnversioned.upgradeFromBase())
                .transactionPerRevision()
                .run(database.superuser());
        assertThat(report.scenario()).isEqualTo(Scenario.FAILED);
        assertThat(report.toString()).contains("b.sql: the script can not be read", "gone", "rolled back to a");
        assertThat(report.steps()).hasSize(1);
        assertThat(rows()).containsExactly("a");
    }

    @Test
    void planTellsWhatWouldStopIt() {
        scripts.add("a", "", "COMMIT;");
        assertThat(fromBase().build().plan(database.superuser()).problems()).hasSize(1);
    }

    @Test
    void copyDataInAScriptIsCopied() {
        scripts.add(
                "a", "", "COPY trace (what) FROM STDIN;\none\\ttab\ntwo\n\\.\nINSERT INTO trace (what) VALUES ('?');");
        assertThat(fromBase().run(database.superuser()).scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(trace()).containsExactly("one\ttab", "two", "?");
    }

    @Test
    void whatAScriptSetsDoesNotReachTheNext() {
        database.execute("CREATE SCHEMA other", "CREATE TABLE other.trace (LIKE trace)");
        scripts.add("a", "", "SET search_path = other; SET standard_conforming_strings = off;");
        trace("b", "a");
        scripts.add("c", "b", "DO $$ BEGIN PERFORM set_config('search_path', 'other', false); END $$;");
        trace("d", "c");
        scripts.add("e", "d", "SET LOCAL search_path = other;");
        trace("f", "e");
        scripts.add("g", "f", "DO $$ BEGIN EXECUTE 'SET search_path TO other'; END $$;");
        trace("h", "g");
        assertThat(fromBase().run(database.superuser()).scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(trace()).containsExactly("b", "d", "f", "h");
    }

    @Test
    void onlyTheUpgradeSectionRuns() {
        scripts.add("a", "", "-- upgrade\nINSERT INTO trace (what) VALUES ('up');\n-- downgrade\nDROP TABLE trace;");
        fromBase().run(database.superuser());
        assertThat(trace()).containsExactly("up");
    }

    @Test
    void aPlanCanBeRead() {
        trace("a", "");
        scripts.add("b", "a", "VACUUM trace;").add("c", "b", "COMMIT;");
        assertThat(fromBase().build().plan(database.superuser()))
                .hasToString("""
                        <base> -> c
                          in one transaction
                            upgrade a, Revision a
                          outside a transaction
                            upgrade b, Revision b
                          in one transaction
                            upgrade c, Revision c
                          problem: %s:7:1: COMMIT would break the transaction that the script and its version row share; take it out""".formatted(directory.resolve("c.sql")));
    }

    @Test
    void planReadsOnly() {
        branched();
        PlannedBoot planned = configure().build().plan(database.superuser());
        assertThat(planned.plan().steps()).hasOnlyElementsOfType(Step.Stamp.class);
        assertThat(database.query("SELECT to_regclass('alembic_version')::text"))
                .containsOnlyNulls();
    }

    // -------------------------------------------------------------------------------------------------------------
    // support

    private void branched() {
        trace("a", "").trace("b", "a").trace("c", "a").trace("m", "b, c");
    }

    /** A script that leaves a trace of having run. */
    private UpgradeTest trace(String id, String revises) {
        scripts.add(id, revises, "INSERT INTO trace (what) VALUES ('" + id + "');");
        return this;
    }

    private void recorded(String id) {
        database.execute(
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
                "INSERT INTO alembic_version VALUES ('" + id + "')");
    }

    private List<String> trace() {
        return database.query("SELECT what FROM trace ORDER BY id");
    }
}
