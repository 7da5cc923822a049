package org.keops.automigrate;

import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.PlannedBoot;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.UnsoundScriptsException;

/** A configured migrator: immutable, thread-safe, owns no connection. Built by {@link AutoMigrator#configure()}. */
public final class Migrator {
    private static final String NO_DATA_SOURCE = "dataSource is null: pass the DataSource of the role that migrates";

    private final ScriptCatalog scripts;
    private final Boot boot;

    Migrator(Configuration configuration) {
        this.scripts = configuration.scripts();
        this.boot = new Boot(configuration);
    }

    /**
     * Does what the boot calls for.
     *
     * <p>Uses one connection and gives it back as it came. Whatever the state of the database, this returns a report and
     * does not throw.
     *
     * @param dataSource where the connection comes from: the role that migrates, not the application's
     * @return what was found and done
     * @throws NullPointerException if {@code dataSource} is null
     */
    public BootReport run(DataSource dataSource) {
        return boot.run(Objects.requireNonNull(dataSource, NO_DATA_SOURCE));
    }

    /**
     * Says what {@link #run} would do. Reads only, takes no lock, and makes one attempt to connect.
     *
     * @param dataSource where the connection comes from
     * @return the decision and its steps
     * @throws NullPointerException if {@code dataSource} is null
     */
    public PlannedBoot plan(DataSource dataSource) {
        return boot.plan(Objects.requireNonNull(dataSource, NO_DATA_SOURCE));
    }

    /**
     * Reads every script to its end, without a database: one line in a unit test finds what a boot would find.
     *
     * @return this migrator
     * @throws UnsoundScriptsException with everything that is wrong, if anything is
     */
    public Migrator check() {
        List<Problem> problems = scripts.checkBodies();
        if (!problems.isEmpty()) {
            throw new UnsoundScriptsException(problems);
        }
        return this;
    }
}
