package org.keops.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.bootstrap.testing.KeopsClient;
import org.keops.bootstrap.testing.KeopsFixture;

/** KEOPS as a process of its own, as an operator starts and stops it, with every logger at its most talkative. */
class KeopsProcessTest {
    private static final KeopsFixture KEOPS = KeopsFixture.shared();
    private static final Pattern SERVES = Pattern.compile("KEOPS serves on http://localhost:(\\d+)/health");

    @TempDir
    Path directory;

    @Test
    void bootsServesAndEndsOnASignal() throws Exception {
        try (TestDatabase database = KEOPS.legacy()) {
            Process process = start(KEOPS.environment(database));
            try {
                assertThat(new KeopsClient(port()).settled().field("ready")).isEqualTo("true");
                process.destroy();

                assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
                assertThat(process.exitValue()).as("ended by SIGTERM").isEqualTo(128 + 15);
                Conditions.await("no session is left", () -> sessions(database).equals(List.of("0")));
            } finally {
                process.destroyForcibly();
            }
            noPasswordIn(log(), KeopsFixture.PASSWORD, PostgresServer.shared().password());
        }
    }

    @Test
    void noPasswordIsEverShownWhateverGoesWrong() throws Exception {
        String wrong = "canary/of the@super%user:7";
        String wrongToo = "canary/of the@web%app:8";
        try (TestDatabase database = KEOPS.legacy()) {
            for (Map<String, String> environment : List.of(
                    KEOPS.environment(database, "POSTGRESPASSWORD", wrong, "KEOPS_DB_PASS", wrongToo),
                    KEOPS.environment(
                            database, "POSTGRESPASSWORD", wrong, "KEOPS_DB_HOST", "127.0.0.1", "KEOPS_DB_PORT", "1"),
                    KEOPS.environment(database, "KEOPS_DB_PASS", wrongToo, "KEOPS_DB_NAME", "none"))) {
                Process process = start(environment);
                String health;
                try {
                    health = new KeopsClient(port()).settled().body();
                } finally {
                    process.destroy();
                    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
                }
                noPasswordIn(
                        log() + health, wrong, wrongToo, PostgresServer.shared().password());
            }
        }
    }

    private Process start(Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace",
                        KeopsApplication.class.getName()))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private int port() {
        List<Matcher> found = new ArrayList<>();
        Conditions.await("it serves", () -> {
            Matcher matcher = SERVES.matcher(log());
            return matcher.find() && found.add(matcher);
        });
        return Integer.parseInt(found.get(0).group(1));
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> sessions(TestDatabase database) {
        return TestDatabase.query(
                PostgresServer.shared().superuser("postgres"),
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database.name() + "'");
    }

    private static void noPasswordIn(String output, String... passwords) {
        assertThat(output).contains("KEOPS serves on");
        for (String password : passwords) {
            assertThat(output)
                    .doesNotContain(password)
                    .doesNotContain(URLEncoder.encode(password, StandardCharsets.UTF_8))
                    .doesNotContain(password.substring(0, password.length() / 2));
        }
    }
}
