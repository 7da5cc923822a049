package org.keops.automigrate;

import java.util.Objects;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Outcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a boot says in the log: one line for the outcome, one for each revision that runs, no flood. Stateless. */
final class BootLog {
    private static final Logger LOG = LoggerFactory.getLogger(AutoMigrator.class);

    private static final int LONGEST_STATEMENT = 500;

    private BootLog() {}

    /** Writes nothing: what it takes to get this far is loaded now, when the caller has to wait anyway. */
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

    static void indexNotUsed(String why) {
        LOG.warn("the index of the scripts is not used: {}; all headers are read instead", why);
    }
}
