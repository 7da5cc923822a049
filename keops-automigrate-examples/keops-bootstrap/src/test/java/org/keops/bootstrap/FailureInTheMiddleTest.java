package org.keops.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keops.bootstrap.testing.Revisions.BASE;
import static org.keops.bootstrap.testing.Revisions.HEAD;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.bootstrap.testing.KeopsFixture;
import org.keops.bootstrap.testing.Snapshot;

/** Somebody has made table {@code feedback} by hand: revision 15 of 23 fails. */
class FailureInTheMiddleTest {
    private static final String SCRIPT = "alembic/versions/84c03f89212d_add_feedback_table.sql";
    private static final String BEFORE_IT = "64d08233eefa";

    private final TestDatabase database = KeopsFixture.shared().legacy();
    private List<String> before = List.of();

    @BeforeEach
    void obstruct() {
        database.execute("CREATE TABLE keopsdb.feedback (id integer)");
        before = Snapshot.of(database);
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void everythingIsRolledBackToWhereItStarted() {
        BootReport report = AutoMigrator.run(database.superuser());

        assertThat(report.scenario()).isEqualTo(Scenario.FAILED);
        assertThat(report.steps()).isEmpty();
        assertThat(report.permissions().repaired()).isEmpty();
        assertThat(but("last \\d+", Snapshot.of(database)))
                .as("all but how far the sequences were drawn: no server rolls that back")
                .isEqualTo(but("last \\d+", before));
    }

    @Test
    void theReportNamesThePlaceAndTheSqlState() {
        Failure failure = failure(AutoMigrator.run(database.superuser()));

        assertThat(failure.sqlState()).isEqualTo("42P07");
        assertThat(failure.where()).hasToString(SCRIPT + ":7:22");
        assertThat(failure.revisions()).extracting(Objects::toString).containsExactly(BASE);
        assertThat(failure.toString())
                .startsWith(SCRIPT + ":7:22: relation \"feedback\" already exists [42P07]; ")
                .contains("rolled back to " + BASE);
    }

    @Test
    void withATransactionEachThoseBeforeItStay() {
        BootReport report = AutoMigrator.configure().transactionPerRevision().run(database.superuser());

        assertThat(failure(report).revisions()).extracting(Objects::toString).containsExactly(BEFORE_IT);
        assertThat(report.steps()).hasSize(13);
        database.execute("DROP TABLE keopsdb.feedback");
        assertThat(Snapshot.of(database)).isEqualTo(Snapshot.golden(BEFORE_IT));
    }

    @Test
    void theNextBootFinishesOnceTheObstacleIsGone() {
        AutoMigrator.run(database.superuser());
        database.execute("DROP TABLE keopsdb.feedback");

        assertThat(AutoMigrator.run(database.superuser()).scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(but("last \\d+|\\w{32}", Snapshot.of(database)))
                .as("all but the ids of new rows: the first try has drawn some from the sequences")
                .isEqualTo(but("last \\d+|\\w{32}", Snapshot.granted(Snapshot.golden(HEAD))));
    }

    private static List<String> but(String pattern, List<String> lines) {
        return lines.stream().map(line -> line.replaceAll(pattern, "…")).toList();
    }

    private static Failure failure(BootReport report) {
        assertThat(report.outcome()).isInstanceOf(Outcome.Failed.class);
        return ((Outcome.Failed) report.outcome()).failure();
    }
}
