package org.keops.automigrate;

import java.time.Duration;
import java.util.List;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Progress;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.postgres.failure.ServerNotice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a boot says in the log on the way, where it has something to do or to wait for. Stateless. */
final class WorkLog {
    private static final Logger LOG = LoggerFactory.getLogger(AutoMigrator.class);

    private WorkLog() {}

    static void waiting(Outcome outcome, Duration budget) {
        if (budget.toDays() > 365) {
            LOG.warn("{}; trying again until it is there", outcome.describe());
        } else {
            LOG.warn("{}; trying again for up to {} s", outcome.describe(), budget.toSeconds());
        }
    }

    static void stillWaiting(Outcome outcome, int tries, Duration waited) {
        LOG.warn("still waiting after {} s and {} tries: {}", waited.toSeconds(), tries, outcome.describe());
    }

    static void running(Step step) {
        LOG.info("{}", line(step));
    }

    /** The line that Alembic would write: without a comma where there is no message. */
    static String line(Step step) {
        if (step instanceof Step.Upgrade upgrade) {
            Revision revision = upgrade.revision();
            return "Running upgrade " + RevisionId.show(revision.downRevisions()) + " -> " + revision.id()
                    + message(revision);
        }
        if (step instanceof Step.Downgrade downgrade) {
            Revision revision = downgrade.revision();
            return "Running downgrade " + revision.id() + " -> " + RevisionId.show(revision.downRevisions())
                    + message(revision);
        }
        return "Running stamp -> " + RevisionId.show(step.rowsAfter());
    }

    private static String message(Revision revision) {
        return revision.message().isEmpty() ? "" : ", " + revision.message();
    }

    static void changed(Problem script) {
        LOG.warn("{}", script);
    }

    static void note(String what) {
        LOG.info("{}", what);
    }

    static void said(ServerNotice notice) {
        if (notice.warning()) {
            LOG.warn("{}: {}", notice.where(), notice.message());
        } else {
            LOG.info("{}: {}", notice.where(), notice.message());
        }
    }

    static void still(Progress progress) {
        LOG.info("still at work: {}", progress);
    }

    static void waitingForLock(String holder) {
        LOG.info("another instance is migrating this database, waiting for it: {}", holder);
    }

    static void waitingForTables(String blockers) {
        LOG.info(
                "somebody uses what is to be changed, so it is rolled back and tried again{}",
                blockers.isEmpty() ? "" : "; in the way: " + blockers);
    }

    static void unguarded(List<String> refused) {
        LOG.info(
                "the server refuses to set {}: docs/failures.md says what these guards are for",
                String.join(", ", refused));
    }

    static void answerLost(String failure) {
        LOG.warn("connecting again to see what is committed: {}", failure);
    }

    static void notSettled(String why) {
        LOG.warn("what is committed can not be seen: {}", why);
    }

    static void settled(boolean committed) {
        LOG.info("what was lost is the answer to COMMIT; it {}", committed ? "had happened" : "had not happened");
    }

    static void movedMeanwhile(String failure) {
        LOG.info("somebody else has migrated this database meanwhile, looking again: {}", failure);
    }
}
