package org.keops.bootstrap;

import org.jspecify.annotations.Nullable;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.bootstrap.Settings.Migrating;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings KEOPS's schema up to date, once. One thread runs it; any thread may ask for its state. */
final class Migration {
    private static final Logger LOG = LoggerFactory.getLogger(Migration.class);

    private final @Nullable Migrating settings;
    private volatile MigrationState state = new MigrationState.Starting();

    Migration(@Nullable Migrating settings) {
        this.settings = settings;
    }

    MigrationState state() {
        return state;
    }

    void run() {
        if (settings == null) {
            state = new MigrationState.NotConfigured();
            return;
        }
        state = new MigrationState.Migrating();
        state = migrate(settings);
    }

    /** The library never throws for what a database does: what arrives here is a mistake in this program's own parts. */
    private static MigrationState migrate(Migrating settings) {
        try {
            return new MigrationState.Finished(AutoMigrator.configure()
                    .applicationRole(settings.applicationRole())
                    .waitForDatabase(settings.patience())
                    .run(settings.access().dataSource()));
        } catch (UnsoundScriptsException e) {
            LOG.error("{}", e.getMessage());
            return new MigrationState.Broken(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("the migration ended in a way that it never should", e);
            return new MigrationState.Broken(e.getClass().getName());
        }
    }
}
