package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** What pg_dump writes is a script, and what the script makes is dumped the same. Needs pg_dump on the PATH. */
class DumpRoundTripTest {
    private static final PostgresServer SERVER = PostgresServer.shared();

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {"", "--inserts", "--column-inserts", "--inserts --rows-per-insert=3", "--clean --if-exists"})
    void isDumpedTheSameAfterwards(String options) throws Exception {
        try (TestDatabase original = SERVER.database();
                TestDatabase copy = SERVER.database()) {
            boolean severalDefaults =
                    !original.query("SHOW server_version").get(0).startsWith("13");
            assumeTrue(severalDefaults || !options.contains("rows"), "13 takes no DEFAULT in several rows");
            String objects = Files.readString(
                    Path.of(getClass().getResource("/dump/objects.sql").toURI()));
            run(original, "objects", objects);
            original.execute("DROP TABLE alembic_version");
            String dump = dump(original, options);
            run(copy, "dumped", dump);
            copy.execute("DROP TABLE public.alembic_version");
            assertThat(dump(copy, options)).isEqualTo(dump);
        }
    }

    private void run(TestDatabase database, String id, String body) throws IOException {
        Path scripts = Files.createDirectories(directory.resolve(id));
        new Scripts(scripts).add(id, "", body);
        BootReport report = AutoMigrator.configure()
                .scripts(scripts.toUri().toString().replaceFirst("^file:/+", "/"))
                .leavePermissionsAlone()
                .whenUnversioned(WhenUnversioned.upgradeFromBase())
                .run(database.superuser());
        report.orElseThrow();
        assertThat(database.query("SELECT version_num FROM public.alembic_version"))
                .as(report.toString())
                .containsExactly(id);
    }

    /** Without the key of {@code \restrict}, which is another one in each dump. */
    private static String dump(TestDatabase database, String options) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("pg_dump", "--host=" + SERVER.host(), "--port=" + SERVER.port()));
        command.addAll(List.of("--username=" + SERVER.superuser(), "--no-password", "--dbname=" + database.name()));
        command.addAll(options.isEmpty() ? List.of() : List.of(options.split(" ")));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("PGPASSWORD", SERVER.password());
        Path errors = Files.createTempFile("pg_dump", ".txt");
        Process process = start(builder.redirectError(errors.toFile()));
        String dump = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(errors);
        Files.delete(errors);
        assumeTrue(!said.contains("version mismatch"), "the pg_dump on the PATH is older than the server");
        assertThat(process.exitValue()).as(said).isZero();
        return dump.replaceAll("(?m)^(\\\\(un)?restrict) .*$", "$1 key");
    }

    private static Process start(ProcessBuilder builder) throws IOException {
        boolean here = false;
        for (String place : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            here |= !place.isEmpty() && Files.isExecutable(Path.of(place, "pg_dump"));
        }
        assumeTrue(here, "no pg_dump on the PATH");
        return builder.start();
    }
}
