package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.cli.AlembicOutput.Body;
import org.keops.automigrate.cli.Tool.Answer;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.testing.AlembicProject;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** From a Python project to SQL scripts, and the comparison of the two. */
class ImportTest {
    private static final String PLAIN = "branch_labels = None\ndepends_on = None\ndown_revision = ";

    @TempDir
    Path directory;

    @Test
    void withoutAlembicTheBodiesAreMarkedAndRefused() throws IOException {
        AlembicProject project = project();
        Answer imported = new Tool()
                .run("import-alembic", project.directory().resolve("migrations").toString(), "--no-alembic");
        assertThat(imported.code()).as(imported.err()).isZero();
        assertThat(imported.err()).contains("the alembic command was not asked");
        assertThat(imported.out())
                .contains("Generating ", "TODO ", "the same history: 5 revisions, heads mmmm (side) (head)");
        assertThat(project.versions().resolve("c2c2.sql")).content().isEqualTo("""
                -- Revision c2c2
                --
                -- Revision ID: c2c2
                -- Revises: aaaa
                -- Create Date: 2024-01-01 00:00:00.000000
                -- Branch Labels: side

                -- upgrade
                TODO 'write what c2c2.py does here';

                -- downgrade
                TODO 'write what c2c2.py does here';
                """);
        Tool tool = new Tool().always("--scripts", project.versions().toString());
        Answer check = tool.run("check");
        assertThat(check.code()).isEqualTo(21);
        assertThat(check.err()).contains("aaaa.sql:8:1: is still to be written");
        try (TestDatabase database = PostgresServer.shared().database()) {
            assertThat(tool.of(database).run("upgrade", "head").code()).isEqualTo(21);
            assertThat(database.query("SELECT to_regclass('alembic_version')::text"))
                    .containsOnlyNulls();
        }
    }

    @Test
    void withAlembicTheScriptsDoWhatThePythonDoes() throws IOException {
        assumeTrue(
                AlembicProject.isAlembicHere(),
                "no alembic command on the PATH: apt-get install alembic python3-psycopg2");
        AlembicProject project = project()
                .add("live", PLAIN + "'mmmm'", "op.get_bind().execute(sa.text('SELECT 1')).fetchall()", "pass")
                .add("last", PLAIN + "'live'", "op.execute('CREATE TABLE last (i int)')", "op.drop_table('last')");
        Path sql = Files.createDirectory(directory.resolve("sql"));
        Tool tool = new Tool().always("--scripts", sql.toString());
        Answer imported = tool.run("import-alembic", project.versions().toString(), "--json");
        assertThat(imported.code()).as(imported.err()).isZero();
        assertThat(imported.out())
                .contains("\"liveData\":[\"live\"]", "\"todo\":[\"" + sql.resolve("live.sql:8") + "\"]");
        assertThat(imported.err()).contains("alembic could not write all of it as SQL: ");
        assertThat(sql.resolve("mmmm.sql")).content().endsWith("-- upgrade\n\n-- downgrade\n");
        assertThat(sql.resolve("aaaa.sql"))
                .content()
                .contains("CREATE TABLE a (\n", "\nDROP TABLE a;\n")
                .doesNotContain("alembic_version", "BEGIN");
        Files.writeString(
                sql.resolve("live.sql"),
                Files.readString(sql.resolve("live.sql")).replaceAll("TODO '.*';", "SELECT 1;"));
        try (TestDatabase ours = PostgresServer.shared().database();
                TestDatabase theirs = PostgresServer.shared().database()) {
            assertThat(tool.of(ours).run("upgrade", "head").code()).isZero();
            assertThat(project.alembic(theirs, "upgrade", "head").code()).isZero();
            String tables =
                    "SELECT relname || ' ' || attname || ' ' || format_type(atttypid, atttypmod) FROM pg_class c JOIN pg_attribute a"
                            + " ON a.attrelid = c.oid WHERE relnamespace = 'public'::regnamespace AND attnum > 0 ORDER BY 1";
            assertThat(ours.query(tables)).isEqualTo(theirs.query(tables)).hasSizeGreaterThan(5);
            assertThat(tool.run("downgrade", "base").code()).isZero();
            assertThat(ours.query(tables))
                    .containsExactly(
                            "alembic_version version_num character varying(32)",
                            "alembic_version_pkc version_num character varying(32)");
        }
    }

    @Test
    void aMergeAboveWhatNeedsADatabaseIsAskedForFromEachOfItsParents() throws IOException {
        assumeTrue(
                AlembicProject.isAlembicHere(),
                "no alembic command on the PATH: apt-get install alembic python3-psycopg2");
        AlembicProject project = AlembicProject.in(directory)
                .add("aaaa", PLAIN + "None", "pass", "pass")
                .add("bbbb", PLAIN + "'aaaa'", "op.execute('SELECT 2')", "pass")
                .add("live", PLAIN + "'aaaa'", "op.get_bind().execute(sa.text('SELECT 1')).fetchall()", "pass")
                .add("mmmm", PLAIN + "('bbbb', 'live')", "op.execute('SELECT 3')", "op.execute('SELECT 4')");
        Answer imported = new Tool()
                .run("import-alembic", project.directory().resolve("migrations").toString());
        assertThat(imported.code()).as(imported.err()).isZero();
        assertThat(project.versions().resolve("mmmm.sql"))
                .content()
                .contains("SELECT 3", "SELECT 4")
                .doesNotContain("SELECT 2", "TODO");
    }

    @Test
    void anAlembicThatCanNotEvenBeginIsNotAskedForEachRevision() throws IOException {
        assumeTrue(
                AlembicProject.isAlembicHere(),
                "no alembic command on the PATH: apt-get install alembic python3-psycopg2");
        AlembicProject project = AlembicProject.in(directory).add("aaaa", PLAIN + "None", "pass", "pass");
        for (int i = 1; i < 5; i++) {
            project.add("b" + i, PLAIN + "'" + (i == 1 ? "aaaa" : "b" + (i - 1)) + "'", "pass", "pass");
        }
        Path asked = directory.resolve("asked");
        Files.writeString(
                project.directory().resolve("migrations/env.py"),
                "open('" + asked + "', 'a').write('x')\nimport nosuchmodule\n");
        Answer imported = new Tool().run("import-alembic", project.versions().toString());
        assertThat(imported.code()).as(imported.err()).isZero();
        assertThat(imported.err()).contains("nosuchmodule");
        assertThat(imported.out()).contains("TODO ", "the same history: 5 revisions");
        assertThat(asked).hasContent("xx");
    }

    @Test
    void theIniFileMayHaveAnotherName() throws IOException {
        assumeTrue(
                AlembicProject.isAlembicHere(),
                "no alembic command on the PATH: apt-get install alembic python3-psycopg2");
        AlembicProject project =
                AlembicProject.in(directory).add("aaaa", PLAIN + "None", "op.execute('SELECT 1')", "pass");
        Path ini = Files.move(
                project.directory().resolve("alembic.ini"), project.directory().resolve("other.ini"));
        Answer imported = new Tool().run("import-alembic", project.versions().toString(), "--config", ini.toString());
        assertThat(imported.code()).as(imported.err()).isZero();
        assertThat(project.versions().resolve("aaaa.sql")).content().contains("SELECT 1;");
    }

    @Test
    void whatIsThereIsComparedAndNeverOverwritten() throws IOException {
        AlembicProject project = project();
        Tool tool = new Tool();
        String versions = project.versions().toString();
        tool.run("import-alembic", versions, "--no-alembic");
        Path script = project.versions().resolve("c1c1.sql");
        String changed = Files.readString(script)
                .replace("-- Revises: aaaa", "-- Revises: c2c2")
                .replace("TODO", "SELECT");
        Files.writeString(script, changed);
        Answer differs = tool.run("import-alembic", versions, "--no-alembic", "--json");
        assertThat(differs.code()).isEqualTo(21);
        assertThat(differs.err()).contains("revision c1c1 revises 'c2c2' here, but 'aaaa' in ");
        assertThat(script).content().isEqualTo(changed);
    }

    /** Wherever in the line they are missing. */
    @Test
    void aGapIsFilledAndNamed() throws IOException {
        AlembicProject project = project();
        String versions = project.versions().toString();
        Answer nothing = new Tool().run("import-alembic", versions, "--check");
        assertThat(nothing.code()).isEqualTo(21);
        assertThat(nothing.err())
                .contains("5 problems", "no SQL script has the revision aaaa", "no SQL script has the revision mmmm")
                .doesNotContain("no revision scripts here");
        new Tool().run("import-alembic", versions, "--no-alembic");
        Path kept = project.versions().resolve("mmmm.sql");
        String written = Files.readString(kept).replaceAll("TODO '.*';", "SELECT 1;");
        Files.writeString(kept, written);
        Files.delete(project.versions().resolve("c1c1.sql"));
        Files.delete(project.versions().resolve("aaaa.sql"));
        Answer gap = new Tool().run("import-alembic", versions, "--check", "--json");
        assertThat(gap.code()).isEqualTo(21);
        assertThat(gap.err())
                .contains("2 problems", "no SQL script has the revision aaaa", "no SQL script has the revision c1c1");
        assertThat(project.versions().resolve("aaaa.sql")).doesNotExist();
        Answer filled = new Tool().run("import-alembic", versions, "--no-alembic");
        assertThat(filled.code()).as(filled.err()).isZero();
        assertThat(filled.out())
                .contains("Generating " + project.versions().resolve("aaaa.sql"), "c1c1.sql", "bill.sql:9")
                .doesNotContain("mmmm.sql");
        assertThat(kept).content().isEqualTo(written);
    }

    @Test
    void whatIsStillToBeWrittenIsSaidAgain() throws IOException {
        String versions = project().versions().toString();
        new Tool().run("import-alembic", versions, "--no-alembic");
        for (String again : List.of("--no-alembic", "--check")) {
            assertThat(new Tool()
                            .run("import-alembic", versions, "--json", again)
                            .out())
                    .contains("\"created\":[]", "\"todo\":[\"", "aaaa.sql:8\",\"", "aaaa.sql:11\"");
        }
    }

    @Test
    void theScriptsMayGoIntoADirectoryThatIsStillToBeMade() throws IOException {
        Path sql = directory.resolve("new/sql");
        String[] command = {
            "import-alembic", project().versions().toString(), "--no-alembic", "--scripts", sql.toString()
        };
        assertThat(new Tool().run(command).code()).isZero();
        assertThat(sql.resolve("mmmm.sql")).exists();
    }

    @Test
    void oneLineComparesInAUnitTest() throws IOException {
        AlembicProject project = project();
        new Tool().run("import-alembic", project.versions().toString(), "--no-alembic");
        var migrator =
                AutoMigrator.configure().scripts(project.versions().toString()).build();
        assertThat(migrator.requireSameGraphAs(project.versions())).isSameAs(migrator);
        project.add("c1c1", "branch_labels = 'other'\ndown_revision = 'aaaa'", "pass", "pass");
        project.add("bill", "depends_on = None\ndown_revision = 'c1c1'", "pass", "pass");
        Files.delete(project.versions().resolve("mmmm.py"));
        project.add("zzzz", PLAIN + "('bill', 'c2c2')", "pass", "pass");
        assertThatThrownBy(() -> migrator.requireSameGraphAs(project.versions()))
                .isInstanceOf(UnsoundScriptsException.class)
                .hasMessageContainingAll(
                        "no SQL script has the revision zzzz",
                        "no Python file has the revision mmmm",
                        "revision c1c1 has the labels nothing here, but 'other' in",
                        "revision bill depends on 'c2c2' here, but nothing in");
    }

    @Test
    void filesOfOneNameInSeveralDirectoriesBecomeScriptsOfTheirOwn() throws IOException {
        Path versions = directory.resolve("versions");
        for (String file : List.of("aaaa None x/initial", "bbbb 'aaaa' y/Initial", "cccc 'bbbb' y/later")) {
            String[] parts = file.split(" ", -1);
            Path path = versions.resolve(parts[2] + ".py");
            Files.createDirectories(path.resolveSibling("."));
            Files.writeString(path, "revision = '" + parts[0] + "'\ndown_revision = " + parts[1] + "\n");
        }
        Path sql = Files.createDirectory(directory.resolve("sql"));
        String[] command = {"import-alembic", versions.toString(), "--no-alembic", "--scripts", sql.toString()};
        assertThat(new Tool().run(command).code()).isZero();
        assertThat(sql).isDirectoryContaining("glob:**/aaaa_initial.sql");
        assertThat(sql).isDirectoryContaining("glob:**/bbbb_Initial.sql");
        assertThat(sql).isDirectoryContaining("glob:**/later.sql");
        Files.delete(sql.resolve("bbbb_Initial.sql"));
        Files.delete(sql.resolve("later.sql"));
        assertThat(new Tool().run(command).out())
                .contains("bbbb_Initial.sql", "later.sql", "the same history: 3 revisions")
                .doesNotContain("Generating " + sql.resolve("aaaa_initial.sql"));
    }

    @Test
    void aFileThatIsThereIsNotTheScriptOfAnotherRevision() throws IOException {
        AlembicProject project = project();
        new Scripts(project.versions()).file("bill.sql", "-- Revision ID: other\n-- Revises:\n");
        Answer refused = new Tool().run("import-alembic", project.versions().toString(), "--no-alembic");
        assertThat(refused.code()).as(refused.err()).isEqualTo(64);
        assertThat(refused.err()).contains("the script of revision bill would be ", "bill.sql");
        assertThat(project.versions()).isDirectoryNotContaining("glob:**/aaaa.sql");
    }

    @Test
    void badInputIsSaid() throws IOException {
        Path versions = Files.createDirectory(directory.resolve("v"));
        Files.writeString(versions.resolve("a.py"), "print('no revision')");
        assertThat(new Tool().run("import-alembic", versions.toString()).code()).isEqualTo(21);
        assertThat(new Tool()
                        .run("import-alembic", directory.resolve("nowhere").toString())
                        .code())
                .isEqualTo(64);
        assertThat(versions.resolve("a.sql")).doesNotExist();
    }

    @Test
    void alembicsOutputIsCutWhereItsRevisionsBegin() {
        Map<String, Body> bodies = AlembicOutput.bodies("""
                BEGIN;

                CREATE TABLE s.alembic_version (
                    version_num VARCHAR(32) NOT NULL,\s
                    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
                );

                -- Running upgrade  -> a

                CREATE TABLE t (

                    i int
                );

                INSERT INTO s.alembic_version (version_num) VALUES ('a') RETURNING s.alembic_version.version_num;

                -- Running upgrade a, b -> m

                DELETE FROM s.alembic_version WHERE s.alembic_version.version_num = 'a';

                UPDATE s.alembic_version SET version_num='m' WHERE s.alembic_version.version_num = 'b';

                -- Running upgrade m -> n

                COMMIT;

                CREATE INDEX CONCURRENTLY i ON t (i);

                BEGIN;

                UPDATE s.alembic_version SET version_num='n' WHERE s.alembic_version.version_num = 'm';

                COMMIT;

                """);
        assertThat(bodies)
                .isEqualTo(Map.of(
                        "a", new Body("CREATE TABLE t (\n\n    i int\n);", false),
                        "m", new Body("", false),
                        "n", new Body("CREATE INDEX CONCURRENTLY i ON t (i);", true)));
        assertThat(AlembicOutput.bodies("""
                BEGIN;

                -- Running downgrade b -> a

                DROP TABLE b;

                UPDATE alembic_version SET version_num='a' WHERE alembic_version.version_num = 'b';

                -- Running downgrade a ->\s

                DROP TABLE a;

                DELETE FROM alembic_version WHERE alembic_version.version_num = 'a';

                DROP TABLE alembic_version;

                COMMIT;
                """))
                .isEqualTo(Map.of("b", new Body("DROP TABLE b;", false), "a", new Body("DROP TABLE a;", false)));
    }

    private AlembicProject project() {
        return AlembicProject.in(directory)
                .add("aaaa", PLAIN + "None", "op.create_table('a', sa.Column('i', sa.Integer()))", "op.drop_table('a')")
                .add(
                        "c1c1",
                        PLAIN + "'aaaa'",
                        "op.add_column('a', sa.Column('c1', sa.Text()))",
                        "op.drop_column('a', 'c1')")
                .add(
                        "c2c2",
                        "down_revision: str = 'aaaa'\nbranch_labels = ('side',)",
                        "op.add_column('a', sa.Column('c2', sa.Text()))",
                        "op.drop_column('a', 'c2')")
                .add(
                        "bill",
                        "down_revision = 'c1c1'\ndepends_on = 'side'",
                        "op.execute('CREATE TABLE bill (i int)')",
                        "op.drop_table('bill')")
                .add("mmmm", PLAIN + "('bill', 'c2c2')", "pass", "pass");
    }
}
