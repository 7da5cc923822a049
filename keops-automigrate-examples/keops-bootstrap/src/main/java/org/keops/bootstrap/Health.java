package org.keops.bootstrap;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.RevisionId;

/**
 * What KEOPS tells about itself.
 *
 * @param problems what is wrong with the variables
 * @param migration how far the migration is
 * @param pool what is known of the application's connections
 */
record Health(List<String> problems, MigrationState migration, ApplicationPool.State pool) {

    /** Whether requests make sense: the schema is what this build needs, and the application can use it. */
    boolean ready() {
        return pool.up()
                && migration instanceof MigrationState.Finished finished
                && finished.report().outcome().acceptable();
    }

    String json() {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("state", migration.word());
        document.put("ready", ready());
        if (migration instanceof MigrationState.Finished finished) {
            describe(finished.report(), document);
        } else if (migration instanceof MigrationState.Broken broken) {
            document.put("report", broken.why());
        }
        document.put(
                "applicationPool", pool.word().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        if (pool.detail() != null) {
            document.put("applicationPoolDetail", pool.detail());
        }
        document.put("problems", problems);
        return Json.write(document);
    }

    private static void describe(BootReport report, Map<String, Object> document) {
        document.put("scenario", report.scenario().number());
        document.put("scenarioName", report.scenario());
        document.put("report", report);
        document.put("versions", versions(report.outcome()));
        document.put("revisionsRun", report.steps().size());
        document.put("permissionsRepaired", report.permissions().repaired());
        document.put("findings", report.permissions().findings());
    }

    /** What the version table records, as far as the boot has seen it. */
    private static Collection<RevisionId> versions(Outcome outcome) {
        if (outcome instanceof Outcome.Stamped stamped) {
            return stamped.revisions();
        }
        if (outcome instanceof Outcome.AtHead atHead) {
            return atHead.revisions();
        }
        if (outcome instanceof Outcome.Upgraded upgraded) {
            return upgraded.to();
        }
        if (outcome instanceof Outcome.Ahead ahead) {
            return ahead.unknown();
        }
        return outcome instanceof Outcome.Failed failed ? failed.failure().revisions() : Set.of();
    }
}
