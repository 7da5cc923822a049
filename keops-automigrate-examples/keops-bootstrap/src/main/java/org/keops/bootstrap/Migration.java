package org.keops.bootstrap;

import org.jspecify.annotations.Nullable;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.BackgroundRun;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.bootstrap.Settings.Migrating;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings KEOPS's schema up to date, once. Thread-safe. */
final class Migration implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Migration.class);

    private final @Nullable Migrating settings;
    private volatile @Nullable BackgroundRun running;
    private volatile MigrationState state = new MigrationState.Starting();

    Migration(@Nullable Migrating settings) {
        this.settings = settings;
    }

    MigrationState state() {
        return state;
    }

    /**
     * Starts it, in the background.
     *
     * @param then what to do when it is over, one way or the other
     */
    @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for what follows
    void start(Runnable then) {
        if (settings == null) {
            state = new MigrationState.NotConfigured();
            then.run();
            return;
        }
        state = new MigrationState.Migrating();
        try {
            BackgroundRun run = AutoMigrator.configure()
                    .applicationRole(settings.applicationRole())
                    .waitForDatabase(settings.patience())
                    .runInBackground(settings.access().dataSource());
            running = run;
            run.report().whenComplete((report, failure) -> {
                state = failure == null ? new MigrationState.Finished(report) : broken(failure);
                then.run();
            });
        } catch (UnsoundScriptsException e) {
            LOG.error("{}", e.getMessage());
            state = new MigrationState.Broken(String.valueOf(e.getMessage()));
            then.run();
        }
    }

    /** The library never throws for what a database does: what arrives here is a mistake in this program's own parts. */
    private static MigrationState broken(Throwable failure) {
        LOG.error("the migration ended in a way that it never should", failure);
        return new MigrationState.Broken(failure.getClass().getName());
    }

    /** Ends it: what runs is cancelled and rolled back. */
    @Override
    public void close() {
        BackgroundRun run = running;
        if (run != null) {
            run.close();
        }
    }
}
