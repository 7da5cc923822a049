package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.cli.Tool.Answer;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** With {@code --json} every verb and every outcome is one line, which a parser that is not ours reads: PostgreSQL's. */
class AnswersInJsonTest {
    @TempDir
    Path directory;

    private Path versions;
    private Scripts scripts;
    private TestDatabase database;
    private Tool tool;

    @BeforeEach
    void prepare() throws IOException {
        versions = Files.createDirectory(directory.resolve("a \"quoted\" \\ é"));
        scripts = new Scripts(versions)
                .add("aaaa", "", "CREATE TABLE a (i int);\n-- downgrade\nDROP TABLE a;")
                .file("bbbb.sql", """
                        -- A "message"\\ with\ta tab
                        --
                        -- Revision ID: bbbb
                        -- Revises: aaaa
                        -- upgrade
                        SELECT E'\\x01 "é" \uD83D\uDE00';
                        -- downgrade
                        """);
        database = PostgresServer.shared().database();
        tool = new Tool().of(database).always("--json", "--scripts", versions.toString());
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void everyVerbAnswersInJson() throws IOException {
        PostgresServer.shared().role("cli_app", "x");
        Path python = Files.createDirectory(directory.resolve("python"));
        for (String id : List.of("aaaa", "bbbb")) {
            String down = id.equals("aaaa") ? "None" : "'aaaa'";
            Files.writeString(python.resolve(id + ".py"), "revision = '" + id + "'\ndown_revision = " + down + "\n");
        }
        String policy = " --application-role cli_app --schema public";
        for (String verb : List.of(
                "plan --when-unversioned upgrade-from-base",
                "current",
                "upgrade +1",
                "plan --leave-permissions-alone",
                "run" + policy,
                "run" + policy,
                "upgrade heads",
                "current",
                "downgrade base",
                "stamp aaaa",
                "stamp --purge heads",
                "heads",
                "branches",
                "history",
                "history -v -i",
                "history -r current:head",
                "history --graph",
                "history --format text -i",
                "history --format mermaid",
                "history --format dot",
                "history --format svg",
                "show head",
                "check",
                "check --heads",
                "check --heads" + policy,
                "sql aaaa:head",
                "fix-permissions" + policy,
                "verify" + policy,
                "bundle -o " + directory.resolve("migration.zip"),
                "import-alembic --no-alembic " + python,
                "revision -m more",
                "revision -m other --head bbbb --splice",
                "merge")) {
            assertJson(tool.run(verb.split(" ")), 0);
        }
    }

    @Test
    void theDrawingIsInTheAnswer() {
        String drawn = new Tool()
                .always("--scripts", versions.toString())
                .run("history", "--format", "svg")
                .out();
        assertThat(field(tool.run("history", "--format", "svg"), "drawing")).isEqualTo(drawn);
    }

    @Test
    void everyOutcomeIsJson() throws Exception {
        try (var connection = database.superuser().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + AutoMigrator.LOCK_KEY + ")");
            assertJson(tool.run("upgrade", "head", "--wait-for-lock", "0"), 13);
        }
        assertJson(tool.run("check", "--heads"), 1);
        assertJson(tool.run("run", "--when-unversioned", "refuse"), 14);
        assertJson(tool.run("fix-permissions", "--application-role", "no_such_role", "--schema", "public"), 22);
        assertJson(tool.run("verify", "--application-role", "no_such_role", "--schema", "public"), 22);
        tool.run("stamp", "aaaa");
        database.execute("UPDATE alembic_version SET version_num = E'z\"\\\\\\n\\x01'");
        assertJson(tool.run("run"), 12);
        assertJson(tool.run("current"), 12);
        database.execute("DROP TABLE alembic_version");
        assertJson(tool.run("upgrade", "no\"such"), 64);
        assertJson(tool.run("upgrade"), 64);
        assertJson(tool.run("no\"such"), 64);
        tool.environment.put("PGPASSWORD", "wrong");
        assertJson(tool.run("upgrade", "head"), 11);
        try (ServerSocket closed = new ServerSocket(0)) {
            tool.environment.put("PGPORT", String.valueOf(closed.getLocalPort()));
        }
        assertJson(tool.run("upgrade", "head"), 10);
        tool.of(database);
        scripts.add("cccc", "bbbb", "SELECT 'a\t\"', \"no such column\";");
        assertJson(tool.run("upgrade", "head"), 20);
        scripts.add("dddd", "no\u0007such", "");
        assertJson(tool.run("heads"), 21);
    }

    /** What stands behind {@code --password} is repeated nowhere, neither by picocli's messages nor as a target. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "upgrade head --password=s3cret",
                "upgrade head --password s3cret",
                "upgrade head -Ws3cret",
                "upgrade head -W -s3cret",
                "stamp head --password s3cret",
                "upgrade --password s3cret head",
                "upgrade head --url jdbc:postgresql://x/y?user=me&sslpassword=s3cret",
                "upgrade head --url jdbc:postgresql://me:s3cret@x/y"
            })
    void noMessageRepeatsAPassword(String arguments) {
        Answer answer = tool.run(arguments.split(" "));
        assertJson(answer, 64);
        assertThat(answer.out() + answer.err()).contains("--password").doesNotContain("s3cret");
    }

    private void assertJson(Answer answer, int code) {
        assertThat(answer.code()).as(answer.out() + answer.err()).isEqualTo(code);
        assertThat(answer.out().lines()).hasSize(1);
        assertThat(field(answer, "exitCode")).isEqualTo(String.valueOf(code));
    }

    private String field(Answer answer, String name) {
        String quoted = answer.out().strip().replace("'", "''");
        return database.query("SELECT '" + quoted + "'::json ->> '" + name + "'")
                .get(0);
    }
}
