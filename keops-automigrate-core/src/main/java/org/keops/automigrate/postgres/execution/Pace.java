package org.keops.automigrate.postgres.execution;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Progress;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.postgres.version.StepRun;
import org.keops.automigrate.script.CopyData;
import org.keops.automigrate.script.Statement;

/**
 * Tells a listener how far a plan has come: when a statement begins, and each second while it runs, which a thread of its
 * own sees to, since the one that works waits for the server. The listener is never called by both at once; what it throws
 * is dropped.
 */
final class Pace implements AutoCloseable {
    private static final long SECOND = 1;

    private final Consumer<Progress> listener;
    private final CountDownLatch end = new CountDownLatch(1);
    private @Nullable Thread ticker;
    private int steps;
    private int step;
    private @Nullable RevisionId revision;
    private int statements;
    private @Nullable Statement running;
    private long since;
    private @Nullable CopyData copied;

    Pace(Consumer<Progress> listener) {
        this.listener = listener;
    }

    /** A plan begins. */
    synchronized void plan(int ofSteps) {
        steps = ofSteps;
    }

    /** A statement is on its way; until the answers come, the first of those on their way counts as running. */
    synchronized void sent(Statement statement, StepRun run) {
        if (running == null) {
            runs(statement, run);
        }
    }

    /** The server has come to a statement. */
    synchronized void begins(Statement statement, StepRun run) {
        runs(statement, run);
        tell(Duration.ZERO);
    }

    private void runs(Statement statement, StepRun run) {
        if (run.number() != step) {
            step = run.number();
            Revision current = run.revision();
            revision = current == null ? null : current.id();
            statements = 0;
        }
        running = statement;
        since = System.nanoTime();
        copied = null;
        if (ticker == null) {
            // no lambda: the first one at a place costs a process a millisecond, and the server waits
            ticker = new Thread("keops-automigrate-progress") {
                @Override
                public void run() {
                    tick();
                }
            };
            ticker.setDaemon(true);
            ticker.start();
        }
    }

    synchronized void done() {
        statements++;
        running = null;
    }

    /** The data of the COPY that has begun. */
    synchronized void copies(CopyData data) {
        copied = data;
    }

    @Override
    public void close() {
        end.countDown();
    }

    private void tick() {
        try {
            while (!end.await(SECOND, TimeUnit.SECONDS)) {
                synchronized (this) {
                    tell(Duration.ofNanos(System.nanoTime() - since));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(Duration elapsed) {
        Statement statement = running;
        if (statement == null || revision == null) {
            return;
        }
        CopyData data = copied;
        long bytes = statement.byteOffset()
                + (data == null || data.bytesRead() == 0 ? 0 : statement.byteLength() + data.bytesRead());
        try {
            listener.accept(new Progress(
                    step,
                    steps,
                    revision,
                    statement.start(),
                    statements,
                    bytes,
                    data == null ? 0 : data.linesRead(),
                    elapsed));
        } catch (RuntimeException | Error e) {
            return; // whoever watches must not stop the work
        }
    }
}
