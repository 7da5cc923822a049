package org.keops.automigrate.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The known bugs of {@code planted.sh}, which tells whether they are seen, fit into the sources as they are. */
class PlantedTest {
    private static final Path ROOT = Path.of(System.getProperty("project.root", ".."));

    static List<Path> patches() throws IOException {
        try (Stream<Path> files = Files.list(ROOT.resolve("keops-automigrate-core/src/test/planted"))) {
            return files.filter(file -> file.toString().endsWith(".patch"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("patches")
    void itCanBePlanted(Path patch) throws IOException {
        String source = "\n";
        int hunks = 0;
        StringBuilder before = new StringBuilder("\n");
        for (String line : (Files.readString(patch) + "@").lines().toList()) {
            if (line.startsWith("@") || line.startsWith("diff ")) {
                // shown by itself: a source is long
                assertThat(source.contains(before))
                        .as("%s wants to find%s", patch, before)
                        .isTrue();
                hunks += before.length() > 1 ? 1 : 0;
                before = new StringBuilder("\n");
            } else if (line.startsWith("+++ b/")) {
                source = "\n" + Files.readString(ROOT.resolve(line.substring(6)));
                before = new StringBuilder("\n");
            } else if (line.startsWith(" ") || (line.startsWith("-") && !line.startsWith("--- "))) {
                before.append(line, 1, line.length()).append('\n');
            }
        }
        assertThat(hunks).isPositive();
    }
}
