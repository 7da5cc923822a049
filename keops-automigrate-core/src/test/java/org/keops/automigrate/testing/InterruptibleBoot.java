package org.keops.automigrate.testing;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.BootReport;

/** A boot on a thread that can be interrupted. */
public final class InterruptibleBoot {
    private static final Duration BOUND = Duration.ofSeconds(20);

    private final AtomicReference<BootReport> report = new AtomicReference<>();
    private final Thread thread;
    private volatile boolean flagKept;

    /** Begins at once. */
    public InterruptibleBoot(MigratorBuilder migrator, DataSource dataSource) {
        thread = new Thread(() -> {
            report.set(migrator.run(dataSource));
            flagKept = Thread.currentThread().isInterrupted();
        });
        thread.start();
    }

    public Thread thread() {
        return thread;
    }

    /** Whether the thread was still marked as interrupted when the boot was over. */
    public boolean isFlagKept() {
        return flagKept;
    }

    /** Waits for the report, but not for long. */
    public BootReport report() throws InterruptedException {
        thread.join(BOUND.toMillis());
        return Objects.requireNonNull(report.get(), "it did not end");
    }
}
