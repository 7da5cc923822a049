package org.keops.automigrate.reliability;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.testing.CutProxy;
import org.keops.automigrate.testing.CutProxy.Cut;
import org.keops.automigrate.testing.CutProxy.Direction;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;

/**
 * What may happen to a database when a service boots: to be interrupted anywhere, and told once more. Whatever happened
 * to the first telling, after an undisturbed one the database is as after one undisturbed telling alone.
 */
final class Story implements AutoCloseable {
    private static final Duration LONG = Duration.ofMinutes(30);
    private static final Duration MEANWHILE = Duration.ofSeconds(20);
    private static final Duration BRIEFLY = Duration.ofSeconds(5);

    private final String name;
    private final Path scripts;
    private final MigratorBuilder builder;
    private final Telling telling;
    private final TestDatabase template;
    private final List<String> end;
    private final int toServer;
    private final int toClient;

    /** What is done with a migrator. */
    interface Telling {
        BootReport tell(Migrator migrator, DataSource dataSource);
    }

    /**
     * Tells it once, undisturbed, to see how it ends.
     *
     * @param scripts where its scripts are
     * @param template the database that it begins with; nobody may be connected
     */
    Story(String name, Path scripts, TestDatabase template, MigratorBuilder builder, Telling telling) {
        this.name = name;
        this.scripts = scripts;
        this.template = template;
        this.builder = builder;
        this.telling = telling;
        try (TestDatabase database = database();
                CutProxy proxy = CutProxy.before(database.server(), Cut.NONE)) {
            BootReport report = tell(proxy.superuser(database));
            Convergence.requireDone(name, report);
            Convergence.require(name, proxy.connections() == 1, "it took " + proxy.connections() + " connections");
            Convergence.awaitNobody(database);
            end = Convergence.catalog(database);
            toServer = proxy.messages(Direction.TO_SERVER);
            toClient = proxy.messages(Direction.TO_CLIENT);
        }
    }

    Path scripts() {
        return scripts;
    }

    TestDatabase database() {
        return template.server().databaseLike(template.name());
    }

    PostgresServer server() {
        return template.server();
    }

    /** As a service does. */
    BootReport tell(DataSource dataSource) {
        return tell(dataSource, Duration.ofSeconds(30));
    }

    BootReport tell(DataSource dataSource, Duration patience) {
        return telling.tell(migrator(patience, LONG), dataSource);
    }

    /**
     * While another telling stands still, which may hold the lock, or in the middle of a question a snapshot: what is made
     * concurrently waits for that as long as the deadline lets it.
     */
    BootReport tellMeanwhile(DataSource dataSource) {
        return telling.tell(migrator(Duration.ZERO, MEANWHILE), dataSource);
    }

    /** Where nobody will answer any more: after a lost answer somebody is looked for for half a minute, or until the deadline. */
    BootReport tellBriefly(DataSource dataSource) {
        return telling.tell(migrator(Duration.ZERO, BRIEFLY), dataSource);
    }

    /** The builder is told on many threads. */
    private synchronized Migrator migrator(Duration patience, Duration deadline) {
        return builder.waitForLock(patience).deadline(deadline).build();
    }

    /** The catalog and the rows at the end. */
    List<String> end() {
        return end;
    }

    /** How many messages there are when nothing interrupts it. */
    int messages(Direction direction) {
        return direction == Direction.TO_SERVER ? toServer : toClient;
    }

    @Override
    public String toString() {
        return name;
    }

    @Override
    public void close() {
        template.close();
    }
}
