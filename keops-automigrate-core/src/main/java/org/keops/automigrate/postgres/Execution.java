package org.keops.automigrate.postgres;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.CompletedStep;
import org.keops.automigrate.model.Failure;

/**
 * What became of a plan.
 *
 * @param completed the steps that are committed
 * @param failure what ended it early, or null
 */
public record Execution(
        List<CompletedStep> completed, @Nullable Failure failure) {

    /** Copies its parts. */
    public Execution {
        completed = List.copyOf(completed);
    }
}
