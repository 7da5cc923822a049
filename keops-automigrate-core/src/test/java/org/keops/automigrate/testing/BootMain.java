package org.keops.automigrate.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.WhenUnversioned;
import org.postgresql.ds.PGSimpleDataSource;

/** A boot in a JVM of its own. */
public final class BootMain {

    private BootMain() {}

    /**
     * Boots once and prints the scenario; ends with 1 unless the outcome is acceptable.
     *
     * @param arguments URL, user, password, directory of the scripts
     */
    public static void main(String[] arguments) {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(arguments[0]);
        dataSource.setUser(arguments[1]);
        dataSource.setPassword(arguments[2]);
        BootReport report = AutoMigrator.configure()
                .scripts(arguments[3])
                .leavePermissionsAlone()
                .whenUnversioned(WhenUnversioned.upgradeFromBase())
                // twenty of them come up at once, on a machine that does other things too
                .connectWithin(Duration.ofMinutes(2))
                .waitForLock(Duration.ofMinutes(3))
                .run(dataSource);
        System.out.println(report.scenario());
        System.exit(report.outcome().acceptable() ? 0 : 1);
    }

    /**
     * Starts a JVM that boots.
     *
     * @param dataSource where; its user and password are those to use
     * @param scripts directory of the scripts
     * @param options of the JVM
     * @return the process, all its output on stdout
     * @throws IOException if it does not start
     */
    public static Process start(PGSimpleDataSource dataSource, Path scripts, String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), BootMain.class.getName()));
        command.addAll(List.of(
                dataSource.getURL(), String.valueOf(dataSource.getUser()), String.valueOf(dataSource.getPassword())));
        command.add(scripts.toString());
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }
}
