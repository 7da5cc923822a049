package org.keops.automigrate;

import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.PermissionVerification;
import org.keops.automigrate.model.PlannedBoot;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.permissions.PermissionScript;

/** A configured migrator: immutable, thread-safe, owns no connection. Built by {@link AutoMigrator#configure()}. */
public final class Migrator {
    /** A server of this version refuses whatever any server refuses. */
    private static final int STRICTEST_SERVER = 18;

    private static final String NO_DATA_SOURCE = "dataSource is null: pass the DataSource of the role that migrates";

    private final Configuration configuration;
    private final ScriptCatalog scripts;
    private final Boot boot;

    Migrator(Configuration configuration) {
        this.configuration = configuration;
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
     * Proves that the roles of the policy can use everything that it names. Acts as each role, where the role that connects
     * may ({@code SET ROLE}), and lets the planner check each verb on each object; where it may not, asks the catalog.
     * Changes nothing: it is a read-only transaction that is rolled back.
     *
     * @param dataSource where the connection comes from
     * @return what can not be used
     * @throws NullPointerException if {@code dataSource} is null
     */
    public PermissionVerification verify(DataSource dataSource) {
        return boot.verify(Objects.requireNonNull(dataSource, NO_DATA_SOURCE));
    }

    /**
     * The statements of the policy as a script for a person, {@code fix-permissions.sql}: for a database whose permissions
     * are looked after by somebody else. No database is asked anything.
     *
     * @param serverMajorVersion the version of the server that it is for: 17 added a privilege
     * @return SQL, to be run as the role that makes the objects or as a superuser
     */
    public String permissionScript(int serverMajorVersion) {
        return PermissionScript.of(
                configuration.permissions(),
                configuration.ownerRole(),
                configuration.versionTable().table(),
                serverMajorVersion);
    }

    /**
     * Reads every script to its end, without a database: one line in a unit test finds what a boot would find.
     *
     * @return this migrator
     * @throws UnsoundScriptsException with everything that is wrong, if anything is
     */
    public Migrator check() {
        List<Problem> problems = scripts.checkBodies(STRICTEST_SERVER);
        if (!problems.isEmpty()) {
            throw new UnsoundScriptsException(problems);
        }
        return this;
    }
}
