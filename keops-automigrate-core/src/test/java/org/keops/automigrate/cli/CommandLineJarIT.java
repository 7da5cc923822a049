package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** The packaged jar in a process of its own, and what the two jars hold. */
@EnabledIfSystemProperty(named = "cli.jar", matches = ".+", disabledReason = "the jar is built later: mvn verify")
class CommandLineJarIT {
    private static final String JAR = System.getProperty("cli.jar", "");

    @TempDir
    Path directory;

    @Test
    void resultsGoToStdoutAndTheLogToStderr() throws Exception {
        Path versions = Files.createDirectory(directory.resolve("versions"));
        new Scripts(versions).add("aaaa", "", "CREATE TABLE é (i int);\n-- downgrade\nDROP TABLE é;");
        try (TestDatabase database = PostgresServer.shared().database()) {
            Map<String, String> environment = new Tool().of(database).environment;
            Ended up = java(environment, "upgrade", "head", "--json", "--scripts", versions.toString());
            assertThat(up.code).as(up.err).isZero();
            assertThat(up.out).startsWith("{\"outcome\":\"upgraded\"").endsWith("}\n");
            assertThat(up.out.lines()).hasSize(1);
            assertThat(up.err).contains("Running upgrade <base> -> aaaa").doesNotContain("\u001b[", "SLF4J");
            assertThat(database.query("SELECT relname FROM pg_class WHERE relname = 'é'"))
                    .containsExactly("é");
            Ended sql = java(environment, "sql", "aaaa:base", "--scripts", versions.toString());
            assertThat(sql.out).contains("DROP TABLE é;");
            environment.put("PGPASSWORD", "wrong");
            assertThat(java(environment, "current", "--scripts", versions.toString()).code)
                    .isEqualTo(11);
        }
    }

    @Test
    void theVersionIsTheJars() throws Exception {
        assertThat(java(Map.of(), "--version").out).startsWith("keops-automigrate 0.");
        assertThat(java(Map.of(), "nosuch").code).isEqualTo(64);
    }

    @Test
    void theLibraryDoesNotHoldTheCommandLine() throws IOException {
        assertThat(entries(JAR))
                .contains(
                        "org/keops/automigrate/cli/Main.class",
                        "picocli/CommandLine.class",
                        "org/postgresql/Driver.class");
        assertThat(entries(JAR)).doesNotContain("module-info.class");
        assertThat(entries(JAR.replace("-cli.jar", ".jar")))
                .contains("org/keops/automigrate/AutoMigrator.class", "module-info.class")
                .noneMatch(name -> name.contains("/cli/") || name.contains("picocli"));
    }

    private static List<String> entries(String jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar)) {
            return zip.stream().map(entry -> entry.getName()).toList();
        }
    }

    private static Ended java(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", JAR));
        command.addAll(List.of(arguments));
        Path err = Files.createTempFile("keops-automigrate", ".err");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("KEOPS"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        String said = Files.readString(err);
        Files.delete(err);
        return new Ended(code, out, said);
    }

    private record Ended(int code, String out, String err) {}
}
