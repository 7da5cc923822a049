package org.keops.automigrate;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Progress;
import org.keops.automigrate.model.RevisionIds;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.postgres.failure.ServerNotice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a boot says in the log: one line for the outcome, one for each revision that runs, no flood. Stateless. */
final class BootLog {
    private static final Logger LOG = LoggerFactory.getLogger(AutoMigrator.class);

    private static final int LONGEST_STATEMENT = 500;

    private BootLog() {}

    /** Writes nothing: what it takes to write a report like this one is loaded now, when the caller has to wait anyway. */
    static void prepare(BootReport report) {
        Objects.requireNonNull(report, "report");
    }

    static void write(BootReport report) {
        Outcome outcome = report.outcome();
        boolean sound = report.permissions().findings().isEmpty();
        if (outcome instanceof Outcome.AtHead && sound) {
            // the usual boot, before classes are loaded to see that it is none of the others
            LOG.info("{}", report);
        } else if (outcome instanceof Outcome.Failed) {
            LOG.error("{}", report);
        } else if (!outcome.acceptable()
                || outcome instanceof Outcome.Ahead
                || outcome instanceof Outcome.Stamped
                || !sound) {
            LOG.warn("{}", report);
        } else {
            LOG.info("{}", report);
        }
        for (String statement : report.permissions().repaired()) {
            LOG.info("permissions repaired: {}", shortened(statement));
        }
    }

    /** A statement over a thousand tables is nothing to read in a log. */
    static String shortened(String statement) {
        return statement.length() <= LONGEST_STATEMENT
                ? statement
                : statement.substring(0, LONGEST_STATEMENT) + "… (" + statement.length()
                        + " characters; the report has it whole)";
    }

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

    /** The line that Alembic would write. */
    static void running(Step step) {
        if (step instanceof Step.Upgrade upgrade) {
            LOG.info(
                    "Running upgrade {} -> {}, {}",
                    RevisionIds.show(upgrade.revision().downRevisions()),
                    upgrade.revision().id(),
                    upgrade.revision().message());
        } else if (step instanceof Step.Downgrade downgrade) {
            LOG.info(
                    "Running downgrade {} -> {}, {}",
                    downgrade.revision().id(),
                    RevisionIds.show(downgrade.revision().downRevisions()),
                    downgrade.revision().message());
        } else if (step instanceof Step.Stamp stamp) {
            LOG.info("Running stamp -> {}", RevisionIds.show(stamp.rowsAfter()));
        }
    }

    static void indexNotUsed(String why) {
        LOG.warn("the index of the scripts is not used: {}; all headers are read instead", why);
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
