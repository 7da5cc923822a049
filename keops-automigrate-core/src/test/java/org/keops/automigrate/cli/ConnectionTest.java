package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keops.automigrate.cli.Tool.Answer;

/** Where the connection comes from: options, libpq's variables, KEOPS's. */
class ConnectionTest extends TwoRevisions {

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
}
