package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.TransactionMode;

/** The line for a step: Alembic's, {@code MigrationStep.__str__}. */
class WorkLogTest {
    private static Revision revision(String message) {
        return new Revision(
                new RevisionId("b2"),
                List.of(new RevisionId("a1")),
                List.of(),
                List.of(),
                message,
                TransactionMode.AUTOMATIC,
                Location.of("b2.sql"));
    }

    @Test
    void aStepSaysItsMessageIfThereIsOne() {
        assertThat(WorkLog.line(new Step.Upgrade(revision("Add item"), List.of(), Set.of())))
                .isEqualTo("Running upgrade a1 -> b2, Add item");
        assertThat(WorkLog.line(new Step.Downgrade(revision("Add item"), List.of(), Set.of())))
                .isEqualTo("Running downgrade b2 -> a1, Add item");
    }

    @Test
    void aRevisionWithoutAMessageLeavesNoCommaBehind() {
        assertThat(WorkLog.line(new Step.Upgrade(revision(""), List.of(), Set.of())))
                .isEqualTo("Running upgrade a1 -> b2");
        assertThat(WorkLog.line(new Step.Downgrade(revision(""), List.of(), Set.of())))
                .isEqualTo("Running downgrade b2 -> a1");
    }
}
