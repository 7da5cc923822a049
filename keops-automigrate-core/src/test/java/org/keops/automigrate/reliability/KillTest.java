package org.keops.automigrate.reliability;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.testing.BootMain;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.CutProxy;
import org.keops.automigrate.testing.CutProxy.Cut;
import org.keops.automigrate.testing.CutProxy.Direction;
import org.keops.automigrate.testing.CutProxy.Place;
import org.keops.automigrate.testing.CutProxy.Way;
import org.keops.automigrate.testing.OwnServer;
import org.keops.automigrate.testing.OwnServer.Cluster;
import org.keops.automigrate.testing.Seeds;
import org.keops.automigrate.testing.TestDatabase;

/**
 * Processes die in the middle of a boot: the client's JVM, the server's backend, all of the server, on a server that
 * forgets nothing it has acknowledged. The moment is a message of the protocol, where the line stands still for the kill.
 */
class KillTest {
    private static final String[] IN_TRANSACTIONS = {
        "upgrade from nothing", "upgrade in a transaction each", "upgrade and permissions", "permissions alone"
    };
    private static final String[] OUTSIDE = {"index concurrently", "outside a transaction"};
    private static final int KILLS = Integer.getInteger("kills", 200);

    @TempDir
    static Path directory;

    private static OwnServer server;
    private static Stories stories;

    @BeforeAll
    static void prepare() {
        server = Cluster.create(directory.resolve("cluster"), "")
                .start("fsync=on", "synchronous_commit=on", "max_connections=100")
                .awaitReady();
        stories = Stories.on(
                server.asServer(),
                directory,
                Stream.of(IN_TRANSACTIONS, OUTSIDE).flatMap(Stream::of).toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void oneOfEachKind() {
        Random random = new Random(Seeds.seed());
        Trial trial = new Trial();
        boolean outside = false;
        for (Kill kill : Kill.values()) {
            kill(trial, kill, random, outside ? OUTSIDE : IN_TRANSACTIONS);
            outside = !outside;
        }
        trial.conclude("kills, one of each kind");
    }

    @Test
    @Tag("soak")
    void manyOfAnyKind() {
        many("kills", IN_TRANSACTIONS);
    }

    /** Where what is done stays done, and the next boot has to find out what became of the statement that was running. */
    @Test
    @Tag("soak")
    void manyOutsideATransaction() {
        many("kills outside a transaction", OUTSIDE);
    }

    private static void many(String what, String... among) {
        Random random = new Random(Seeds.seed());
        Trial trial = new Trial();
        for (int i = 0; i < KILLS; i++) {
            kill(trial, List.of(Kill.values()).get(i % Kill.values().length), random, among);
        }
        trial.conclude(what);
    }

    /** Who dies, and how. */
    private enum Kill {
        JVM_KILLED,
        BACKEND_TERMINATED,
        BACKEND_KILLED,
        SERVER_SHUT_DOWN_IMMEDIATELY,
        POSTMASTER_KILLED;

        void strike(TestDatabase database) {
            switch (this) {
                case JVM_KILLED -> throw new IllegalArgumentException("that is not on the server");
                case BACKEND_TERMINATED -> database.query("SELECT pg_terminate_backend(pid)" + BACKENDS);
                case BACKEND_KILLED -> killBackends(database);
                case SERVER_SHUT_DOWN_IMMEDIATELY -> {
                    server.end("QUIT");
                    server.startAgain();
                }
                case POSTMASTER_KILLED -> {
                    server.end("KILL");
                    server.startAgain();
                }
            }
        }

        private static final String BACKENDS = " FROM pg_stat_activity WHERE datname = current_database()"
                + " AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
    }

    /** The server takes all other sessions down, too, and comes back by itself. */
    private static void killBackends(TestDatabase database) {
        try (Connection witness = server.asServer().superuser("postgres").getConnection()) {
            List<String> backends = database.query("SELECT pid" + Kill.BACKENDS);
            backends.forEach(pid -> OwnServer.signal("KILL", Long.parseLong(pid)));
            if (!backends.isEmpty()) {
                Conditions.await("the server goes down", () -> isGone(witness));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        server.awaitReady();
    }

    private static boolean isGone(Connection connection) {
        try {
            return !connection.isValid(5);
        } catch (SQLException e) {
            return true;
        }
    }

    private static void kill(Trial trial, Kill kill, Random random, String... among) {
        Story story = stories.named(among[random.nextInt(among.length)]);
        Direction direction = List.of(Direction.values()).get(random.nextInt(2));
        // the last messages are about leaving: nobody waits there
        int message = 1 + random.nextInt(story.messages(direction) - 1);
        Place place = List.of(Place.values()).get(random.nextInt(3));
        trial.killed(story, kill.name(), new Cut(direction, message, place, Way.STALL), (proxy, database) -> {
            if (kill == Kill.JVM_KILLED) {
                killJvm(story, proxy, database);
            } else {
                Trial.whileStalled(story, database, proxy, () -> kill.strike(database));
            }
        });
    }

    /** The process leaves permissions alone, and a story that is about them has nothing else to do: then it ends well. */
    private static void killJvm(Story story, CutProxy proxy, TestDatabase database) {
        try {
            Process jvm =
                    BootMain.start(proxy.superuser(database), story.scripts(), "-Xmx64m", "-XX:TieredStopAtLevel=1");
            Conditions.await("the line is silent or the story is told", () -> proxy.hasCut() || !jvm.isAlive());
            OwnServer.signal("KILL", jvm.pid());
            jvm.onExit().join();
            proxy.resume();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
