package org.keops.automigrate.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.testing.BootMain;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.OwnServer;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Seeds;
import org.keops.automigrate.testing.TestDatabase;

/** Many processes boot at once and some of them are killed: the others do not notice, and the work is done once. */
class CrowdTest {
    private static final String[] SMALL_JVM = {"-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"
    };

    private static final String CONNECTED = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            + " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            + " UNION ALL SELECT 1 FROM pg_class WHERE relname = 'alembic_version'";

    @TempDir
    Path directory;

    @Test
    void someOfAFewAreKilled() throws Exception {
        crowds(1, 4, 2);
    }

    @Test
    @Tag("soak")
    void twelveOfTwentyAreKilled() throws Exception {
        crowds(Integer.getInteger("crowds", 5), 20, 12);
    }

    private void crowds(int rounds, int processes, int kills) throws Exception {
        Random random = new Random(Seeds.seed());
        int killed = 0;
        try (Stories stories = Stories.on(PostgresServer.shared(), directory, "upgrade from nothing")) {
            Story story = stories.all().get(0);
            for (int i = 0; i < rounds; i++) {
                try (TestDatabase database = story.database()) {
                    killed += crowd(database, random, processes, kills);
                    Convergence.requireDone("crowd " + i, story.tell(database.superuser()));
                    Convergence.require("crowd " + i, database, story.end());
                }
            }
        }
        System.out.println(
                "crowds: " + rounds + " of " + processes + " processes, " + killed + " killed, all converged");
    }

    /** Returns how many died of it: some may have ended before. */
    private int crowd(TestDatabase database, Random random, int processes, int kills) throws Exception {
        List<Process> jvms = new ArrayList<>();
        for (int i = 0; i < processes; i++) {
            jvms.add(BootMain.start(database.superuser(), directory.resolve("shop"), SMALL_JVM));
        }
        List<Process> victims = new ArrayList<>(jvms);
        // that many JVMs come up at once
        Conditions.await(
                "the first boots",
                Duration.ofMinutes(3),
                () -> !database.query(CONNECTED).isEmpty());
        for (int i = 0; i < kills; i++) {
            // a kill at any moment is what this is about
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(200)));
            OwnServer.signal(
                    "KILL", victims.remove(random.nextInt(victims.size())).pid());
        }
        int killed = 0;
        for (Process jvm : jvms) {
            String said = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = jvm.waitFor();
            killed += code == 128 + 9 ? 1 : 0;
            assertThat(code).as(said).isIn(victims.contains(jvm) ? List.of(0) : List.of(0, 128 + 9));
        }
        return killed;
    }
}
