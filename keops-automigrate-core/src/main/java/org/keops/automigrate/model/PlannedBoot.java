package org.keops.automigrate.model;

import java.util.List;

/**
 * What a boot would do. Immutable and thread-safe.
 *
 * @param decision what it would decide
 * @param plan the steps that this comes to; none where nothing would run or be recorded
 * @param problems what is wrong with the scripts of the plan: with any of them, nothing would be attempted
 */
public record PlannedBoot(Decision decision, Plan plan, List<Problem> problems) {

    /**
     * Copies its parts.
     *
     * @param decision the component of this name
     * @param plan the component of this name
     * @param problems the component of this name
     */
    public PlannedBoot {
        problems = List.copyOf(problems);
    }
}
