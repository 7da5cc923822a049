package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.cli.Tool.Answer;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** Every verb and every exit code of the command line, on a real server. */
class CommandLineTest {
    @TempDir
    Path directory;

    private Scripts scripts;
    private TestDatabase database;
    private Tool tool;

    @BeforeEach
    void prepare() {
        scripts = new Scripts(directory)
                .add("aaaa", "", "CREATE TABLE a (i int);\n-- downgrade\nDROP TABLE a;")
                .add("bbbb", "aaaa", "CREATE TABLE b (i int);\n-- downgrade\nDROP TABLE b;");
        database = PostgresServer.shared().database();
        tool = new Tool().of(database).always("--scripts", directory.toString());
    }

    @AfterEach
    void drop() {
        database.close();
    }

    // ---------------------------------------------------------------------------------------------------- the verbs

    @Test
    void upgradeAndDowngrade() {
        assertAnswer(tool.run("upgrade", "+1"), 0, "upgraded <base> -> aaaa (1 revision)");
        assertAnswer(tool.run("upgrade", "head"), 0, "upgraded aaaa -> bbbb (1 revision)");
        assertAnswer(tool.run("upgrade", "head"), 0, "nothing to apply or record, at bbbb");
        assertAnswer(tool.run("downgrade", "-1"), 0, "downgraded bbbb -> aaaa (1 revision)");
        assertAnswer(tool.run("downgrade", "base"), 0, "downgraded aaaa -> <base> (1 revision)");
        assertThat(database.query("SELECT relname FROM pg_class WHERE relname IN ('a', 'b')"))
                .isEmpty();
    }

    @Test
    void stampCurrentAndCheck() {
        assertAnswer(tool.run("current"), 0, "");
        assertAnswer(
                tool.run("check", "--heads"),
                1,
                "the scripts are sound, the database is not at the heads: it records no version");
        assertAnswer(tool.run("stamp", "aaaa"), 0, "stamped <base> -> aaaa, nothing run");
        assertAnswer(tool.run("current"), 0, "aaaa\n");
        assertAnswer(
                tool.run("check", "--heads"),
                1,
                "the scripts are sound, the database is not at the heads: it records aaaa");
        tool.run("stamp", "--purge", "head");
        assertAnswer(tool.run("current"), 0, "bbbb (head)\n");
        assertAnswer(tool.run("check", "--heads"), 0, "the scripts are sound, the database is at the heads: bbbb");
        assertAnswer(tool.run("check"), 0, "the scripts are sound");
    }

    @Test
    void planAndRun() {
        assertAnswer(tool.run("plan", "--leave-permissions-alone", "--when-unversioned", "aaaa"), 0, """
                in one transaction:
                  stamp aaaa
                  upgrade aaaa -> bbbb, Revision bbbb
                """);
        assertAnswer(
                tool.run("run", "--leave-permissions-alone", "--when-unversioned", "upgrade-from-base"),
                0,
                "upgraded <base> -> bbbb (2 revisions)");
        assertAnswer(tool.run("plan", "--leave-permissions-alone"), 0, "at head bbbb; nothing would be done");
        assertAnswer(tool.run("run", "--leave-permissions-alone"), 0, "at head bbbb");
    }

    @Test
    void listings() {
        scripts.add("c1c1", "bbbb", "-- Branch Labels: side", "").add("c2c2", "bbbb", "-- Depends On: aaaa", "");
        assertAnswer(tool.run("heads"), 0, "c1c1 (side) (head)\nc2c2 (head)\n");
        assertAnswer(tool.run("branches"), 0, """
                bbbb (branchpoint), Revision bbbb
                     -> c1c1 (side) (head), Revision c1c1
                     -> c2c2 (head), Revision c2c2
                """);
        assertAnswer(tool.run("history", "-r", "aaaa:bbbb"), 0, """
                aaaa -> bbbb (branchpoint), Revision bbbb
                <base> -> aaaa, Revision aaaa
                """);
        tool.run("upgrade", "aaaa");
        assertAnswer(tool.run("history", "-r", "current:bbbb", "-i"), 0, """
                aaaa -> bbbb (branchpoint), Revision bbbb
                <base> -> aaaa (current), Revision aaaa
                """.replace(
                        "aaaa (current), Revision aaaa", "aaaa, Revision aaaa (current)"));
        assertAnswer(tool.run("show", "c2c2"), 0, """
                Rev: c2c2 (head)
                Parent: bbbb
                Also depends on: aaaa
                Path: %s

                    Revision c2c2
                """.formatted(directory.resolve("c2c2.sql")));
    }

    @Test
    void theHistoryCanBeDrawn() {
        assertAnswer(tool.run("history", "--graph"), 0, """
                ○  bbbb (head), Revision bbbb
                ○  aaaa, Revision aaaa
                """);
        tool.run("upgrade", "aaaa");
        assertThat(tool.run("history", "--graph", "-i").out()).contains("●  aaaa (current)");
        assertThat(tool.run("history", "--format", "svg").out()).startsWith("<svg ");
        assertThat(tool.run("history", "--format", "mermaid").out()).startsWith("flowchart BT");
        assertThat(tool.run("history", "--format", "dot").out()).startsWith("digraph");
        assertThat(tool.run("history", "--format", "png").code()).isEqualTo(64);
    }

    @Test
    void sqlWritesTheScriptForPsql() {
        Answer answer = tool.run("sql", "aaaa:bbbb");
        assertThat(answer.out()).startsWith("BEGIN;\n\n-- Running upgrade aaaa -> bbbb\n\nCREATE TABLE b (i int);\n\n");
        assertThat(tool.run("sql", "aaaa", "bbbb").out()).isEqualTo(answer.out());
        assertThat(tool.run("sql", "head").out()).contains("CREATE TABLE alembic_version");
        assertThat(tool.run("sql", "bbbb", "-1").out()).contains("-- Running downgrade bbbb -> aaaa");
        assertAnswer(tool.run("sql", ":aaaa"), 64, "");
        assertThat(tool.run("sql", "aaaa:bbbb", "--json").out())
                .startsWith("{\"exitCode\":0,\"sql\":\"BEGIN;\\n\\n-- Running upgrade aaaa -> bbbb\\n")
                .endsWith("COMMIT;\\n\\n\"}" + System.lineSeparator());
    }

    // ---------------------------------------------------------------------------------------------- writing scripts

    @Test
    void revisionRevisesTheHead() throws IOException {
        Answer answer = tool.run("revision", "-m", "Add a column & more: things, with a very long message", "--json");
        assertThat(answer.code()).isZero();
        List<Path> made = made();
        assertThat(made).hasSize(1);
        assertThat(made.get(0).getFileName().toString())
                .matches("[0-9a-f]{12}_add_a_column_more_things_with_a_very_.sql");
        assertThat(Files.readString(made.get(0))).matches("""
                -- Add a column & more: things, with a very long message
                --
                -- Revision ID: [0-9a-f]{12}
                -- Revises: bbbb
                -- Create Date: \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6}

                -- upgrade

                -- downgrade
                """);
        assertThat(tool.run("heads").out()).hasSize("0123456789ab (head)\n".length());
        assertThat(tool.run("upgrade", "head").code()).isZero();
    }

    @Test
    void severalHeadsAreNamedAndMerged() {
        scripts.add("c1c1", "bbbb", "").add("c2c2", "bbbb", "");
        Answer refused = tool.run("revision", "-m", "x");
        assertAnswer(refused, 64, "");
        assertThat(refused.err()).contains("c1c1, c2c2", "--head", "`merge`");
        assertThat(tool.run("upgrade", "head").err()).contains("'c1c1'", "'c2c2'", "`merge`");
        Answer merged = tool.run("merge", "-m", "join", "--rev-id", "mmmm");
        assertThat(merged.out()).contains("mmmm_join.sql");
        assertThat(directory.resolve("mmmm_join.sql")).content().contains("-- Revises: c1c1, c2c2\n");
        assertThat(tool.run("heads").out()).isEqualTo("mmmm (head)\n");
        assertAnswer(tool.run("merge"), 64, "");
    }

    @Test
    void theFirstRevisionNeedsNoOther() throws IOException {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        Tool fresh = new Tool().always("--scripts", empty.toString());
        assertThat(fresh.run("revision", "-m", "begin", "--rev-id", "first").code())
                .isZero();
        assertThat(empty.resolve("first_begin.sql")).content().contains("-- Revises:\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "revision -m x --rev-id a-b        | 21 | a-b",
                "revision -m x --rev-id aaaa       | 21 | aaaa",
                "revision -m x --head aaaa         | 64 | --splice",
                "revision -m x --branch-label bbbb | 21 | bbbb",
                "revision -m x --depends-on nosuch | 21 | nosuch",
                "revision -m upgrade               | 21 | Revision ID"
            })
    void aScriptThatWouldBreakTheHistoryIsNotWritten(String arguments, int code, String says) {
        Answer answer = tool.run(arguments.strip().split(" +"));
        assertThat(answer.code()).as(answer.err()).isEqualTo(code);
        assertThat(answer.err()).contains(says);
        assertThat(made()).isEmpty();
    }

    // ---------------------------------------------------------------------------------------------------- exit codes

    @Test
    void offlineIs10() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        tool.environment.put("PGPORT", String.valueOf(closed));
        for (String verb :
                List.of("run", "plan", "current", "fix-permissions", "verify", "upgrade head", "check --heads")) {
            assertThat(tool.run(verb.split(" ")).code()).as(verb).isEqualTo(10);
        }
    }

    @Test
    void rejectedCredentialsAre11() {
        tool.environment.put("PGPASSWORD", "wrong");
        Answer answer = tool.run("upgrade", "head", "--json");
        assertThat(answer.code()).isEqualTo(11);
        assertThat(answer.out())
                .contains("\"outcome\":\"credentials-rejected\"", "\"exitCode\":11")
                .doesNotContain("wrong");
    }

    @Test
    void aheadIs12() {
        tool.run("stamp", "head");
        database.execute("UPDATE alembic_version SET version_num = 'zz'");
        for (String verb :
                List.of("run", "plan", "current", "upgrade head", "downgrade base", "stamp head", "check --heads")) {
            assertThat(tool.run(verb.split(" ")).code()).as(verb).isEqualTo(12);
        }
        assertThat(tool.run("current", "--json").out()).contains("\"unknown\":[\"zz\"]");
    }

    @Test
    void aLockThatIsNotObtainedIs13() throws Exception {
        try (var connection = database.superuser().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + AutoMigrator.LOCK_KEY + ")");
            assertThat(tool.run("upgrade", "head", "--wait-for-lock", "0").code())
                    .isEqualTo(13);
        }
    }

    @Test
    void aDatabaseThatIsMissingIs14() {
        tool.environment.put("PGDATABASE", "no_such_database");
        assertThat(tool.run("upgrade", "head").code()).isEqualTo(14);
        tool.of(database);
        assertThat(tool.run("run", "--when-unversioned", "refuse").code()).isEqualTo(14);
    }

    @Test
    void aScriptThatFailsIs20() {
        scripts.add("cccc", "bbbb", "SELECT 1 / 0;");
        Answer answer = tool.run("upgrade", "head", "--json");
        assertThat(answer.code()).isEqualTo(20);
        assertThat(answer.out())
                .contains("\"outcome\":\"failed\"", "cccc.sql\",\"line\":7,", "\"sqlState\":\"22012\"", "rolled back");
        assertThat(tool.run("upgrade", "head", "--transaction-per-revision").out())
                .contains("rolled back to bbbb");
    }

    @Test
    void aFailureIsShownWithItsLineAndACaret() {
        scripts.add("cccc", "bbbb", "SELECT 'canary',\n\tnosuch;");
        assertThat(tool.run("upgrade", "head").out())
                .contains("cccc.sql:8:2: column", "\n    \tnosuch\n    \t^\n")
                .doesNotContain("canary", "SELECT");
        assertThat(tool.run("upgrade", "head", "--show-statement", "--one-statement-at-a-time")
                        .out())
                .contains("\n    SELECT '…',\n    \tnosuch\n")
                .doesNotContain("canary");
        assertThat(tool.run("upgrade", "head", "--json").out())
                .contains("\"sourceLine\":\"\\tnosuch\",\"caret\":1", "\"hint\":null");
    }

    @Test
    void unsoundScriptsAre21() {
        scripts.add("cccc", "nosuch", "");
        Answer answer = tool.run("heads", "--json");
        assertThat(answer.code()).isEqualTo(21);
        assertThat(answer.out()).contains("\"problems\":[{\"file\":").contains("nosuch");
        assertThat(answer.err()).contains("cccc.sql").contains("nosuch");
        Tool elsewhere =
                new Tool().always("--scripts", directory.resolve("nowhere").toString());
        assertThat(elsewhere.run("heads").code()).isEqualTo(21);
    }

    @Test
    void aBodyThatCanNotBeRunIs21InACheck() {
        scripts.add("cccc", "bbbb", "COMMIT;");
        assertThat(tool.run("check").code()).isEqualTo(21);
        assertThat(tool.run("sql", "head").code()).isEqualTo(21);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nosuch",
                "upgrade",
                "upgrade nosuch",
                "upgrade head --nosuch",
                "downgrade typo@base",
                "show nosuch",
                "history -r nonsense",
                "history -r bbbb:aaaa",
                "upgrade head --wait-for-lock soon",
                "stamp",
                "heads extra",
                "upgrade head --password-file /no/such/file",
                "upgrade head --password",
                "upgrade head --url jdbc:mysql://x/y",
                "upgrade head --url jdbc:postgresql://x/y?password=secret",
                "upgrade head --url postgresql://me:secret@x/y"
            })
    void whatCanNotBeUnderstoodIs64(String arguments) {
        Answer answer = new Tool()
                .of(database)
                .run((arguments + " --scripts=" + directory).strip().split(" "));
        assertThat(answer.code()).as(answer.err()).isEqualTo(64);
        assertThat(answer.err()).isNotBlank().doesNotContain("secret", "Exception");
        assertThat(answer.out()).isEmpty();
    }

    @Test
    void aTargetThatDoesNotFitIsSaidInJsonToo() {
        Answer answer = tool.run("upgrade", "nosuch", "--json");
        assertThat(answer.code()).isEqualTo(64);
        assertThat(answer.out()).startsWith("{\"exitCode\":64,\"error\":\"can't locate 'nosuch'");
    }

    // ------------------------------------------------------------------------------------------------- the connection

    @Test
    void theConnectionMayComeFromAnUrlAndAPasswordFile() throws IOException {
        Path file = Files.writeString(
                directory.resolve("password"), database.server().password() + "\n");
        Tool bare = new Tool()
                .always(
                        "--scripts",
                        directory.toString(),
                        "--user",
                        database.server().superuser());
        bare.always("--password-file", file.toString());
        assertThat(bare.run("upgrade", "head", "--url", database.url()).code()).isZero();
        assertThat(bare.run("current", "--url", database.url().substring("jdbc:".length()))
                        .out())
                .isEqualTo("bbbb (head)\n");
    }

    @Test
    void theConnectionMayComeFromKeopsVariables() {
        Tool keops = new Tool()
                .always(
                        "--scripts",
                        directory.toString(),
                        "--user",
                        database.server().superuser());
        keops.environment.put("KEOPS_DB_HOST", database.server().host());
        keops.environment.put("KEOPS_DB_PORT", String.valueOf(database.server().port()));
        keops.environment.put("KEOPS_DB_NAME", database.name());
        keops.environment.put("POSTGRESPASSWORD", database.server().password());
        assertThat(keops.run("upgrade", "head").code()).isZero();
        keops.environment.remove("KEOPS_DB_NAME");
        assertThat(keops.run("upgrade", "head").code()).isEqualTo(64);
    }

    @Test
    void withoutADatabaseItSaysHowToGiveOne() {
        Answer answer = new Tool().always("--scripts", directory.toString()).run("upgrade", "head");
        assertThat(answer.code()).isEqualTo(64);
        assertThat(answer.err()).contains("--url", "PGHOST", "KEOPS_DB_HOST");
    }

    @Test
    void helpIsNoError() {
        assertThat(tool.run("--help").code()).isZero();
        Answer help = tool.run("upgrade", "--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("--scripts", "--password-file").doesNotContain("\u001b[");
    }

    // -------------------------------------------------------------------------------------------------------- support

    private List<Path> made() {
        try (var files = Files.list(directory)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("aaaa.sql") && !file.endsWith("bbbb.sql"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The whole of the output where it ends a line, its beginning otherwise: times vary. */
    private static void assertAnswer(Answer answer, int code, String out) {
        assertThat(answer.code()).as(answer.err()).isEqualTo(code);
        if (out.isEmpty() || out.endsWith("\n")) {
            assertThat(answer.out().strip()).isEqualTo(out.strip());
        } else {
            assertThat(answer.out()).startsWith(out);
        }
    }
}
