package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.testing.AlembicProject;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;

/** The questions print what the real {@code alembic} command prints; branches in any order, as the directory has it there. */
class LinesOfAlembicTest {
    @TempDir
    Path directory;

    @Test
    void theQuestionsAreAnsweredAsByAlembic() throws IOException {
        assumeTrue(
                AlembicProject.isAlembicHere(),
                "no alembic command on the PATH: apt-get install alembic python3-psycopg2");
        AlembicProject project = project();
        Tool tool = new Tool().always("--scripts", project.versions().toString());
        assertThat(tool.run("import-alembic", project.versions().toString(), "--no-alembic")
                        .code())
                .isZero();
        try (Stream<Path> files = Files.list(project.versions())) {
            for (Path python :
                    files.filter(file -> file.toString().endsWith(".py")).toList()) {
                takeTheHeadOfTheScript(python);
            }
        }
        try (TestDatabase database = PostgresServer.shared().database()) {
            tool.of(database);
            assertThat(tool.run("stamp", "bbbb", "dep1").code()).isZero();
            String line = "history -r aaaa:c1c1";
            assertThat(ours(tool.run(line.split(" ")).out()))
                    .isEqualTo(theirs(project.alembic(database, line.split(" ")).output()))
                    .hasSize(3);
            for (String question : List.of(
                    "heads",
                    "heads -v",
                    "branches",
                    "branches -v",
                    "current",
                    "current -v",
                    "history -i",
                    "history -v -i",
                    "show bbbb",
                    "show current")) {
                assertThat(ours(tool.run(question.split(" ")).out()))
                        .as(question)
                        .containsExactlyInAnyOrderElementsOf(theirs(
                                project.alembic(database, question.split(" ")).output()));
            }
        }
    }

    /** A docstring says what its author likes; what the two heads say is not what is compared. */
    private static void takeTheHeadOfTheScript(Path python) throws IOException {
        Path sql = Path.of(python.toString().replaceFirst("py$", "sql"));
        String head = Files.readAllLines(sql).stream()
                .takeWhile(line -> !line.isEmpty())
                .map(line -> line.substring(2).strip())
                .collect(Collectors.joining("\n"));
        String text = Files.readString(python).replaceFirst("(?s)^\"{3}.*?\"{3}", "\"\"\"" + head + "\n\"\"\"");
        Files.writeString(python, text);
    }

    /** What stands in brackets and behind "Branches into" is a set in Python: in no order. */
    private static List<String> ours(String output) {
        return output.lines().map(line -> sorted(line.replace(".sql", ".py"))).toList();
    }

    private static List<String> theirs(String output) {
        List<String> lines = new ArrayList<>();
        output.lines()
                .filter(line -> !line.startsWith("INFO "))
                .forEach(line ->
                        lines.add(sorted(line.replaceFirst("postgresql\\+psycopg2://.*@", "jdbc:postgresql://"))));
        return lines;
    }

    private static String sorted(String line) {
        String prefix = Stream.of("Branches into: ", "Branch names: ")
                .filter(line::startsWith)
                .findFirst()
                .orElse(null);
        if (prefix == null) {
            return line.stripTrailing();
        }
        String[] names = line.substring(prefix.length()).split(", ");
        Arrays.sort(names);
        return prefix + String.join(", ", names);
    }

    /** A branch point, a label, a dependency, an effective head, a merge, and a revision that names its reasons. */
    private AlembicProject project() {
        return AlembicProject.in(directory)
                .add("aaaa", "down_revision = None", "pass", "pass")
                .add("bbbb", "down_revision = 'aaaa'", "pass", "pass")
                .add("c1c1", "down_revision = 'bbbb'", "pass", "pass")
                .add("c2c2", "down_revision = 'bbbb'", "pass", "pass")
                .add("mmmm", "down_revision = ('c1c1', 'c2c2')", "pass", "pass")
                .add("dep0", "down_revision = None\nbranch_labels = ('bill',)", "pass", "pass")
                .add("dep1", "down_revision = 'dep0'\ndepends_on = 'aaaa'", "pass", "pass")
                .add("eeee", "down_revision = 'aaaa'\ndepends_on = 'bill'", "pass", "pass");
    }
}
