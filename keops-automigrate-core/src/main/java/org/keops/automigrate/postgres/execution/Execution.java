package org.keops.automigrate.postgres.execution;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.CompletedStep;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Problem;

/**
 * What became of a plan.
 *
 * @param completed the steps that are committed
 * @param failure what ended it early, or null
 * @param problems all that is wrong with the script that failed, where its text tells; else none
 * @param unknown the steps of which is not known whether they are committed, because the answer was lost
 */
public record Execution(
        List<CompletedStep> completed, @Nullable Failure failure, List<Problem> problems, List<CompletedStep> unknown) {

    /** Copies its parts. */
    public Execution {
        completed = List.copyOf(completed);
        problems = List.copyOf(problems);
        unknown = List.copyOf(unknown);
    }
}
