package org.keops.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keops.bootstrap.testing.Revisions.HEAD;
import static org.keops.bootstrap.testing.Revisions.LINE;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.bootstrap.testing.KeopsFixture;
import org.keops.bootstrap.testing.Revisions;
import org.keops.bootstrap.testing.Snapshot;

/** A legacy KEOPS database comes from each of its 23 revisions to the last, as KEOPS's own Alembic brings it. */
class EveryRevisionTest {
    private static final KeopsFixture KEOPS = KeopsFixture.shared();

    /** The legacy database at each revision, upgraded by one from the one before. */
    private static final List<TestDatabase> TEMPLATES = new ArrayList<>();

    @BeforeAll
    static void upgradeOneAtATime() {
        TEMPLATES.add(KEOPS.legacy());
        for (String revision : LINE.subList(1, LINE.size())) {
            TestDatabase next = KEOPS.copy(TEMPLATES.get(TEMPLATES.size() - 1));
            TEMPLATES.add(next);
            assertThat(KeopsFixture.upgradeOnly(next, revision).steps()).hasSize(1);
        }
    }

    @AfterAll
    static void drop() {
        TEMPLATES.forEach(TestDatabase::close);
        TEMPLATES.clear();
    }

    static List<String> revisions() {
        return LINE;
    }

    @Test
    void theScriptsAreSound() {
        assertThat(AutoMigrator.configure().build().check()).isNotNull();
    }

    @ParameterizedTest
    @MethodSource("revisions")
    void oneAtATimeEachRevisionIsWhatAlembicMakes(String revision) {
        assertThat(Snapshot.of(at(revision))).isEqualTo(Snapshot.golden(revision));
    }

    @ParameterizedTest
    @MethodSource("revisions")
    void fromEachRevisionOneCallComesToTheLatest(String revision) {
        try (TestDatabase database = KEOPS.copy(at(revision))) {
            BootReport report = AutoMigrator.run(database.superuser());

            assertThat(report.scenario()).isEqualTo(revision.equals(HEAD) ? Scenario.AT_HEAD : Scenario.BEHIND);
            assertThat(report.steps()).hasSize(revisionsAfter(revision));
            assertThat(Snapshot.of(database)).isEqualTo(Snapshot.granted(Snapshot.golden(HEAD)));
        }
    }

    @ParameterizedTest
    @MethodSource("revisions")
    void fromEachRevisionATransactionEachComesToTheSame(String revision) {
        try (TestDatabase database = KEOPS.copy(at(revision))) {
            BootReport report =
                    AutoMigrator.configure().transactionPerRevision().run(database.superuser());

            assertThat(report.steps()).hasSize(revisionsAfter(revision));
            assertThat(Snapshot.of(database)).isEqualTo(Snapshot.granted(Snapshot.golden(HEAD)));
        }
    }

    @Test
    void aSecondBootFindsNothingToDo() {
        try (TestDatabase database = KEOPS.copy(at(Revisions.BASE))) {
            AutoMigrator.run(database.superuser()).orElseThrow();

            BootReport again = AutoMigrator.run(database.superuser());

            assertThat(again.scenario()).isEqualTo(Scenario.AT_HEAD);
            assertThat(again.permissions().repaired()).isEmpty();
            assertThat(again.permissions().findings()).isEmpty();
        }
    }

    private static TestDatabase at(String revision) {
        return TEMPLATES.get(LINE.indexOf(revision));
    }

    private static int revisionsAfter(String revision) {
        return LINE.size() - 1 - LINE.indexOf(revision);
    }
}
