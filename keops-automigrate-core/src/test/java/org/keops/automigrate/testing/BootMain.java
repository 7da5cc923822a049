package org.keops.automigrate.testing;

import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.model.WhenUnversioned;
import org.postgresql.ds.PGSimpleDataSource;

/** A boot in a JVM of its own. */
public final class BootMain {

    private BootMain() {}

    /**
     * Boots once and prints the scenario.
     *
     * @param arguments URL, user, password, directory of the scripts
     */
    public static void main(String[] arguments) {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(arguments[0]);
        dataSource.setUser(arguments[1]);
        dataSource.setPassword(arguments[2]);
        System.out.println(AutoMigrator.configure()
                .scripts(arguments[3])
                .leavePermissionsAlone()
                .whenUnversioned(WhenUnversioned.upgradeFromBase())
                .run(dataSource)
                .scenario());
    }
}
