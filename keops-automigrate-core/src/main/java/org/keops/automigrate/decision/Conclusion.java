package org.keops.automigrate.decision;

import java.time.Duration;
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
        if (decision instanceof Decision.AtHead atHead) {
            return new Outcome.AtHead(atHead.rows());
        }
        if (decision instanceof Decision.LeaveAlone leaveAlone) {
            return leaveAlone.outcome();
        }
        if (decision instanceof Decision.Stamp) {
            return new Outcome.Stamped(plan.to());
        }
        return decision instanceof Decision.Perform
                ? performed(plan)
                : new Outcome.Upgraded(plan.from(), plan.to(), count(plan, Step.Upgrade.class));
    }

    /**
     * What an ending means when somebody had asked to stop meanwhile: what was done by then counts.
     *
     * @param end how the boot ended
     * @return interrupted, unless it had come to a good end already
     */
    public static Outcome interrupted(Outcome end) {
        if (end instanceof Outcome.Failed failed) {
            return new Outcome.Interrupted(failed.failure().toString(), failed.failure());
        }
        return end.acceptable() ? end : new Outcome.Interrupted("nothing attempted: " + end.describe(), null);
    }

    /**
     * What an ending means when its time was over: a failure says which option gives more.
     *
     * @param end how the boot ended
     * @param deadline the time that there was
     * @return the same with that word
     */
    public static Outcome outOfTime(Outcome end, Duration deadline) {
        String why = "the deadline of " + deadline.toSeconds() + " s is over, so it was stopped";
        if (end instanceof Outcome.Failed failed) {
            Failure seen = failed.failure();
            return new Outcome.Failed(
                    seen.saying(why + ": if it needs longer, configure deadline(…): " + seen.message()),
                    failed.problems());
        }
        return end instanceof Outcome.Offline offline ? new Outcome.Offline(offline.detail() + "; " + why) : end;
    }

    private static Outcome performed(Plan plan) {
        int downgrades = count(plan, Step.Downgrade.class);
        if (downgrades > 0) {
            return new Outcome.Downgraded(plan.from(), plan.to(), downgrades);
        }
        int upgrades = count(plan, Step.Upgrade.class);
        if (upgrades > 0) {
            return new Outcome.Upgraded(plan.from(), plan.to(), upgrades);
        }
        return plan.steps().isEmpty()
                ? new Outcome.PermissionsOnly(plan.from())
                : new Outcome.Recorded(plan.from(), plan.to());
    }

    private static int count(Plan plan, Class<? extends Step> kind) {
        int steps = 0;
        for (Step step : plan.steps()) {
            steps += kind.isInstance(step) ? 1 : 0;
        }
        return steps;
    }
}
