package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Progress;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** Who watches a run sees where it is, and can not stop it. */
class ProgressTest {
    @TempDir
    Path directory;

    @Test
    void eachStatementIsTold() {
        scripts();
        List<Progress> seen = new CopyOnWriteArrayList<>();
        assertThat(run(seen::add).outcome()).isInstanceOf(Outcome.Upgraded.class);
        assertThat(seen.stream()
                        .filter(p -> p.elapsed().isZero())
                        .map(p -> p.step() + "/" + p.steps() + " " + p.revision() + " "
                                + p.statement().line() + " " + p.statements()))
                .containsSubsequence("1/2 a 7 0", "1/2 a 8 1", "2/2 b 7 0");
        // a statement that takes longer than a second is told again
        assertThat(seen).anySatisfy(p -> {
            assertThat(p.revision()).isEqualTo(new RevisionId("b"));
            assertThat(p.elapsed()).isGreaterThan(Duration.ofMillis(500));
        });
    }

    @Test
    void aListenerThatThrowsHurtsNobody() {
        scripts();
        BootReport report = run(progress -> {
            throw new IllegalStateException("no");
        });
        assertThat(report.outcome()).isInstanceOf(Outcome.Upgraded.class);
        report = run(progress -> {
            throw new AssertionError("no");
        });
        assertThat(report.outcome()).isInstanceOf(Outcome.Upgraded.class);
    }

    @Test
    void theLogSpeaksAfterTenSecondsAndThenEachTimeItIsTwiceAsLong() {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try (PrintStream to = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            System.setErr(to);
            ProgressLog log = new ProgressLog();
            for (int second = 0; second < 45; second++) {
                log.accept(new Progress(
                        1, 2, new RevisionId("a"), new Location("a.sql", 7, 1), 3, 99, 0, Duration.ofSeconds(second)));
            }
        } finally {
            System.setErr(before);
        }
        assertThat(said.toString(StandardCharsets.UTF_8).lines())
                .hasSize(3)
                .allMatch(line -> line.contains("a.sql:7:1"))
                .anyMatch(line -> line.contains("running for 20 s"));
    }

    private void scripts() {
        new Scripts(directory)
                .add("a", "", "CREATE TABLE t (i int);\nCOPY t FROM STDIN;\n1\n2\n\\.\n")
                .add("b", "a", "SELECT pg_catalog.pg_sleep(2);");
    }

    private BootReport run(java.util.function.Consumer<Progress> listener) {
        try (TestDatabase database = PostgresServer.shared().database()) {
            return AutoMigrator.configure()
                    .scripts(directory.toString())
                    .leavePermissionsAlone()
                    .whenUnversioned(WhenUnversioned.upgradeFromBase())
                    .onProgress(listener)
                    .run(database.superuser());
        }
    }
}
