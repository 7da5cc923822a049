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
        assertThat(tool.run("plan", "--leave-permissions-alone", "--json").out())
                .contains("\"from\":[\"bbbb\"],\"to\":[\"bbbb\"]");
        assertAnswer(tool.run("run", "--leave-permissions-alone"), 0, "at head bbbb");
    }

    @Test
    void listings() {
        scripts.add("c1c1", "bbbb", "-- Branch Labels: side", "").add("c2c2", "bbbb", "-- Depends On: aaaa", "");
        assertAnswer(tool.run("heads"), 0, "c1c1 (side) (head)\nc2c2 (head)\n");
        assertAnswer(tool.run("branches"), 0, """
                bbbb (branchpoint)
                     -> c1c1 (side) (head)
                     -> c2c2 (head)
                """);
        assertAnswer(tool.run("history", "-r", "aaaa:bbbb"), 0, """
                aaaa -> bbbb (branchpoint), Revision bbbb
                <base> -> aaaa, Revision aaaa
                """);
        tool.run("upgrade", "aaaa");
        assertAnswer(tool.run("history", "-r", "current:bbbb", "-i"), 0, """
                aaaa -> bbbb (branchpoint), Revision bbbb
                <base> -> aaaa (current), Revision aaaa
                """);
        assertAnswer(tool.run("show", "c2c2"), 0, """
                Rev: c2c2 (head)
                Parent: bbbb
                Also depends on: aaaa
                Path: %s

                    Revision c2c2
                   \s
                    Revision ID: c2c2
                    Revises: bbbb
                    Create Date: 2024-01-01 00:00:00.000000
                    Depends On: aaaa
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

    @Test
    void aScriptThatWasChangedAfterItWasApplied() {
        tool.run("upgrade", "head", "--fingerprints", "warn");
        scripts.add("bbbb", "aaaa", "CREATE TABLE b (i bigint);\n-- downgrade\nDROP TABLE b;");
        assertThat(tool.run("upgrade", "head").code()).isZero();
        assertThat(tool.run("upgrade", "head", "--fingerprints", "warn").code()).isZero();
        for (String verb : List.of("upgrade head", "run --leave-permissions-alone", "plan --leave-permissions-alone")) {
            Answer refused = tool.run((verb + " --fingerprints refuse").split(" "));
            assertThat(refused.code()).as(verb).isEqualTo(14);
            assertThat(refused.out()).as(verb).contains("bbbb.sql: was changed after revision bbbb was applied");
        }
        assertThat(tool.run("stamp", "head", "--fingerprints", "refuse").code()).isZero();
        assertThat(tool.run("upgrade", "head", "--fingerprints", "refuse").code())
                .isZero();
        Answer unknown = tool.run("upgrade", "head", "--fingerprints", "on");
        assertAnswer(unknown, 64, "");
        assertThat(unknown.err()).contains("--fingerprints is off, warn or refuse, not 'on'");
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
        Path missing = directory.resolve("not/there");
        Tool beginning = new Tool().always("--scripts", missing.toString());
        assertThat(beginning.run("revision", "--rev-id", "a-b").code()).isEqualTo(64);
        assertThat(missing).doesNotExist();
        assertThat(beginning.run("revision", "-m", "begin", "--rev-id", "first").code())
                .isZero();
        assertThat(missing.resolve("first_begin.sql")).exists();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "revision -m x --rev-id a-b        | a-b",
                "revision -m x --rev-id aaaa       | aaaa",
                "revision -m x --rev-id base       | base",
                "revision -m x --head aaaa         | --splice",
                "revision -m x --branch-label bbbb | bbbb",
                "revision -m x --depends-on nosuch | nosuch",
                "revision -m upgrade               | Revision ID"
            })
    void aScriptThatWouldBreakTheHistoryIsNotWritten(String arguments, String says) {
        Answer answer = tool.run(arguments.strip().split(" +"));
        assertThat(answer.code()).as(answer.err()).isEqualTo(64);
        assertThat(answer.err()).contains(says).doesNotContain("_x.sql:");
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
    void howLongADatabaseIsWaitedForCanBeSaid() throws IOException {
        int silent;
        try (ServerSocket socket = new ServerSocket(0)) {
            silent = socket.getLocalPort();
            tool.environment.put("PGPORT", String.valueOf(silent));
            Answer answer = tool.run("upgrade", "head", "--connect-within", "1");
            assertAnswer(answer, 10, "database offline, nothing attempted: no connection within 1");
        }
        long start = System.nanoTime();
        assertThat(tool.run("upgrade", "head", "--wait-for-database", "1").code())
                .isEqualTo(10);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(1_000_000_000L);
        assertThat(tool.run("upgrade", "head", "--wait-for-database", "-1").code())
                .isEqualTo(64);
    }

    @Test
    void theVersionTableMayStandInAnotherSchema() {
        database.execute("CREATE SCHEMA ledger");
        tool.always("--version-table-schema", "ledger");
        assertAnswer(tool.run("upgrade", "head"), 0, "upgraded <base> -> bbbb (2 revisions)");
        assertThat(database.query("SELECT version_num FROM ledger.alembic_version"))
                .containsExactly("bbbb");
        assertAnswer(tool.run("current"), 0, "bbbb (head)\n");
        assertThat(tool.run("sql", "bbbb:aaaa").out()).contains("UPDATE ledger.alembic_version SET");
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
        assertThat(tool.run("upgrade", "head").out()).contains("stamp --purge").doesNotContain("policy");
        assertThat(tool.run("run").out()).doesNotContain("--purge");
        Answer history = tool.run("history", "-i", "--json");
        assertThat(history.err()).contains("zz, which no script has");
        assertAnswer(history, 0, "{\"exitCode\":0,\"unknown\":[\"zz\"],");
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
    void workHasAnEndAndWaitingForTablesToo() throws Exception {
        scripts.add("cccc", "bbbb", "SELECT pg_sleep(600);").add("dddd", "bbbb", "DROP TABLE a;");
        Answer late = tool.run("upgrade", "cccc", "--deadline", "2", "--transaction-per-revision");
        assertAnswer(late, 20, "failed: ");
        assertThat(late.out()).contains("the deadline of 2 s", "say --deadline").doesNotContain("(…)");
        try (var connection = database.superuser().getConnection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE a IN ACCESS SHARE MODE");
            Answer blocked = tool.run("upgrade", "dddd", "--wait-for-tables", "0");
            assertAnswer(blocked, 20, "failed: ");
            assertThat(blocked.out()).contains("--wait-for-tables gives more");
            connection.rollback();
        }
        assertThat(tool.run("upgrade", "cccc", "--deadline", "0").code()).isEqualTo(64);
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
    void aBodyThatCanNotBeRunIs21BeforeAnythingRuns() {
        scripts.add("cccc", "bbbb", "COMMIT;").add("dddd", "cccc", "INSERT INTO t VALUES (1, 'canary;\nnever ended");
        for (String verb : List.of("check", "sql head", "upgrade head", "plan --leave-permissions-alone")) {
            Answer answer = tool.run((verb + (verb.startsWith("plan") ? " --when-unversioned aaaa" : "")).split(" "));
            assertThat(answer.code()).as(verb).isEqualTo(21);
            assertThat(answer.out() + answer.err())
                    .as(verb)
                    .contains("cccc.sql:7:1: COMMIT", "dddd.sql:7:26: ")
                    .contains("\n    INSERT INTO t VALUES (1, …\n                             ^\n")
                    .doesNotContain("canary", "Migrator.");
        }
        assertThat(tool.run("upgrade", "head", "--json").out())
                .contains("\"exitCode\":21", "\"problems\":[{\"file\":", "\"sourceLine\":\"INSERT INTO t");
        assertThat(tool.run("check", "--json").out()).contains("\"sourceLine\":\"INSERT INTO t", "\"caret\":25");
        assertAnswer(tool.run("current"), 0, "");
    }

    /** A quote too much turns the literals behind it into code, and nobody can tell. */
    @Test
    void aLineIsNotShownWhereALiteralMightBeTakenForCode() {
        scripts.add("cccc", "bbbb", "SELECT 'a''; UPDATE t SET p = 'canary';");
        Answer answer = tool.run("check");
        assertThat(answer.err()).contains("cccc.sql:7:38").doesNotContain("canary", "^");
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
                "upgrade head --wait-for-lock -1",
                "run --when-unversioned stamp-haed",
                "run --when-unversioned=",
                "run --version-table=",
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
    void aValueThatIsMistypedIsNamedWithItsOption() {
        assertThat(tool.run("run", "--when-unversioned", "stamp-haed").err())
                .contains("--when-unversioned: ", "stamp-haed", "stamp-head (the default), upgrade-from-base");
        assertThat(tool.run("current", "--version-table", "").err()).contains("--version-table: ");
    }

    @Test
    void aVerbThatIsMistypedIsNamedWithThoseThatThereAre() {
        assertThat(tool.run("upgarde", "head").err()).contains("'upgarde'; did you mean upgrade");
        assertThat(tool.run("xyzzy").err()).contains("'xyzzy'; the verbs are run, plan, upgrade, ");
        assertThat(new Tool().run().err()).contains("the verbs are run, plan, upgrade, ");
        assertThat(new Tool().run("--scripts", "x", "upgrade", "head").err())
                .contains("'--scripts'", "a verb comes first");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "upgrade --bogus head",
                "upgrade head --bogus",
                "upgrade --bogus",
                "downgrade --bogus -1",
                "stamp --bogus head",
                "merge --bogus",
                "sql --bogus aaaa:bbbb",
                "show --bogus head",
                "heads --bogus"
            })
    void anOptionThatIsMistypedIsNamed(String arguments) {
        tool.run("upgrade", "aaaa");
        Answer answer = tool.run(arguments.split(" "));
        assertAnswer(answer, 64, "");
        assertThat(answer.err()).startsWith("Unknown option: '--bogus'");
        assertAnswer(tool.run("current"), 0, "aaaa\n");
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

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PGSSLMODE         | bogus                            | verify-full: bogus",
                "PGPORT            | 99999                            | 1 to 65535: 99999",
                "PGPORT            | 0                                | 1 to 65535: 0",
                "PGPORT            | abc                              | 1 to 65535: abc",
                "PGCONNECT_TIMEOUT | soon                             | number of seconds: soon",
                "PGHOST            | /var/run/postgresql              | TCP only",
                "--url             | jdbc:postgresql://x/y?sslmode=no | verify-full: no"
            })
    void aConnectionThatMakesNoSenseIs64(String name, String value, String says) {
        if (name.startsWith("--")) {
            tool.always(name, value);
        } else {
            tool.environment.put(name, value);
        }
        Answer answer = tool.run("current");
        assertAnswer(answer, 64, "");
        assertThat(answer.err()).contains(name, value.substring(value.lastIndexOf('=') + 1), says);
    }

    @Test
    void theVariablesOfLibpqAreHeeded() {
        tool.environment.put("PGSSLMODE", "prefer");
        tool.environment.put("PGCONNECT_TIMEOUT", "0");
        assertAnswer(tool.run("current"), 0, "");
        tool.environment.put("PGSSLMODE", "require");
        tool.environment.put("PGCONNECT_TIMEOUT", "7");
        assertThat(tool.run("current").code()).isEqualTo(14);
    }

    @Test
    void withAnUrlTheRoleIsPgusersOrTheOneWhoIsLoggedIn() {
        Tool bare = new Tool().always("--scripts", directory.toString(), "--url", database.url());
        bare.environment.put("PGPASSWORD", "wrong");
        assertThat(bare.run("current").out()).contains("\"" + System.getProperty("user.name") + "\"");
        bare.environment.put("PGUSER", "nobody_knows");
        assertThat(bare.run("current").out()).contains("\"nobody_knows\"");
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
