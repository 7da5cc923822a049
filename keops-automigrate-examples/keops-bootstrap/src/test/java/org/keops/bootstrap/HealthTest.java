package org.keops.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.PermissionReport;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.bootstrap.ApplicationPool.State;
import org.keops.bootstrap.ApplicationPool.Word;

/** What KEOPS tells of itself, for every outcome that there is. */
class HealthTest {
    private static final SortedSet<RevisionId> A = new TreeSet<>(List.of(new RevisionId("a1")));
    private static final SortedSet<RevisionId> B = new TreeSet<>(List.of(new RevisionId("b2")));
    private static final State UP = new State(Word.UP, null);
    private static final PermissionReport PERMISSIONS =
            new PermissionReport(List.of("GRANT \"x\" TO y"), List.of("no role \\ y"));

    static Stream<Outcome> outcomes() {
        return Stream.of(
                new Outcome.Offline("nobody"),
                new Outcome.CredentialsRejected("no"),
                new Outcome.Stamped(B),
                new Outcome.AtHead(B),
                new Outcome.Upgraded(A, B, 1),
                new Outcome.Ahead(B, false),
                new Outcome.Ahead(B, true),
                new Outcome.Inaccessible(Obstacle.DATABASE_MISSING, "none"),
                new Outcome.Failed(new Failure(new Location("f.sql", 7, 1), "there", "42P07", B, "rolled back")),
                new Outcome.LockNotObtained("pid 7"),
                new Outcome.Interrupted("nothing attempted", null),
                new Outcome.UnversionedRefused());
    }

    @ParameterizedTest
    @MethodSource("outcomes")
    void everyOutcomeIsToldAndReadinessFollowsIt(Outcome outcome) {
        BootReport report = new BootReport(outcome, List.of(), PERMISSIONS, Duration.ofMillis(7));
        Health health = new Health(List.of(), new MigrationState.Finished(report), UP);

        assertThat(health.ready()).isEqualTo(outcome.acceptable());
        assertThat(read(health, "->>'state'")).isEqualTo("finished");
        assertThat(read(health, "->>'ready'")).isEqualTo(String.valueOf(outcome.acceptable()));
        assertThat(read(health, "->>'scenario'"))
                .isEqualTo(String.valueOf(outcome.scenario().number()));
        assertThat(read(health, "->>'scenarioName'"))
                .isEqualTo(outcome.scenario().name());
        assertThat(read(health, "->>'report'")).isEqualTo(report.toString());
        assertThat(read(health, "->'permissionsRepaired'->>0")).isEqualTo("GRANT \"x\" TO y");
        assertThat(read(health, "->'findings'->>0")).isEqualTo("no role \\ y");
        if (outcome.describe().contains("b2") || outcome instanceof Outcome.Failed) {
            assertThat(read(health, "->'versions'->>0")).isEqualTo("b2");
        }
    }

    @ParameterizedTest
    @EnumSource(Word.class)
    void withoutItsConnectionsTheApplicationIsNotReady(Word word) {
        BootReport report = new BootReport(new Outcome.AtHead(B), List.of(), PermissionReport.NOTHING, Duration.ZERO);
        Health health = new Health(List.of(), new MigrationState.Finished(report), new State(word, "so it is"));

        assertThat(health.ready()).isEqualTo(word == Word.UP);
        assertThat(read(health, "->>'applicationPool'"))
                .isEqualToIgnoringCase(word.name().replace('_', ' '));
        assertThat(read(health, "->>'applicationPoolDetail'")).isEqualTo("so it is");
    }

    @Test
    void beforeTheMigrationHasEndedTheApplicationIsNotReady() {
        for (MigrationState state : List.of(
                new MigrationState.Starting(),
                new MigrationState.Migrating(),
                new MigrationState.NotConfigured(),
                new MigrationState.Broken("two scripts\nwith one id"))) {
            Health health = new Health(List.of("X is not set"), state, UP);

            assertThat(health.ready()).isFalse();
            assertThat(read(health, "->>'state'")).isEqualTo(state.word());
            assertThat(read(health, "->'problems'->>0")).isEqualTo("X is not set");
        }
        assertThat(read(new Health(List.of(), new MigrationState.Broken("two\tscripts\n😀"), UP), "->>'report'"))
                .isEqualTo("two\tscripts\n😀");
    }

    /** PostgreSQL reads JSON as strictly as anybody. */
    private static String read(Health health, String path) {
        String sql = "SELECT ($json$" + health.json() + "$json$::json" + path + ")";
        return TestDatabase.query(PostgresServer.shared().superuser("postgres"), sql)
                .get(0);
    }
}
