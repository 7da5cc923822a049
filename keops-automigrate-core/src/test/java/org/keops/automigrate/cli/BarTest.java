package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Progress;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** The bar says how far a run is, and leaves the terminal as if it had not been there. */
class BarTest {
    private static final String BLANK = "\r" + " ".repeat(79) + "\r";

    private final ByteArrayOutputStream terminal = new ByteArrayOutputStream();
    private final BottomLine bottom = new BottomLine(terminal, 79);

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "aaaa | 0       | 0    | 0   | aaaa:17, 0 B, 0 s",
                "aaaa | 999     | 0    | 9   | aaaa:17, 999 B, 9 s",
                "aaaa | 1000    | 0    | 60  | aaaa:17, 1.0 kB, 60 s",
                "aaaa | 4100000 | 1200 | 600 | aaaa:17, 4.1 MB, 1200 rows, 600 s",
            })
    void theTextSaysRevisionLineBytesRowsAndTime(String id, long bytes, long rows, long seconds, String text) {
        assertThat(Bar.text(progress(4, id, bytes, rows, seconds))).isEqualTo(text);
    }

    /** As with a revision in Java. */
    @Test
    void whereThereIsNoLineNoneIsSaid() {
        Progress progress =
                new Progress(1, 1, new RevisionId("aaaa"), Location.of("org.example.Root"), 0, 0, 0, Duration.ZERO);
        assertThat(Bar.text(progress)).isEqualTo("aaaa, 0 B, 0 s");
    }

    @Test
    void aNameThatWouldMoveTheCursorDoesNot() {
        assertThat(Bar.text(progress(1, "a\u001b[2J\rb", 0, 0, 0))).startsWith("a?[2J?b:17");
    }

    @Test
    void theBarShowsTheStepsThatAreDone() {
        try (Bar bar = new Bar(bottom)) {
            bar.accept(progress(4, "84c03f89212d", 4_100_000, 1200, 10));
        }
        assertThat(written())
                .containsPattern("steps  42% \\[=+ *] 3/7 \\([0-9:]+\\) 84c03f89212d:17, 4.1 MB, 1200 rows, 10 s\r");
        assertThat(written()).doesNotContain("\u001b", "\n").endsWith(BLANK);
    }

    @Test
    void theBarIsNeverLongerThanTheLine() {
        try (Bar bar = new Bar(bottom)) {
            bar.accept(progress(7, "x".repeat(500), 1, 1, 1));
        }
        assertThat(written().split("\r")).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(79));
    }

    @Test
    void whatIsWrittenTakesTheBarAway() throws IOException {
        bottom.write("one\n".getBytes(StandardCharsets.UTF_8));
        bottom.show("bar");
        bottom.write("two".getBytes(StandardCharsets.UTF_8));
        bottom.show("not behind a line that goes on");
        bottom.write('\n');
        bottom.show("again");
        bottom.erase();
        bottom.erase();
        assertThat(written()).isEqualTo("one\n" + BLANK + "bar" + BLANK + "two\n" + BLANK + "again" + BLANK);
    }

    @Test
    void onlyATerminalShowsIt() throws IOException {
        Map<String, String> xterm = Map.of("TERM", "xterm");
        assertThat(BottomLine.isPossible(link("a", "/dev/pts/3"), xterm)).isTrue();
        assertThat(BottomLine.isPossible(link("b", "/dev/ttyS99"), Map.of())).isTrue();
        assertThat(BottomLine.isPossible(link("d", "/dev/pts/3"), Map.of("TERM", "dumb")))
                .isFalse();
        assertThat(BottomLine.isPossible(link("e", "pipe:[4711]"), xterm)).isFalse();
        assertThat(BottomLine.isPossible(link("f", "/dev/no-terminal"), xterm)).isFalse();
        assertThat(BottomLine.isPossible(link("g", "/var/log/upgrade.log"), xterm))
                .isFalse();
        assertThat(BottomLine.isPossible(directory.resolve("missing"), xterm)).isFalse();
        assertThat(BottomLine.isPossible(directory, xterm)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({",79", "120,119", "junk,79", "0,79", "-5,79", "99999999999,79"})
    void theWidthIsThatOfTheTerminalIfItIsTold(String columns, int width) {
        assertThat(BottomLine.width(columns)).isEqualTo(width);
    }

    @Test
    void theVerbsThatWorkShowItAndJsonDoesNot() {
        new Scripts(directory).add("aaaa", "", "CREATE TABLE a (i int);\n-- downgrade\nDROP TABLE a;");
        try (TestDatabase database = PostgresServer.shared().database()) {
            Tool tool = new Tool().of(database).on(bottom).always("--scripts", directory.toString());
            assertShown(tool.run("upgrade", "head"));
            assertShown(tool.run("downgrade", "base"));
            assertShown(tool.run("run", "--leave-permissions-alone", "--when-unversioned", "upgrade-from-base"));
            tool.run("downgrade", "base", "--json");
            assertThat(written()).isEmpty();
        }
    }

    private void assertShown(Tool.Answer answer) {
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(written()).contains("steps ", " aaaa:").endsWith(BLANK);
        terminal.reset();
    }

    private String written() {
        return terminal.toString(StandardCharsets.UTF_8);
    }

    private Path link(String name, String target) throws IOException {
        return Files.createSymbolicLink(directory.resolve(name), Path.of(target));
    }

    private static Progress progress(int step, String id, long bytes, long rows, long seconds) {
        return new Progress(
                step,
                7,
                new RevisionId(id),
                new Location("a.sql", 17, 1),
                12,
                bytes,
                rows,
                Duration.ofSeconds(seconds));
    }
}
