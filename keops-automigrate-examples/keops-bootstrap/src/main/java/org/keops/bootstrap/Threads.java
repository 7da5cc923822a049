package org.keops.bootstrap;

import java.util.concurrent.ThreadFactory;

/** Threads that a person finds in a thread dump, and that do not keep the process alive. Stateless. */
final class Threads {

    private Threads() {}

    static ThreadFactory daemon(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
