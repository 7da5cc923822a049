package org.keops.automigrate.model;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What a boot would do. Immutable and thread-safe.
 *
 * @param decision what it would decide
 * @param plan the steps that this comes to; none where nothing would run or be recorded
 * @param problems what is wrong with the scripts of the plan: with any of them, nothing would be attempted
 * @param findings what lacks for the application's role and would not be repaired, a sentence each; a pending revision may
 *     still make a role or a schema that is missing
 */
public record PlannedBoot(Decision decision, Plan plan, List<Problem> problems, List<String> findings) {

    /**
     * Copies its parts.
     *
     * @param decision the component of this name
     * @param plan the component of this name
     * @param problems the component of this name
     * @param findings the component of this name
     */
    public PlannedBoot {
        problems = List.copyOf(problems);
        findings = List.copyOf(findings);
    }

    /** What would happen, a line for each step, for a person to read. */
    @Override
    public String toString() {
        if (decision instanceof Decision.LeaveAlone leaveAlone) {
            return leaveAlone.outcome().describe();
        }
        if (decision instanceof Decision.AtHead atHead) {
            return "at head " + RevisionId.show(atHead.rows())
                    + (atHead.repairPermissions() ? ", permissions to be repaired" : ", nothing to do")
                    + findingLines();
        }
        StringBuilder text = new StringBuilder(RevisionId.show(plan.from()) + " -> " + RevisionId.show(plan.to()));
        for (Plan.Group group : plan.groups()) {
            text.append(
                    group instanceof Plan.InOneTransaction ? "\n  in one transaction" : "\n  outside a transaction");
            for (Step step : group.steps()) {
                text.append("\n    ").append(describe(step));
            }
        }
        for (Problem problem : problems) {
            text.append("\n  problem: ").append(problem);
        }
        return text.append(findingLines()).toString();
    }

    private String findingLines() {
        return findings.stream().map(finding -> "\n  finding: " + finding).collect(Collectors.joining());
    }

    private static String describe(Step step) {
        if (step instanceof Step.Upgrade upgrade) {
            return "upgrade " + upgrade.revision().id() + ", "
                    + upgrade.revision().message();
        }
        if (step instanceof Step.Downgrade downgrade) {
            return "downgrade " + downgrade.revision().id() + ", "
                    + downgrade.revision().message();
        }
        return "stamp " + RevisionId.show(step.rowsAfter());
    }
}
