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

/**
 * The tests connect with a canary for a password and run scripts with a canary for a literal. What they have logged, printed
 * and thrown stands in their reports, when all of them have run: no canary may be among it.
 */
class CanaryIT {
    private static final List<String> CANARIES = List.of(FailureTable.CANARY, "canary-secret");

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
}
