package org.keops.automigrate.model;

import java.time.Duration;
import java.util.List;

/**
 * What a boot found, did, and how long it took. Immutable and thread-safe; its {@code toString} is the line for the log.
 *
 * @param outcome how it ended
 * @param steps the steps that were carried out and committed
 * @param permissions what was done for the application's role
 * @param duration from the call to the return, waiting included
 */
public record BootReport(Outcome outcome, List<CompletedStep> steps, PermissionReport permissions, Duration duration) {
    private static final int FINDINGS_IN_A_LINE = 10;

    /**
     * Copies its parts.
     *
     * @param outcome the component of this name
     * @param steps the component of this name
     * @param permissions the component of this name
     * @param duration the component of this name
     */
    public BootReport {
        steps = List.copyOf(steps);
    }

    /**
     * Which of the nine scenarios it was.
     *
     * @return the scenario of the outcome
     */
    public Scenario scenario() {
        return outcome.scenario();
    }

    /**
     * For an application that must not run on a schema that is not known to be right.
     *
     * @return this report, if its outcome is acceptable
     * @throws AutoMigrationException if the database could not be brought to what this build needs, or a policy refused
     */
    public BootReport orElseThrow() {
        if (!outcome.acceptable()) {
            throw AutoMigrationException.of(this);
        }
        return this;
    }

    /** One line: the outcome, what was repaired, what could not be, the time. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder(outcome.describe());
        int repaired = permissions.repaired().size();
        if (repaired > 0) {
            line.append("; permissions repaired with ")
                    .append(repaired)
                    .append(repaired == 1 ? " statement" : " statements");
        }
        List<String> findings = permissions.findings();
        for (String finding : findings.subList(0, Math.min(findings.size(), FINDINGS_IN_A_LINE))) {
            line.append("; ").append(finding);
        }
        if (findings.size() > FINDINGS_IN_A_LINE) {
            line.append("; and ").append(findings.size() - FINDINGS_IN_A_LINE).append(" findings more");
        }
        return line.append("; ").append(duration.toMillis()).append(" ms").toString();
    }
}
