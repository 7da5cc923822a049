package org.keops.automigrate.postgres.session;

import java.util.concurrent.Executor;

/** What the driver hands over is done at once. Not a method reference: the first one of a process costs milliseconds. Stateless. */
public final class OnThisThread implements Executor {
    public static final Executor INSTANCE = new OnThisThread();

    private OnThisThread() {}

    @Override
    public void execute(Runnable task) {
        task.run();
    }
}
