package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keops.automigrate.MovingRowCases.EACH;
import static org.keops.automigrate.MovingRowCases.FAILS;
import static org.keops.automigrate.MovingRowCases.HIDDEN;
import static org.keops.automigrate.MovingRowCases.LEAST;
import static org.keops.automigrate.MovingRowCases.MIDDLE;
import static org.keops.automigrate.MovingRowCases.NOW;
import static org.keops.automigrate.MovingRowCases.REVISIONS;
import static org.keops.automigrate.MovingRowCases.TABLE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.keops.automigrate.MovingRowCases.Case;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.CompletedStep;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.MigratingRole;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.Seeds;
import org.keops.automigrate.testing.TestDatabase;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A version row moves over several revisions at once where nobody can see it in between, and else over each: with the same
 * result as one statement at a time, where it always moves over each.
 */
class MovingRowTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @MethodSource({
        "org.keops.automigrate.MovingRowCases#whatTheScriptsDo",
        "org.keops.automigrate.MovingRowCases#whatIsThere"
    })
    void theResultIsThatOfOneStatementAtATime(Case history) {
        requireTheSame(history, MigratingRole.OWNER);
    }

    @ParameterizedTest
    @MethodSource("org.keops.automigrate.MovingRowCases#whatASuperuserMakes")
    void theResultIsThatOfOneStatementAtATimeForASuperuser(Case history) {
        requireTheSame(history, MigratingRole.SUPERUSER);
    }

    /** It is only asked to be faster. */
    @Test
    void aCatalogThatMayNotBeAskedKeepsNobodyFromUpgrading() {
        write(Map.of());
        try (TestDatabase database = database(MigratingRole.OWNER)) {
            database.execute("REVOKE SELECT ON pg_catalog.pg_proc FROM PUBLIC");
            BootReport report = run(MigratingRole.OWNER.of(database), UnaryOperator.identity());
            assertThat(report.outcome()).as("%s", report).isInstanceOf(Outcome.Upgraded.class);
            assertThat(report.steps()).hasSize(REVISIONS);
            assertThat(database.query("SELECT moves FROM counted")).containsExactly(String.valueOf(EACH));
        }
    }

    private void requireTheSame(Case history, MigratingRole role) {
        write(history.bodies());
        List<String> together = outcome(history, role, history.moves(), UnaryOperator.identity());
        assertThat(outcome(
                        history, role, history.moves() == FAILS ? FAILS : EACH, MigratorBuilder::oneStatementAtATime))
                .isEqualTo(together);
    }

    private List<String> outcome(Case history, MigratingRole role, int moves, UnaryOperator<MigratorBuilder> way) {
        try (TestDatabase database = database(role)) {
            role.execute(
                    database,
                    history.before().stream()
                            .map(sql -> sql.replace(
                                            ":user",
                                            String.valueOf(database.superuser().getUser()))
                                    .replace(
                                            ":password",
                                            String.valueOf(database.superuser().getPassword())))
                            .toArray(String[]::new));
            if (history.isVersioned()) {
                role.execute(database, "CREATE TABLE t0 (i int)");
            }
            List<String> seen = new ArrayList<>();
            BootReport report = run(
                    role.of(database),
                    b -> way.apply(b)
                            .onProgress(progress -> seen.add(
                                    progress.step() + " " + progress.revision() + " " + progress.statements())));
            // each second once more, while a statement runs; and a row that is not there ends what travels with it
            List<String> outcome = new ArrayList<>(
                    moves == FAILS ? List.of() : seen.stream().distinct().toList());
            outcome.add(report.outcome().toString());
            report.steps().forEach(step -> outcome.add(text(step)));
            outcome.addAll(database.query("SELECT 'trace ' || what FROM trace ORDER BY ctid"));
            outcome.addAll(
                    report.outcome() instanceof Outcome.Upgraded || history.isVersioned()
                            ? database.query("SELECT version_num FROM alembic_version")
                            : database.query("SELECT to_regclass('alembic_version')::text"));
            assertThat(database.query("SELECT moves FROM counted"))
                    .containsExactlyElementsOf(moves == FAILS ? List.of() : List.of(String.valueOf(moves)));
            assertThat(report.outcome() instanceof Outcome.Upgraded)
                    .as("%s", report)
                    .isEqualTo(moves != FAILS);
            return outcome;
        }
    }

    private static String text(CompletedStep step) {
        String revision = step.step() instanceof Step.Upgrade upgrade
                ? upgrade.revision().id().value()
                : step.step().toString();
        return revision + " " + step.statements() + " " + step.rowsCopied();
    }

    /** A chain; its second and third wait for the answers to what was sent, its last counts how often the row has moved. */
    private void write(Map<Integer, String> bodies) {
        Scripts scripts = new Scripts(clean());
        for (int i = 0; i < REVISIONS; i++) {
            scripts.add(id(i), i == 0 ? "" : id(i - 1), bodies.getOrDefault(i, body(i)));
        }
    }

    private static String body(int i) {
        if (i == 0) {
            return "CREATE TABLE t0 (i int);";
        }
        if (i == 1 || i == 2) {
            return "SELECT i FROM t0;";
        }
        if (i == REVISIONS - 1) {
            return "INSERT INTO counted SELECT pg_stat_get_xact_tuples_updated('alembic_version'::regclass);";
        }
        return i % 10 == 0
                ? "CREATE TABLE t%1$d (i int); CREATE INDEX ON t%1$d (i);".formatted(i)
                : "INSERT INTO t0 VALUES (%d);\nUPDATE t0 SET i = i + 1 WHERE i = %d;".formatted(i, i);
    }

    private static String id(int i) {
        return String.format(Locale.ROOT, i == 75 ? "r%03d_of_a_longer_name" : "r%03d", i);
    }

    // ------------------------------------------------------------------------------------------ branches, any history

    /** Branches, merges, dependencies; scripts that look and such that do not, in any order. */
    @Test
    void anyHistoryComesToTheSame() {
        Random random = new Random(Seeds.seed());
        for (int round = 0; round < 8; round++) {
            writeGraph(random, round % 4 == 3);
            assertThat(trace(MigratorBuilder::oneStatementAtATime))
                    .as("round %s", round)
                    .isEqualTo(trace(UnaryOperator.identity()));
        }
    }

    private void writeGraph(Random random, boolean broken) {
        Scripts scripts = new Scripts(clean());
        List<String> heads = new ArrayList<>();
        int guilty = broken ? 70 + random.nextInt(50) : -1;
        for (int i = 0; i < 150; i++) {
            String revises = "";
            if (heads.size() > 1 && random.nextInt(6) == 0) {
                revises = heads.remove(0) + ", " + heads.remove(0);
            } else if (!heads.isEmpty() && (heads.size() > 3 || random.nextInt(15) > 0)) {
                String parent = heads.get(random.nextInt(heads.size()));
                revises = parent;
                if (random.nextInt(12) > 0) {
                    heads.remove(parent); // else it stays one to branch off from
                }
            }
            heads.add(id(i));
            String body = i == guilty ? "SELECT 1/0;" : any(random, i);
            if (i % 10 == 9) {
                scripts.add(id(i), revises, "-- Depends On: " + id(random.nextInt(i)), body);
            } else {
                scripts.add(id(i), revises, body);
            }
        }
    }

    private static String any(Random random, int i) {
        return switch (random.nextInt(60)) {
            case 0, 1 ->
                // a SELECT, in which no text has the name: a row may wait again behind it
                "SELECT query_to_xml('SELECT version_num FROM alembic_' || 'version ORDER BY 1', true, true, '')::text x"
                        + " INTO seen%1$d;\nINSERT INTO trace SELECT x FROM seen%1$d;".formatted(i);
            case 2 -> "SELECT what FROM trace;";
            case 3 -> "-- nothing";
            case 4 -> "SET search_path = public;\nINSERT INTO watched VALUES (1);";
            case 5 -> "COPY watched FROM STDIN;\n1\n2\n\\.\n";
            case 6 -> i < 100 ? "GRANT SELECT ON trace TO PUBLIC;" : "DO $$ BEGIN " + HIDDEN + " END $$;";
            default -> "INSERT INTO watched VALUES (%d);\nCREATE TABLE x%d (i int);".formatted(i, i);
        };
    }

    private List<String> trace(UnaryOperator<MigratorBuilder> way) {
        try (TestDatabase database = database(MigratingRole.OWNER)) {
            BootReport report = way.apply(configure()).build().upgrade(MigratingRole.OWNER.of(database), "heads");
            List<String> outcome = new ArrayList<>(List.of(report.outcome().toString()));
            report.steps().forEach(step -> outcome.add(text(step)));
            outcome.addAll(database.query("SELECT 'trace ' || what FROM trace ORDER BY ctid"));
            if (report.outcome() instanceof Outcome.Upgraded) {
                outcome.addAll(database.query("SELECT version_num FROM alembic_version ORDER BY 1"));
            }
            return outcome;
        }
    }

    // -------------------------------------------------------------------------------------------------------- others

    @Test
    void aDowngradeMovesItSoToo() {
        Scripts scripts = new Scripts(clean());
        for (int i = 0; i < REVISIONS; i++) {
            scripts.add(
                    id(i),
                    i == 0 ? "" : id(i - 1),
                    "CREATE TABLE u%1$d ();\n-- downgrade\nDROP TABLE u%1$d;%2$s"
                            .formatted(
                                    i,
                                    i == REVISIONS - 2 || i == REVISIONS - 3
                                            ? "\nSELECT what FROM trace;"
                                            : i == 1 ? "\n" + body(119) : ""));
        }
        for (boolean alone : new boolean[] {false, true}) {
            try (TestDatabase database = database(MigratingRole.OWNER)) {
                DataSource dataSource = MigratingRole.OWNER.of(database);
                UnaryOperator<MigratorBuilder> way = b -> alone ? b.oneStatementAtATime() : b;
                run(dataSource, way);
                Outcome outcome = way.apply(configure())
                        .build()
                        .downgrade(dataSource, "r000")
                        .outcome();
                assertThat(outcome.acceptable()).as("%s", outcome).isTrue();
                assertThat(database.query("SELECT version_num FROM alembic_version"))
                        .containsExactly("r000");
                assertThat(database.query("SELECT moves FROM counted"))
                        .containsExactly(alone ? String.valueOf(EACH) : "4");
            }
        }
    }

    @Test
    void manyScriptsTakeFewMoves() {
        Scripts scripts = new Scripts(clean());
        for (int i = 0; i < 600; i++) {
            scripts.add(
                    "n" + i,
                    i == 0 ? "" : "n" + (i - 1),
                    i == 599 ? body(REVISIONS - 1) : "CREATE TABLE n" + i + " ();");
        }
        // the answer comes with those to the first batch: 32 statements, of which half move the row
        assertThat(moves(UnaryOperator.identity())).isBetween(10, 17);
        assertThat(moves(MigratorBuilder::oneStatementAtATime)).isEqualTo(598);
        assertThat(moves(MigratorBuilder::transactionPerRevision)).isEqualTo(598);
    }

    @Test
    void fewScriptsMoveItEachTime() {
        Scripts scripts = new Scripts(clean());
        for (int i = 0; i < 99; i++) {
            scripts.add(id(i), i == 0 ? "" : id(i - 1), i == 98 ? body(REVISIONS - 1) : body(i));
        }
        assertThat(moves(UnaryOperator.identity())).isEqualTo(97);
    }

    @Test
    void theLastMoveIsMadeInTheEnd() {
        write(Map.of(REVISIONS - 1, body(REVISIONS - 2)));
        try (TestDatabase database = database(MigratingRole.OWNER)) {
            run(MigratingRole.OWNER.of(database), UnaryOperator.identity());
            assertThat(database.query("SELECT version_num FROM alembic_version"))
                    .containsExactly(id(REVISIONS - 1));
        }
    }

    /** In SQL only those can be quoted; a text that has the name need not have it as it is. */
    @Test
    void aTableWithAnOddNameIsWrittenEachTime() {
        write(Map.of(REVISIONS - 1, """
                INSERT INTO counted SELECT pg_stat_get_xact_tuples_updated('"a""b"'::regclass);
                """));
        assertThat(moves(b -> b.versionTable("a\"b"))).isEqualTo(EACH);
    }

    /** What one encoding has another has not, and each id of the history has to be one that can be written. */
    @Test
    void anEncodingThatLacksAnIdRefusesIt() {
        String strange = "r语";
        Scripts scripts = new Scripts(clean());
        for (int i = 0; i < REVISIONS; i++) {
            String revises = i == 0 ? "" : i == MIDDLE + 1 ? strange : id(i - 1);
            scripts.file(
                    i + ".sql",
                    "-- r\n--\n-- Revision ID: " + (i == MIDDLE ? strange : id(i)) + "\n-- Revises: " + revises
                            + "\n-- Create Date: 2024-01-01 00:00:00.000000\n\n" + body(i) + "\n");
        }
        PostgresServer server = PostgresServer.shared();
        String name = "latin_" + ProcessHandle.current().pid();
        server.execute("postgres", "CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
        try (TestDatabase database = new TestDatabase(server, name)) {
            BootReport report = run(database.superuser(), UnaryOperator.identity());
            assertThat(report.toString()).contains("[22P05]");
        }
    }

    @Test
    void codeSeesTheRowAsItIs() {
        write(Map.of());
        try {
            Files.delete(directory.resolve(id(MIDDLE) + ".sql"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Migration look = new Migration() {
            @Override
            public String revision() {
                return id(MIDDLE);
            }

            @Override
            public List<String> revises() {
                return List.of(id(MIDDLE - 1));
            }

            @Override
            public void upgrade(Connection connection) throws SQLException {
                execute(connection, NOW);
            }

            @Override
            public void downgrade(Connection connection) {}
        };
        try (TestDatabase database = database(MigratingRole.OWNER)) {
            run(MigratingRole.OWNER.of(database), b -> b.migrations(look));
            assertThat(database.query("SELECT what FROM trace")).containsExactly(id(MIDDLE - 1));
            assertThat(database.query("SELECT moves FROM counted"))
                    .containsExactly(String.valueOf(MovingRowCases.from(MIDDLE)));
        }
    }

    @Test
    void whatIsWaitedForInVainIsTriedAnew() throws Exception {
        write(Map.of(MIDDLE, "ALTER TABLE watched ADD COLUMN more int;"));
        try (TestDatabase database = database(MigratingRole.OWNER);
                Connection holder = database.superuser().getConnection()) {
            holder.setAutoCommit(false);
            execute(holder, "LOCK TABLE watched IN ACCESS SHARE MODE");
            CompletableFuture<BootReport> boot = boot(MigratingRole.OWNER.of(database));
            // a sequence is not rolled back
            Conditions.await("it is tried again", () -> waits(database));
            Conditions.await("it gave up", () -> !waits(database));
            holder.rollback();
            assertThat(boot.join().outcome()).isInstanceOf(Outcome.Upgraded.class);
            assertThat(database.query("SELECT moves FROM counted")).containsExactly(String.valueOf(LEAST));
            assertThat(database.query("SELECT version_num FROM alembic_version"))
                    .containsExactly(id(REVISIONS - 1));
        }
    }

    /** While the row waits: it holds up who takes no lock of ours, and with the session everything is gone. */
    @Test
    void whileItWaitsTheRowIsLocked() throws Exception {
        write(Map.of(MIDDLE, "INSERT INTO one VALUES (1);"));
        try (TestDatabase database = database(MigratingRole.OWNER);
                Connection holder = database.superuser().getConnection();
                Connection alembic = database.superuser().getConnection()) {
            MigratingRole.OWNER.execute(
                    database,
                    TABLE,
                    "INSERT INTO alembic_version VALUES ('r000')",
                    "CREATE TABLE t0 (i int)",
                    "CREATE TABLE one (i int PRIMARY KEY)");
            PGSimpleDataSource patient = MigratingRole.OWNER.of(database);
            patient.setOptions("-c lock_timeout=60s");
            holder.setAutoCommit(false);
            execute(holder, "INSERT INTO one VALUES (1)");

            CompletableFuture<BootReport> boot = boot(patient);
            Conditions.await("it waits for the other row", () -> waits(database));
            execute(alembic, "SET lock_timeout = '100ms'");
            assertThat(stateOf(alembic, "UPDATE alembic_version SET version_num = 'r001' WHERE version_num = 'r000'"))
                    .isEqualTo("55P03");
            assertThat(stateOf(alembic, "CREATE RULE r AS ON UPDATE TO alembic_version DO INSTEAD NOTHING"))
                    .isEqualTo("55P03");
            execute(
                    alembic,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            + " WHERE wait_event_type = 'Lock' AND datname = current_database()");
            assertThat(boot.join().outcome()).isNotInstanceOf(Outcome.Upgraded.class);
            assertThat(database.query("SELECT version_num FROM alembic_version"))
                    .containsExactly("r000");

            holder.rollback();
            assertThat(run(patient, UnaryOperator.identity()).outcome()).isInstanceOf(Outcome.Upgraded.class);
            assertThat(database.query("SELECT moves FROM counted")).containsExactly(String.valueOf(LEAST));
        }
    }

    /** A row that was there before is somebody else's to change until this transaction has. */
    @Test
    void eachRowIsLockedBeforeItWaits() throws Exception {
        write(Map.of(REVISIONS - 1, body(1))); // nothing waits behind it
        Scripts scripts = new Scripts(directory).add("a0", "", "");
        for (int i = 1; i < 10; i++) {
            scripts.add("a" + i, "a" + (i - 1), i == 5 ? "INSERT INTO one VALUES (1);" : body(11));
        }
        try (TestDatabase database = database(MigratingRole.OWNER);
                Connection holder = database.superuser().getConnection();
                Connection alembic = database.superuser().getConnection()) {
            MigratingRole.OWNER.execute(
                    database,
                    TABLE,
                    "INSERT INTO alembic_version VALUES ('r000'), ('a0')",
                    "CREATE TABLE t0 (i int)",
                    "CREATE TABLE one (i int PRIMARY KEY)");
            PGSimpleDataSource patient = MigratingRole.OWNER.of(database);
            patient.setOptions("-c lock_timeout=60s");
            holder.setAutoCommit(false);
            execute(holder, "INSERT INTO one VALUES (1)");

            CompletableFuture<BootReport> boot =
                    CompletableFuture.supplyAsync(() -> configure().build().upgrade(patient, "heads"));
            Conditions.await("it waits for the other row", () -> waits(database));
            execute(alembic, "SET lock_timeout = '100ms'");
            assertThat(stateOf(alembic, "UPDATE alembic_version SET version_num = 'a1' WHERE version_num = 'a0'"))
                    .isEqualTo("55P03");
            holder.rollback();
            assertThat(boot.join().outcome()).isInstanceOf(Outcome.Upgraded.class);
            assertThat(database.query("SELECT version_num FROM alembic_version ORDER BY 1"))
                    .containsExactly("a9", id(REVISIONS - 1));
        }
    }

    // -------------------------------------------------------------------------------------------------------- support

    private int moves(UnaryOperator<MigratorBuilder> way) {
        try (TestDatabase database = database(MigratingRole.OWNER)) {
            BootReport report = run(MigratingRole.OWNER.of(database), way);
            assertThat(report.outcome()).as("%s", report).isInstanceOf(Outcome.Upgraded.class);
            return Integer.parseInt(database.query("SELECT moves FROM counted").get(0));
        }
    }

    private CompletableFuture<BootReport> boot(DataSource dataSource) {
        return CompletableFuture.supplyAsync(() -> run(dataSource, UnaryOperator.identity()));
    }

    private BootReport run(DataSource dataSource, UnaryOperator<MigratorBuilder> way) {
        return way.apply(configure()).run(dataSource);
    }

    private MigratorBuilder configure() {
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .leavePermissionsAlone()
                .whenUnversioned(WhenUnversioned.upgradeFromBase());
    }

    private static boolean waits(TestDatabase database) {
        return !database.query("SELECT pid FROM pg_stat_activity"
                        + " WHERE wait_event_type = 'Lock' AND datname = current_database()")
                .isEmpty();
    }

    private static TestDatabase database(MigratingRole role) {
        TestDatabase database = role.database("pg_monitor");
        role.execute(database, "CREATE SCHEMA IF NOT EXISTS public");
        database.execute("GRANT ALL ON SCHEMA public TO PUBLIC");
        role.execute(
                database,
                "CREATE TABLE trace (what text)",
                "CREATE TABLE watched (i int)",
                "CREATE TABLE counted (moves bigint)");
        return database;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String stateOf(Connection connection, String sql) {
        try {
            execute(connection, sql);
            return "done";
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }

    private Path clean() {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
