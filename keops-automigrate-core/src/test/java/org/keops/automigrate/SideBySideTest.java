package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.postgres.MigrationLock;
import org.keops.automigrate.testing.AlembicProject;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.Seeds;
import org.keops.automigrate.testing.TestDatabase;

/** The real Alembic and we look after one database, in turns and at the same moment. */
class SideBySideTest {
    private static final int GRAPHS = Integer.getInteger("side.by.side.graphs", 3);
    private static final int COMMANDS = 10;

    @TempDir
    Path directory;

    private AlembicProject project;
    private int refused;
    private int broken;

    @BeforeEach
    void prepare() {
        assumeTrue(
                AlembicProject.isAlembicHere(),
                "no alembic command on the PATH: apt-get install alembic python3-psycopg2");
        project = AlembicProject.in(directory);
    }

    /** One database is Alembic's alone; on the other one both take turns. They must not differ after any command. */
    @Test
    void inTurns() throws IOException {
        long seed = Seeds.seed();
        Random random = new Random(seed);
        int done = 0;
        for (int i = 0; i < GRAPHS; i++) {
            List<String> ids = randomProject(random);
            try (TestDatabase alone = database();
                    TestDatabase shared = database()) {
                for (int j = 0; j < COMMANDS; j++) {
                    String verb =
                            List.of("upgrade", "upgrade", "downgrade", "stamp").get(random.nextInt(4));
                    String target = randomTarget(random, ids, verb);
                    boolean ours = random.nextBoolean();
                    if (!step(alone, shared, verb, target, ours)) {
                        continue;
                    }
                    done++;
                    String what = "seed " + seed + ", graph " + i + ", command " + j + ": " + verb + " " + target
                            + (ours ? " by us" : " by Alembic");
                    assertThat(rows(shared)).as(what).isEqualTo(rows(alone));
                    assertThat(trace(shared)).as(what).isEqualTo(trace(alone));
                }
            }
        }
        System.out.println("side by side: seed " + seed + ", " + GRAPHS + " graphs, " + done + " commands, " + refused
                + " refused by both, " + broken + " where Alembic is known to differ");
        assertThat(done).isGreaterThan(GRAPHS * COMMANDS / 3);
    }

    /** Returns whether both sides have done it. */
    private boolean step(TestDatabase alone, TestDatabase shared, String verb, String target, boolean ours) {
        List<String> before = rows(alone);
        List<String> traced = trace(alone);
        boolean alembicDid = project.alembic(alone, verb, "--", target).code() == 0;
        if (!ours) {
            boolean again = project.alembic(shared, verb, "--", target).code() == 0;
            assertThat(again).isEqualTo(alembicDid);
            refused += alembicDid ? 0 : 1;
            return alembicDid;
        }
        boolean weDid = we(shared, verb, target);
        if (weDid == alembicDid) {
            refused += alembicDid ? 0 : 1;
            return alembicDid;
        }
        // docs/alembic-compatibility.md lists these; the databases are brought together again
        broken++;
        if (alembicDid) {
            assertThat(rows(shared)).isEqualTo(before);
            assertThat(trace(shared)).isEqualTo(traced);
            assertThat(project.alembic(shared, verb, "--", target).code()).isZero();
        } else {
            assertThat(we(alone, verb, target)).isTrue();
        }
        return true;
    }

    private boolean we(TestDatabase database, String verb, String target) {
        try {
            BootReport report = switch (verb) {
                case "upgrade" -> migrator().upgrade(database.superuser(), target);
                case "downgrade" -> migrator().downgrade(database.superuser(), target);
                default -> migrator().stamp(database.superuser(), target);
            };
            return report.outcome().acceptable();
        } catch (RevisionException e) {
            return false;
        }
    }

    /** Both are held at the same statement, in either order, and let go together. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void atTheSameMoment(boolean alembicFirst) throws Exception {
        line("LOCK TABLE gate");
        try (TestDatabase database = database();
                Connection connection = database.superuser().getConnection();
                Statement gate = connection.createStatement()) {
            database.execute("CREATE TABLE gate ()");
            assertThat(project.alembic(database, "stamp", "aaaa").code()).isZero();
            connection.setAutoCommit(false);
            gate.execute("LOCK TABLE gate");
            List<Process> alembic = new ArrayList<>();
            CompletableFuture<BootReport> we = new CompletableFuture<>();
            for (int waiting = 1; waiting <= 2; waiting++) {
                if (alembicFirst == (waiting == 1)) {
                    alembic.add(project.start(database, "upgrade", "head"));
                } else {
                    we.completeAsync(() -> migrator().upgrade(database.superuser(), "head"));
                }
                String wanted = String.valueOf(waiting);
                Conditions.await(
                        waiting + " sessions wait at the gate",
                        () -> database.query(
                                        "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'gate'::regclass")
                                .equals(List.of(wanted)));
            }
            connection.commit();
            BootReport report = we.get(60, TimeUnit.SECONDS);
            alembic.forEach(AlembicProject::wait);
            assertThat(report.outcome().acceptable()).as(report.toString()).isTrue();
            assertThat(rows(database)).containsExactly("dddd");
            assertThat(trace(database)).containsExactly("bbbb", "cccc", "dddd");
        }
    }

    @Test
    void atTheSameMomentOnAnEmptyDatabase() throws Exception {
        line("SELECT 1");
        for (int i = 0; i < 3; i++) {
            try (TestDatabase database = database()) {
                Process alembic = project.start(database, "upgrade", "head");
                // its first session shows that it is past the starting of Python
                Conditions.await(
                        "Alembic has come or gone",
                        () -> !alembic.isAlive()
                                || database.query(
                                                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
                                        .equals(List.of("1")));
                BootReport report = migrator().upgrade(database.superuser(), "head");
                AlembicProject.wait(alembic);
                assertThat(report.outcome().acceptable()).as(report.toString()).isTrue();
                assertThat(rows(database)).containsExactly("dddd");
                assertThat(trace(database)).containsExactly("aaaa", "bbbb", "cccc", "dddd");
            }
        }
    }

    @Test
    void anEnvironmentWithOurLockWaits() throws Exception {
        line("SELECT 1");
        String page = Files.readString(Path.of(System.getProperty("project.root", ".."), "docs/side-by-side.md"));
        String statement = page.lines()
                .map(String::strip)
                .filter(line -> line.contains("pg_advisory_xact_lock"))
                .findFirst()
                .orElseThrow();
        assertThat(page).contains("KEOPS_AUTOMIGRATE = " + MigrationLock.KEY);
        project.locking(statement);
        try (TestDatabase database = database();
                Connection connection = database.superuser().getConnection();
                Statement lock = connection.createStatement()) {
            lock.execute("SELECT pg_advisory_lock(" + MigrationLock.KEY + ")");
            Process alembic = project.start(database, "upgrade", "head");
            Conditions.await(
                    "Alembic waits for the lock",
                    () -> database.query("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'")
                            .equals(List.of("1")));
            assertThat(trace(database)).isEmpty();
            lock.execute("SELECT pg_advisory_unlock(" + MigrationLock.KEY + ")");
            assertThat(AlembicProject.wait(alembic).code()).isZero();
            assertThat(rows(database)).containsExactly("dddd");
        }
    }

    // -------------------------------------------------------------------------------------------------------- support

    private void line(String first) {
        String before = "";
        for (String id : List.of("aaaa", "bbbb", "cccc", "dddd")) {
            add(id, before.isEmpty() ? List.of() : List.of(before), List.of(), List.of(), first);
            before = id;
        }
    }

    private List<String> randomProject(Random random) throws IOException {
        try (var files = Files.list(project.versions())) {
            for (Path file : files.toList()) {
                if (Files.isRegularFile(file)) {
                    Files.delete(file);
                }
            }
        }
        List<String> ids = new ArrayList<>();
        int size = 4 + random.nextInt(7);
        for (int i = 0; i < size; i++) {
            String id = String.format("%06x%06x", random.nextInt(1 << 24), random.nextInt(1 << 24));
            List<String> down =
                    sample(random, ids, i == 0 || random.nextInt(6) == 0 ? 0 : random.nextInt(4) == 0 ? 2 : 1);
            List<String> needs = sample(random, ids, random.nextInt(6) == 0 ? 1 : 0);
            needs.removeAll(down);
            add(id, down, needs, random.nextInt(5) == 0 ? List.of("label" + i) : List.of(), "SELECT 1");
            ids.add(id);
        }
        return ids;
    }

    private static List<String> sample(Random random, List<String> ids, int count) {
        List<String> sample = new ArrayList<>();
        for (int i = 0; i < count && !ids.isEmpty(); i++) {
            String id = ids.get(ids.size() - 1 - random.nextInt(Math.min(4, ids.size())));
            if (!sample.contains(id)) {
                sample.add(id);
            }
        }
        return sample;
    }

    /** What is relative or names a branch is compared by the recorded vectors; here it would mostly be refused. */
    private static String randomTarget(Random random, List<String> ids, String verb) {
        String id = ids.get(random.nextInt(ids.size()));
        return switch (random.nextInt(8)) {
            case 0 -> verb.equals("upgrade") ? "heads" : "base";
            case 1 -> verb.equals("upgrade") ? "heads" : id;
            case 2 -> verb.equals("upgrade") ? "+1" : verb.equals("downgrade") ? "-1" : id;
            case 3 -> id.substring(0, 6);
            default -> id;
        };
    }

    /** One revision, in both languages. */
    private void add(String id, List<String> down, List<String> needs, List<String> labels, String first) {
        String up = "INSERT INTO trace (what) VALUES ('" + id + "')";
        String back = "INSERT INTO trace (what) VALUES ('-" + id + "')";
        project.add(
                id,
                "down_revision = " + python(down) + "\ndepends_on = " + python(needs) + "\nbranch_labels = "
                        + python(labels),
                "op.execute(\"" + first + "\"); op.execute(\"" + up + "\")",
                "op.execute(\"" + back + "\")");
        String header =
                "-- Depends On: " + String.join(", ", needs) + "\n-- Branch Labels: " + String.join(", ", labels);
        new Scripts(project.versions())
                .add(id, String.join(", ", down), header, first + ";\n" + up + ";\n-- downgrade\n" + back + ";");
    }

    private static String python(List<String> values) {
        return values.isEmpty() ? "None" : "('" + String.join("', '", values) + "',)";
    }

    private Migrator migrator() {
        return AutoMigrator.configure()
                .scripts(project.versions().toString())
                .leavePermissionsAlone()
                .build()
                .requireSameGraphAs(project.versions());
    }

    private static TestDatabase database() {
        TestDatabase database = PostgresServer.shared().database();
        database.execute("CREATE TABLE trace (what text)");
        return database;
    }

    private static List<String> rows(TestDatabase database) {
        boolean there =
                database.query("SELECT to_regclass('alembic_version')::text").get(0) != null;
        return there ? database.query("SELECT version_num FROM alembic_version ORDER BY 1") : List.of();
    }

    private static List<String> trace(TestDatabase database) {
        return database.query("SELECT what FROM trace ORDER BY 1");
    }
}
