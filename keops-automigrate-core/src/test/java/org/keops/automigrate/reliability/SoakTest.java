package org.keops.automigrate.reliability;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.AlembicProject;
import org.keops.automigrate.testing.OwnServer;
import org.keops.automigrate.testing.OwnServer.Cluster;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.Seeds;
import org.keops.automigrate.testing.TestDatabase;

/**
 * Instances of an older and of a newer build boot at once on one database, a real {@code alembic} among them where there
 * is one, and somebody ends their sessions or all of the server; for {@code -Dsoak.minutes}, round after round.
 *
 * <p>Every script only writes into the journal, so that nothing but the rules of the game keeps it from taking effect twice.
 */
@Tag("soak")
class SoakTest {
    private static final int MINUTES = Integer.getInteger("soak.minutes", 1);
    private static final int INSTANCES = Integer.getInteger("soak.instances", 50);
    private static final List<String> OLDER = List.of("a", "b", "c", "d");
    private static final List<String> NEWER = List.of("a", "b", "c", "d", "e", "f");
    private static final String BACKENDS = " FROM pg_stat_activity WHERE datname = current_database()"
            + " AND pid <> pg_backend_pid() AND backend_type = 'client backend'";

    @TempDir
    static Path directory;

    private static OwnServer own;
    private static PostgresServer server;

    private int killed;
    private int boots;
    private int alembics;
    private int alembicsDone;
    private int done;

    @BeforeAll
    static void prepare() throws Exception {
        own = Cluster.create(directory.resolve("cluster"), "")
                .start("fsync=on", "synchronous_commit=on", "max_connections=200")
                .awaitReady();
        server = own.asServer();
        write("older", OLDER);
        write("newer", NEWER);
    }

    @AfterAll
    static void stop() {
        own.close();
    }

    @Test
    void roundAfterRound() throws Exception {
        Random random = new Random(Seeds.seed());
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
        int rounds = 0;
        do {
            // one round in three is left in peace: then everybody has to end well
            round("round " + rounds, random, rounds % 3 != 0);
            rounds++;
        } while (System.nanoTime() < end);
        System.out.println(
                "soak: " + rounds + " rounds, " + boots + " boots of ours, " + done + " ended well; " + alembics
                        + " of alembic, " + alembicsDone + " ended well; " + killed + " blows; all rounds converged");
    }

    private void round(String what, Random random, boolean blows) throws Exception {
        try (TestDatabase database = server.database()) {
            database.execute(Stories.JOURNAL);
            int from = random.nextInt(3);
            if (from > 0) {
                migrator("newer", false).build().upgrade(database.superuser(), from == 1 ? "b" : "f");
            }
            Process alembic = AlembicProject.isAlembicHere() ? alembic(database) : null;
            List<CompletableFuture<BootReport>> instances = new ArrayList<>();
            for (int i = 0; i < INSTANCES; i++) {
                String build = random.nextBoolean() ? "older" : "newer";
                boolean each = random.nextBoolean();
                instances.add(CompletableFuture.supplyAsync(
                        () -> migrator(build, each).run(database.superuser()), Trial::onThread));
            }
            for (int i = 0; blows && i < 6; i++) {
                blow(random, database);
            }
            for (CompletableFuture<BootReport> instance : instances) {
                count(what, Trial.within(instance::get), blows);
            }
            if (alembic != null) {
                alembics++;
                // it may have been too late, or killed: then it says so, and what it did is rolled back
                alembicsDone += AlembicProject.wait(alembic).code() == 0 ? 1 : 0;
            }
            judge(what, database);
        }
    }

    private void count(String what, BootReport report, boolean blows) {
        boots++;
        boolean well = Convergence.isDone(report) || report.scenario() == Scenario.AHEAD;
        done += well ? 1 : 0;
        Convergence.require(what, well || blows, report.toString());
    }

    private void blow(Random random, TestDatabase database) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(200)));
        killed++;
        int kind = random.nextInt(20);
        if (kind == 0) {
            own.end("QUIT");
            own.startAgain();
        } else {
            database.query("SELECT pg_terminate_backend(pid)" + BACKENDS + (kind < 4 ? "" : " LIMIT 3"));
        }
    }

    private static void judge(String what, TestDatabase database) {
        Convergence.requireDone(what, migrator("newer", false).build().run(database.superuser()));
        Convergence.awaitNobody(database);
        Convergence.requireNothingLeft(what, database);
        Convergence.require(
                what,
                Convergence.journal(database).equals(NEWER),
                "not once each, in order: " + database.query("SELECT what || ' ' || place FROM journal"));
        List<String> places = database.query("SELECT place FROM journal ORDER BY what");
        Convergence.require(what, places.equals(List.of("1", "2", "3", "4", "5", "6")), places.toString());
        List<String> rows = database.query("SELECT version_num FROM alembic_version");
        Convergence.require(what, rows.equals(List.of("f")), rows.toString());
    }

    private static Process alembic(TestDatabase database) throws Exception {
        return new AlembicProject(directory.resolve("python")).start(database, "upgrade", "head");
    }

    private static void write(String build, List<String> ids) throws Exception {
        Path folder = Files.createDirectory(directory.resolve(build));
        Scripts scripts = new Scripts(folder);
        AlembicProject project = AlembicProject.in(
                Files.createDirectories(directory.resolve(build.equals("newer") ? "python" : "python-older")));
        String before = "";
        for (String id : ids) {
            scripts.add(id, before, Stories.mark(id));
            String sql = "op.execute(\"" + Stories.mark(id).strip() + "\")";
            project.add(id, "down_revision = " + (before.isEmpty() ? "None" : "'" + before + "'"), sql, "pass");
            before = id;
        }
    }

    private static MigratorBuilder migrator(String build, boolean each) {
        MigratorBuilder builder = AutoMigrator.configure()
                .scripts(directory.resolve(build).toString())
                .leavePermissionsAlone()
                .whenUnversioned(WhenUnversioned.upgradeFromBase())
                .waitForLock(Duration.ofSeconds(40));
        return each ? builder.transactionPerRevision() : builder;
    }
}
