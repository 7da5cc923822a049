package org.keops.bootstrap.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.testing.PostgresServer;

/** The demo, on the server of the tests. */
class DemoTest {

    @Test
    void everyProofHoldsAndEverySceneIsPlayed() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Demo.play(PostgresServer.shared(), new PrintStream(bytes, true, StandardCharsets.UTF_8));

        String printed = bytes.toString(StandardCharsets.UTF_8);
        assertThat(printed)
                .doesNotContain("FAILED")
                .contains(
                        "found    1, offline",
                        "found    2, credentials rejected",
                        "found    3, unversioned",
                        "found    5, behind",
                        "found    4, at head",
                        "found    6, ahead")
                .contains("GRANT SELECT, UPDATE ON TABLE keopsdb.tasks TO keopsdb")
                .contains("All 29 proofs hold.")
                .doesNotContain(PostgresServer.shared().password());
        assertThat(printed.lines()).allMatch(line -> line.length() <= 120);
    }

    @Test
    void aProofThatFailsIsCountedAndShown() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Report report = new Report(new PrintStream(bytes, true, StandardCharsets.UTF_8));

        report.proof("two is two", 2, 2);
        report.proof("two is three", 3, 2);

        report.proof("lists are equal", List.of("same", "old"), List.of("same", "new"));

        assertThat(report.proofs()).isEqualTo(3);
        assertThat(report.failed()).isEqualTo(2);
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains("ok      two is two", "FAILED  two is three", "expected  3", "but read  2")
                .contains("expected  old", "but read  new")
                .doesNotContain("same");
    }
}
