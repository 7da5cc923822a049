package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.cli.Tool.Answer;

/** Every exit code but that of a mistyped command, on a real server. */
class ExitCodesTest extends TwoRevisions {

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
}
