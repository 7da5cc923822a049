package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;
import org.keops.automigrate.testing.AlembicProject;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.Seeds;
import org.keops.automigrate.testing.TestDatabase;

/** The real Alembic and we look after one database, in turns and at the same moment. */
class SideBySideTest {
    private static final int GRAPHS = Integer.getInteger("side.by.side.graphs", 3);
    private static final int COMMANDS = Integer.getInteger("side.by.side.commands", 10);
    private static final int LARGEST = Integer.getInteger("side.by.side.revisions", 10);
    /** What Alembic says, and what we call it. */
    private static final Map<String, Set<Kind>> REASONS = Map.of(
            "Can't locate revision", Set.of(Kind.CANT_LOCATE),
            "Multiple head", Set.of(Kind.MULTIPLE_HEADS),
            "overlaps with", Set.of(Kind.OVERLAPPING_TARGETS, Kind.OVERLAPPING_ROWS),
            "Ambiguous upgrade", Set.of(Kind.AMBIGUOUS_UPGRADE),
            "Ambiguous walk", Set.of(Kind.AMBIGUOUS_WALK),
            "didn't produce", Set.of(Kind.RELATIVE_TOO_FAR),
            "Walked too far", Set.of(Kind.WALKED_TOO_FAR),
            "alid downgrade target", Set.of(Kind.NOT_A_DOWNGRADE_TARGET));

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
            List<String> names = randomProject(random);
            try (TestDatabase alone = database();
                    TestDatabase shared = database()) {
                for (int j = 0; j < COMMANDS; j++) {
                    String verb =
                            List.of("upgrade", "upgrade", "downgrade", "stamp").get(random.nextInt(4));
                    String target = randomTarget(random, names, verb);
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
        // about half of the targets are refused; a tenth no seed comes down to
        assertThat(done).isGreaterThan(GRAPHS * COMMANDS / 10);
    }

    /** Returns whether both sides have done it. */
    private boolean step(TestDatabase alone, TestDatabase shared, String verb, String target, boolean ours)
            throws IOException {
        List<String> before = rows(alone);
        List<String> traced = trace(alone);
        // most of what it takes is the start of a process
        Process onTheOther = ours ? null : project.start(shared, verb, "--", target);
        AlembicProject.Ended alembic = project.alembic(alone, verb, "--", target);
        boolean alembicDid = alembic.code() == 0;
        if (onTheOther != null) {
            boolean again = AlembicProject.wait(onTheOther).code() == 0;
            assertThat(again).isEqualTo(alembicDid);
            leaveNoSuperfluousRow(alone, shared);
            refused += alembicDid ? 0 : 1;
            return alembicDid;
        }
        RevisionException refusal = refusal(shared, verb, target);
        boolean weDid = refusal == null;
        if (weDid && alembicDid) {
            if (leavesOtherRows(verb, target, before, rows(alone), rows(shared))) {
                broken++;
                record(alone, rows(shared));
            }
            return true;
        }
        assertThat(isListed(verb, target, alembic, refusal))
                .as(verb + " " + target + " from " + before + ": Alembic says " + alembic.output() + ", we say "
                        + refusal)
                .isTrue();
        if (!weDid) {
            assertThat(rows(shared)).isEqualTo(before);
            assertThat(trace(shared)).isEqualTo(traced);
        }
        if (weDid == alembicDid) {
            refused++;
            return false;
        }
        if (weDid) {
            assertSound(shared, verb, before, traced);
        }
        // the databases are brought together again
        broken++;
        if (alembicDid) {
            assertThat(project.alembic(shared, verb, "--", target).code()).isZero();
            leaveNoSuperfluousRow(alone, shared);
        } else {
            assertThat(refusal(alone, verb, target)).isNull();
        }
        return true;
    }

    /** Whether the rows differ as docs/alembic-compatibility.md lists: SUPERFLUOUS_ROW, STAMP_KEEPS_WHAT_IS_REQUESTED. */
    private boolean leavesOtherRows(
            String verb, String target, List<String> before, List<String> alembics, List<String> ours) {
        Set<String> more = new HashSet<>(ours);
        more.removeAll(alembics);
        boolean superfluous = verb.equals("downgrade")
                && !alembics.equals(ours)
                && newest(needs(), alembics).equals(ours);
        Set<String> heads = new HashSet<>();
        migrator().heads().forEach(head -> heads.add(head.id().value()));
        boolean kept = verb.equals("stamp")
                && target.endsWith("heads")
                && ours.containsAll(alembics)
                && !more.isEmpty()
                && before.containsAll(more)
                && heads.containsAll(more);
        return superfluous || kept;
    }

    /** Rows of Alembic's that overlap (SUPERFLUOUS_ROW, STAMP_OF_WHAT_IS_IMPLIED) would stop both from here on. */
    private void leaveNoSuperfluousRow(TestDatabase alone, TestDatabase shared) {
        List<String> newest = newest(needs(), rows(alone));
        if (rows(alone).equals(rows(shared)) && !newest.equals(rows(alone))) {
            broken++;
            record(alone, newest);
            record(shared, newest);
        }
    }

    private static List<String> newest(Map<String, Set<String>> needs, List<String> rows) {
        return rows.stream()
                .filter(row -> rows.stream()
                        .noneMatch(other -> !other.equals(row)
                                && applied(needs, List.of(other)).contains(row)))
                .toList();
    }

    private static void record(TestDatabase database, List<String> rows) {
        database.execute("DELETE FROM alembic_version");
        rows.forEach(row -> database.execute("INSERT INTO alembic_version VALUES ('" + row + "')"));
    }

    /** Whether both refuse for the same reason, or docs/alembic-compatibility.md lists that they do not. */
    private static boolean isListed(
            String verb, String target, AlembicProject.Ended alembic, @Nullable RevisionException refusal) {
        boolean breaks = breaks(alembic);
        boolean branchOfADowngrade = verb.equals("downgrade") && target.contains("@");
        if (refusal == null) {
            return breaks || branchOfADowngrade;
        }
        Kind kind = refusal.kind();
        boolean listed = (kind == Kind.AMBIGUOUS_DOWNGRADE && target.startsWith("-"))
                || (branchOfADowngrade && (kind == Kind.CANT_LOCATE || target.endsWith("@heads")))
                || (kind == Kind.OVERLAPPING_TARGETS && verb.equals("stamp"));
        boolean same = alembic.code() != 0
                && REASONS.entrySet().stream()
                        .anyMatch(reason -> alembic.output().contains(reason.getKey())
                                && reason.getValue().contains(kind));
        boolean countsPastTheEnd = target.matches(".*[+-]\\d+")
                && Set.of(Kind.WALKED_TOO_FAR, Kind.RELATIVE_TOO_FAR, Kind.CANT_LOCATE, Kind.AMBIGUOUS_UPGRADE)
                        .contains(kind);
        return listed || same || (breaks && countsPastTheEnd);
    }

    /** Whether Alembic's graph or its book of rows ended in a bare exception, and not, say, the database in an error. */
    private static boolean breaks(AlembicProject.Ended alembic) {
        String last = alembic.output().strip().lines().reduce("", (before, line) -> line);
        boolean ofTheRows = alembic.output().contains("self.heads.remove(");
        return (alembic.output().contains("alembic/script/revision.py") || ofTheRows)
                && last.matches("AssertionError|KeyError: '.*'|IndexError: .*");
    }

    /** Where Alembic breaks there is nothing to compare with: what ran must be the difference of what the rows imply. */
    private void assertSound(TestDatabase shared, String verb, List<String> before, List<String> traced) {
        Map<String, Set<String>> needs = needs();
        List<String> rows = rows(shared);
        Set<String> now = applied(needs, rows);
        for (String row : rows) {
            assertThat(needs.get(row)).as(row).isNotNull();
            assertThat(now.stream()
                            .filter(one -> needs.getOrDefault(one, Set.of()).contains(row)))
                    .as("what stands on the row " + row)
                    .isEmpty();
        }
        Set<String> once = applied(needs, before);
        List<String> ran = new ArrayList<>(trace(shared));
        traced.forEach(ran::remove);
        Set<String> expected = new HashSet<>();
        if (verb.equals("upgrade")) {
            now.stream().filter(one -> !once.contains(one)).forEach(expected::add);
        } else if (verb.equals("downgrade")) {
            once.stream().filter(one -> !now.contains(one)).forEach(one -> expected.add("-" + one));
        }
        assertThat(ran).containsExactlyInAnyOrderElementsOf(expected);
    }

    private Map<String, Set<String>> needs() {
        Map<String, Set<String>> needs = new HashMap<>();
        for (ListedRevision listed : migrator().history(":")) {
            Set<String> below = new HashSet<>(listed.revision().dependsOn());
            listed.revision().downRevisions().forEach(down -> below.add(down.value()));
            needs.put(listed.id().value(), below);
        }
        return needs;
    }

    private static Set<String> applied(Map<String, Set<String>> needs, Collection<String> rows) {
        Set<String> applied = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(rows);
        while (!open.isEmpty()) {
            String one = open.pop();
            if (applied.add(one)) {
                open.addAll(needs.getOrDefault(one, Set.of()));
            }
        }
        return applied;
    }

    private @Nullable RevisionException refusal(TestDatabase database, String verb, String target) {
        try {
            BootReport report = switch (verb) {
                case "upgrade" -> migrator().upgrade(database.superuser(), target);
                case "downgrade" -> migrator().downgrade(database.superuser(), target);
                default -> migrator().stamp(database.superuser(), target);
            };
            assertThat(report.outcome().acceptable()).as(report.toString()).isTrue();
            return null;
        } catch (RevisionException e) {
            return e;
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
            BootReport report = we.get(120, TimeUnit.SECONDS);
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
        assertThat(page).contains("KEOPS_AUTOMIGRATE = " + AutoMigrator.LOCK_KEY);
        project.locking(statement);
        try (TestDatabase database = database();
                Connection connection = database.superuser().getConnection();
                Statement lock = connection.createStatement()) {
            lock.execute("SELECT pg_advisory_lock(" + AutoMigrator.LOCK_KEY + ")");
            Process alembic = project.start(database, "upgrade", "head");
            Conditions.await(
                    "Alembic waits for the lock",
                    () -> database.query("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'")
                            .equals(List.of("1")));
            assertThat(trace(database)).isEmpty();
            lock.execute("SELECT pg_advisory_unlock(" + AutoMigrator.LOCK_KEY + ")");
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
        List<String> names = new ArrayList<>();
        int size = 4 + random.nextInt(LARGEST - 3);
        for (int i = 0; i < size; i++) {
            String id = String.format("%06x%06x", random.nextInt(1 << 24), random.nextInt(1 << 24));
            List<String> down =
                    sample(random, ids, i == 0 || random.nextInt(6) == 0 ? 0 : random.nextInt(4) == 0 ? 3 : 1);
            List<String> needs = sample(random, ids, random.nextInt(5) == 0 ? 2 : 0);
            needs.removeAll(down);
            List<String> labels = random.nextInt(4) > 0
                    ? List.of()
                    : random.nextBoolean() ? List.of("label" + i) : List.of("label" + i, "name" + i);
            add(id, down, needs, labels, "SELECT 1");
            ids.add(id);
            names.addAll(labels);
        }
        names.addAll(ids);
        return names;
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

    private static String randomTarget(Random random, List<String> names, String verb) {
        String name = names.get(random.nextInt(names.size()));
        boolean up = verb.equals("upgrade");
        boolean stamp = verb.equals("stamp");
        int steps = 1 + random.nextInt(2);
        return switch (random.nextInt(14)) {
            case 0, 1 -> up ? "heads" : "base";
            case 2 -> stamp ? name : up ? "+" + steps : "-" + steps;
            case 3, 4 -> stamp ? name + "@head" : name + "@" + (up ? "+" : "-") + steps;
            case 5 -> name + "@" + (up ? "head" : "base");
            case 6 -> stamp ? "heads" : name + (up ? "+" : "-") + steps;
            case 7 -> name.substring(0, Math.min(5, name.length()));
            case 8 -> "head";
            case 9 -> stamp ? name + "@base" : up ? name + "@head-1" : "base+" + steps;
            case 10 -> up ? "base+" + steps : name + "@heads";
            default -> name;
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
