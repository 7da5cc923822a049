package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.testing.Conditions;
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

    /** A script of which half was written must not pass for the whole. */
    @Test
    void anAnswerThatCanNotBeWrittenIsNoSuccess() throws Exception {
        assumeThat(Path.of("/dev/full")).exists();
        Path versions = Files.createDirectory(directory.resolve("versions"));
        new Scripts(versions).add("aaaa", "", "SELECT 1;");
        for (String verb : List.of("sql=aaaa", "heads")) {
            List<String> arguments = new ArrayList<>(List.of(verb.split("=")));
            arguments.addAll(List.of("--scripts", versions.toString()));
            Process process = new ProcessBuilder(command(arguments.toArray(String[]::new)))
                    .redirectOutput(Path.of("/dev/full").toFile())
                    .start();
            process.getOutputStream().close();
            String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).isEqualTo(74);
            assertThat(err).contains("could not be written");
        }
    }

    @Test
    void whatIsPipedHoldsNothingForATerminal() throws Exception {
        Path versions = Files.createDirectory(directory.resolve("versions"));
        new Scripts(versions).add("aaaa", "", "CREATE TABLE a (i int);\n-- downgrade\nDROP TABLE a;");
        try (TestDatabase database = PostgresServer.shared().database()) {
            Map<String, String> environment = new Tool().of(database).environment;
            environment.put("TERM", "xterm-256color");
            environment.put("COLUMNS", "120");
            for (String verb : List.of("upgrade=head", "downgrade=base", "run")) {
                List<String> arguments = new ArrayList<>(List.of(verb.split("=")));
                arguments.addAll(List.of("--scripts", versions.toString()));
                Ended ended = java(environment, arguments.toArray(String[]::new));
                assertThat(ended.err).contains("aaaa").doesNotContain("steps");
                assertThat(ended.out + ended.err).doesNotContainPattern("[\\p{Cntrl}&&[^\n]]");
            }
        }
    }

    /** Debian's {@code script} gives the process a terminal. */
    @Test
    void aTerminalShowsABar() throws Exception {
        assumeThat(Path.of("/usr/bin/script")).isExecutable();
        Path versions = Files.createDirectory(directory.resolve("versions"));
        new Scripts(versions).add("aaaa", "", "CREATE TABLE a (i int);\n-- downgrade\nDROP TABLE a;");
        try (TestDatabase database = PostgresServer.shared().database()) {
            Map<String, String> environment = new Tool().of(database).environment;
            environment.put("TERM", "xterm");
            String upgrade = command("upgrade", "head", "--scripts", versions.toString()).stream()
                    .map(word -> "'" + word + "'")
                    .collect(Collectors.joining(" "));
            List<String> onTerminal = List.of("script", "-qec", upgrade, "/dev/null");
            Ended ended = process(environment, onTerminal);
            assertThat(ended.code).as(ended.out).isZero();
            assertThat(ended.out)
                    .contains("Running upgrade", "steps ", "0/1", " aaaa:", "upgraded <base> -> aaaa")
                    .doesNotContain("\u001b", "jline", "WARN");
            assertThat(ended.out).matches("(?s).*\r {79}\rupgraded [^\r]*\r\n");
            Ended json = process(
                    environment, List.of("script", "-qec", upgrade.replace("'head'", "'head' '--json'"), "/dev/null"));
            assertThat(json.out).contains("{\"outcome\"").doesNotContain("steps ");
        }
    }

    @Test
    void aSignalCancelsWhatRunsAndIsAnswered() throws Exception {
        Path versions = Files.createDirectory(directory.resolve("versions"));
        new Scripts(versions).add("aaaa", "", "CREATE TABLE a (i int);\nSELECT pg_sleep(600);");
        try (TestDatabase database = PostgresServer.shared().database()) {
            ProcessBuilder builder =
                    new ProcessBuilder(command("upgrade", "head", "--json", "--scripts", versions.toString()));
            builder.environment().putAll(new Tool().of(database).environment);
            Process process =
                    builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
            String asleep =
                    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
            Conditions.await("the script sleeps", () -> !database.query(asleep).isEmpty());
            process.toHandle().destroy();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(out).isEqualTo(15);
            assertThat(out).startsWith("{").contains("interrupted").hasLineCount(1);
            assertThat(database.query(asleep)).isEmpty();
            assertThat(database.query("SELECT 1 FROM pg_class WHERE relname = 'a'"))
                    .isEmpty();
        }
    }

    @Test
    void theVersionIsTheJars() throws Exception {
        assertThat(java(Map.of(), "--version").out).startsWith("keops-automigrate 0.");
        assertThat(java(Map.of(), "nosuch").code).isEqualTo(64);
        Path broken = Files.write(directory.resolve("broken.zip"), new byte[] {'P', 'K', 3, 4});
        Ended ended = java(Map.of(), "heads", "--scripts", broken.toString());
        assertThat(ended.code).isEqualTo(21);
        assertThat(ended.err).containsOnlyOnce("cut off");
    }

    @Test
    void theLibraryDoesNotHoldTheCommandLine() throws IOException {
        assertThat(entries(JAR))
                .contains(
                        "org/keops/automigrate/cli/Main.class",
                        "picocli/CommandLine.class",
                        "me/tongfei/progressbar/ProgressBar.class",
                        "org/jline/utils/WCWidth.class",
                        "org/postgresql/Driver.class");
        assertThat(entries(JAR)).doesNotContain("module-info.class").noneMatch(CommandLineJarIT::looksAtTheTerminal);
        assertThat(entries(JAR.replace("-cli.jar", ".jar")))
                .contains("org/keops/automigrate/AutoMigrator.class", "module-info.class")
                .noneMatch(name -> name.contains("/cli/") || name.contains("picocli") || name.contains("progressbar"));
    }

    @Test
    void theLicencesOfWhatIsBundledAreInTheJar() throws IOException {
        Map<String, String> licences = Map.of(
                "info.picocli", "Apache License",
                "me.tongfei.progressbar", "The MIT License",
                "org.jline", "Redistributions in binary form",
                "org.postgresql", "PostgreSQL Global Development Group",
                "org.slf4j", "QOS.ch");
        try (ZipFile zip = new ZipFile(JAR)) {
            for (Map.Entry<String, String> one : licences.entrySet()) {
                ZipEntry entry = zip.getEntry("META-INF/licenses/" + one.getKey() + "/LICENSE");
                assertThat(entry).as(one.getKey()).isNotNull();
                assertThat(zip.getInputStream(entry))
                        .asString(StandardCharsets.UTF_8)
                        .contains(one.getValue());
            }
            assertThat(zip.getInputStream(zip.getEntry("META-INF/LICENSE")))
                    .asString(StandardCharsets.UTF_8)
                    .contains("Apache License");
        }
        assertThat(entries(JAR).stream().filter(name -> name.endsWith(".class") && !name.startsWith("META-INF/")))
                .as("whoever bundles something new adds its licence")
                .allMatch(name -> name.matches(
                        "(org/keops|org/postgresql|org/slf4j|org/jline|picocli|me/tongfei/progressbar)/.*"));
    }

    private static List<String> entries(String jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar)) {
            return zip.stream().map(entry -> entry.getName()).toList();
        }
    }

    private static boolean looksAtTheTerminal(String entry) {
        return entry.startsWith("org/jline/terminal") || entry.endsWith(".so") || entry.endsWith(".dll");
    }

    private static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", JAR));
        command.addAll(List.of(arguments));
        return command;
    }

    private static Ended java(Map<String, String> environment, String... arguments) throws Exception {
        return process(environment, command(arguments));
    }

    private static Ended process(Map<String, String> environment, List<String> command) throws Exception {
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
