package org.keops.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.bootstrap.testing.KeopsFixture;
import org.keops.bootstrap.testing.Revisions;
import org.keops.bootstrap.testing.Snapshot;

/** What an operator does by hand: the bundle that the build made, the command line's jar, and psql. */
@EnabledIfSystemProperty(named = "cli.jar", matches = ".+", disabledReason = "the jar is built later: mvn verify")
class ManualUpdateIT {
    private static final KeopsFixture KEOPS = KeopsFixture.shared();
    private static final String BUNDLE = System.getProperty("migration.zip", "");

    @TempDir
    Path directory;

    @Test
    void upAndDownByTheCommandLineAndByPsqlComeToTheSame() throws Exception {
        try (TestDatabase run = KEOPS.legacy();
                TestDatabase fed = KEOPS.copy(run)) {
            assertThat(commandLine(run, "upgrade", "head")).contains("(22 revisions)");
            assertThat(Snapshot.of(run)).isEqualTo(Snapshot.golden(Revisions.HEAD));
            assertThat(commandLine(run, "downgrade", "base")).contains("(23 revisions)");
            assertThat(run.query("SELECT count(*) FROM alembic_version")).containsExactly("0");

            assumeTrue(isHere("psql"), "no psql on the PATH: apt-get install postgresql-client");
            psql(fed, commandLine(fed, "sql", Revisions.BASE + ":head"));
            assertThat(Snapshot.of(fed)).isEqualTo(Snapshot.golden(Revisions.HEAD));
            psql(fed, commandLine(fed, "sql", "head:base"));
            assertThat(Snapshot.of(fed)).isEqualTo(Snapshot.of(run));
        }
    }

    private String commandLine(TestDatabase database, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                System.getProperty("cli.jar", "")));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--scripts", BUNDLE));
        if (!arguments[0].equals("sql")) {
            command.addAll(List.of("--user", database.server().superuser()));
        }
        return run(command, KEOPS.environment(database));
    }

    private void psql(TestDatabase database, String script) throws Exception {
        PostgresServer server = database.server();
        Path file = Files.writeString(directory.resolve("script.sql"), script);
        run(
                List.of("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database.name(), "-f", file.toString()),
                Map.of(
                        "PGHOST", server.host(),
                        "PGPORT", String.valueOf(server.port()),
                        "PGUSER", server.superuser(),
                        "PGPASSWORD", server.password(),
                        "PGCLIENTENCODING", "UTF8"));
    }

    private String run(List<String> command, Map<String, String> environment) throws Exception {
        Path err = directory.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("KEOPS"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as(command.get(0) + ": " + read(err) + out)
                .isZero();
        return out;
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file);
    }

    private static boolean isHere(String program) {
        for (String place : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            if (!place.isEmpty() && Files.isExecutable(Path.of(place, program))) {
                return true;
            }
        }
        return false;
    }
}
