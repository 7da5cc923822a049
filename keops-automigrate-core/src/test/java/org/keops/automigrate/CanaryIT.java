package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.testing.Onlooker;

/**
 * The tests connect with a canary for a password and run scripts with a canary for a literal. What they have logged, printed
 * and thrown stands in their reports, when all of them have run: no canary may be among it.
 */
class CanaryIT {
    private static final List<String> CANARIES = List.of(FailureTable.CANARY, "canary-secret");
    private static final String SUPERUSER = "super/secret";

    @Test
    void nothingThatTheSuiteHasLoggedHoldsASecret() throws IOException {
        List<String> seen = new ArrayList<>();
        int reports = 0;
        try (Stream<Path> files = Files.list(Path.of("target", "surefire-reports"))) {
            for (Path file :
                    files.filter(name -> name.toString().endsWith(".xml")).toList()) {
                reports++;
                Files.readString(file, StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> CANARIES.stream().anyMatch(line::contains))
                        .forEach(line -> seen.add(file.getFileName() + ": " + line));
            }
        }
        assertThat(reports).isPositive();
        assertThat(seen).isEmpty();
    }

    /** Names of threads and what pg_stat_activity tells of our sessions, looked at all the while. */
    @Test
    void nothingThatOthersCanSeeOfARunHoldsASecret() throws IOException {
        List<String> noted = new ArrayList<>();
        try (Stream<Path> files = Files.list(Onlooker.NOTES)) {
            for (Path file : files.toList()) {
                noted.addAll(Files.readAllLines(file, StandardCharsets.UTF_8));
            }
        }
        assertThat(noted)
                .as("it has looked")
                .contains("application name: keops-automigrate", "thread: keops-automigrate-progress")
                .anyMatch(line -> line.startsWith("statement: SELECT"));
        assertThat(noted)
                .noneMatch(line -> line.contains(SUPERUSER) || CANARIES.stream().anyMatch(line::contains));
    }
}
