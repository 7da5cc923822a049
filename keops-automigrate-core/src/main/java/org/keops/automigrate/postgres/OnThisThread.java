package org.keops.automigrate.postgres;

import java.util.concurrent.Executor;

/** What the driver hands over is done at once. Not a method reference: the first one of a process costs milliseconds. Stateless. */
final class OnThisThread implements Executor {
    static final Executor INSTANCE = new OnThisThread();

    private OnThisThread() {}

    @Override
    public void execute(Runnable task) {
        task.run();
    }
}
