package org.keops.automigrate.postgres;

import java.time.Duration;
import java.util.function.Consumer;
import org.keops.automigrate.model.CompletedStep;
import org.keops.automigrate.model.Step;

/** A step while it runs: what was counted so far. Used by one thread. */
final class StepRun {
    private final Step step;
    private final Consumer<Step> beforeStep;
    private long start;
    private long end;
    private int statements;
    private long rowsCopied;

    StepRun(Step step, Consumer<Step> beforeStep) {
        this.step = step;
        this.beforeStep = beforeStep;
    }

    /** The server has come to the step; told with each of its statements. */
    void reached() {
        if (start == 0) {
            start = System.nanoTime();
            end = start;
            beforeStep.accept(step);
        }
    }

    void executed() {
        statements++;
        end = System.nanoTime();
    }

    void copied(long rows) {
        rowsCopied += rows;
    }

    void recorded() {
        end = System.nanoTime();
    }

    CompletedStep completed() {
        return new CompletedStep(step, statements, rowsCopied, Duration.ofNanos(end - start));
    }
}
