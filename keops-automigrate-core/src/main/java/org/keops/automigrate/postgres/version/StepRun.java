package org.keops.automigrate.postgres.version;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.CompletedStep;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.Step;

/** A step while it runs: what was counted so far. Used by one thread. */
public final class StepRun {
    private final Step step;
    private final int number;
    private final Consumer<Step> beforeStep;
    private long start;
    private long end;
    private int statements;
    private long rowsCopied;
    private int statementsKept;
    private long rowsKept;
    private boolean failed;

    public StepRun(Step step, int number, Consumer<Step> beforeStep) {
        this.step = step;
        this.number = number;
        this.beforeStep = beforeStep;
    }

    public Step step() {
        return step;
    }

    /** Which step of the plan it is, from 1. */
    public int number() {
        return number;
    }

    /** The revision whose script runs, or null where none does. */
    @Nullable
    public Revision revision() {
        if (step instanceof Step.Upgrade upgrade) {
            return upgrade.revision();
        }
        return step instanceof Step.Downgrade downgrade ? downgrade.revision() : null;
    }

    /** The server has come to the step; told with each of its statements. */
    public void reached() {
        if (start == 0) {
            start = System.nanoTime();
            end = start;
            beforeStep.accept(step);
        }
    }

    public void executed() {
        executed(1);
    }

    public void executed(int more) {
        statements += more;
        end = System.nanoTime();
    }

    public void failed() {
        failed = true;
    }

    public boolean hasFailed() {
        return failed;
    }

    public void copied(long rows) {
        rowsCopied += rows;
    }

    /** A transaction of it is committed, so that no other try takes back what was counted. */
    public void keep() {
        statementsKept = statements;
        rowsKept = rowsCopied;
    }

    /** What was counted since {@link #keep} is rolled back. */
    public void forget() {
        statements = statementsKept;
        rowsCopied = rowsKept;
    }

    void recorded() {
        end = System.nanoTime();
    }

    public CompletedStep completed() {
        return new CompletedStep(step, statements, rowsCopied, Duration.ofNanos(end - start));
    }
}
