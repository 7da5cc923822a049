package org.keops.automigrate.decision;

import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.Step;

/** The other half of the decision table: what a decision has come to. Pure and stateless. */
public final class Conclusion {

    private Conclusion() {}

    /**
     * Says how a boot ended.
     *
     * @param decision what was decided
     * @param plan what was to be done
     * @param failure what went wrong, or null
     * @return the outcome
     */
    public static Outcome of(Decision decision, Plan plan, @Nullable Failure failure) {
        if (failure != null) {
            return new Outcome.Failed(failure);
        }
        if (decision instanceof Decision.LeaveAlone leaveAlone) {
            return leaveAlone.outcome();
        }
        if (decision instanceof Decision.AtHead atHead) {
            return new Outcome.AtHead(atHead.rows());
        }
        if (decision instanceof Decision.Stamp) {
            return new Outcome.Stamped(plan.to());
        }
        return new Outcome.Upgraded(plan.from(), plan.to(), upgrades(plan));
    }

    private static int upgrades(Plan plan) {
        int upgrades = 0;
        for (Step step : plan.steps()) {
            upgrades += step instanceof Step.Upgrade ? 1 : 0;
        }
        return upgrades;
    }
}
