package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.script.Dialect;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.source.ProvenIndex;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptIndex;
import org.keops.automigrate.source.ScriptSource;
import org.keops.automigrate.testing.Conditions;

/** Scripts that an index vouches for begin to run while others are read; each is still looked into before it runs. */
class VouchedScriptsTest extends OnADatabase {
    /** More than travel in one message, so that the server is at work. */
    private static final String MUCH = "SELECT 1;\n".repeat(300);

    /** Called in a transaction it fails on every server, and its text does not tell. */
    private static final String COMMITTING =
            "CREATE PROCEDURE committing() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$";

    private final ClassLoader before = Thread.currentThread().getContextClassLoader();
    private final UnaryOperator<ScriptFile> asItIs = UnaryOperator.identity();

    @Test
    void anIndexVouchesForWhatRunsInATransactionWithoutDoubt() throws IOException {
        Map<String, String> bodies = new TreeMap<>(Map.of(
                "sound", "CREATE TABLE one (id int);",
                "empty", "-- nothing",
                "copying", "CREATE TABLE two (id int);\nCOPY two FROM STDIN;\n1\n\\.",
                "unfinished", "SELECT 'one;",
                "unwritten", "TODO;",
                "committing", "SELECT 1;\nCOMMIT;",
                "isolated", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
                "refusing", "CREATE INDEX CONCURRENTLY ON one (id);",
                "refusing_since_12", "REINDEX TABLE CONCURRENTLY one;"));
        bodies.forEach((id, body) -> scripts.add(id, "", body));
        scripts.add("alone", "", "-- Transactional: no", "SELECT 1;");
        RevisionsIndex.write(directory);
        assertThat(sound(new ProvenIndex(directory, asItIs))).containsExactly("copying", "empty", "sound");
        // what lies in a directory may be written to the same size and dated back
        assertThat(sound(ScriptSource.of(directory.toString()))).isEmpty();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {jar().toUri().toURL()}, null)) {
            Thread.currentThread().setContextClassLoader(loader);
            assertThat(sound(ScriptSource.of("classpath:v"))).containsExactly("copying", "empty", "sound");
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @Test
    void theServerIsAtWorkWhileTheLastIsRead() throws Exception {
        scripts.add("a1", "", "SELECT pg_advisory_xact_lock(4711);\n" + MUCH)
                .add("b2", "a1", "CREATE TABLE two (id int);");
        RevisionsIndex.write(directory);
        CountDownLatch atWork = new CountDownLatch(1);
        ProvenIndex watching = opening("b2", () -> {
            awaitLock();
            atWork.countDown();
        });
        BootReport report = run(watching);
        assertThat(report.outcome()).as(report.toString()).isInstanceOf(Outcome.Upgraded.class);
        assertThat(atWork.await(0, TimeUnit.SECONDS)).isTrue();
        assertThat(report.steps()).hasSize(2);
        assertThat(report.steps().get(0).statements()).isEqualTo(301);
        assertThat(rows()).containsExactly("b2");
    }

    /** Where it can not all be taken back, or nobody vouches for one of them, all is read before anything runs. */
    @ParameterizedTest
    @ValueSource(strings = {"perRevision", "large", "outside", "backslashes"})
    void nothingRunsBeforeAllIsReadWhere(String what) throws Exception {
        scripts.add("a1", "", "SELECT nextval('drawn');\n" + MUCH)
                .add("b2", "a1", what.equals("outside") ? "REINDEX TABLE CONCURRENTLY one;" : "SELECT 2;")
                .add("c3", "b2", what.equals("large") ? "-- " + "x".repeat(1 << 20) : "SELECT 3;");
        RevisionsIndex.write(directory);
        database.execute("CREATE SEQUENCE drawn", "CREATE TABLE one (id int)");
        if (what.equals("backslashes")) {
            database.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET standard_conforming_strings = off',"
                    + " current_database()); END $$");
        }
        ProvenIndex breaking = opening("c3", () -> {
            throw new IOException("out of order");
        });
        MigratorBuilder builder = builder(breaking);
        Outcome outcome = (what.equals("perRevision") ? builder.transactionPerRevision() : builder)
                .run(database.superuser())
                .outcome();
        assertThat(failure(outcome).toString()).contains("can not be read: out of order");
        assertThat(failure(outcome).consequence()).isEqualTo("nothing was attempted");
        assertThat(database.query("SELECT is_called FROM drawn")).containsExactly("f");
    }

    @Test
    void whatCanNotBeReadMeanwhileTakesAllBack() throws IOException {
        scripts.add("a1", "", "CREATE TABLE one (id int);\n" + MUCH).add("b2", "a1", "SELECT 2;");
        RevisionsIndex.write(directory);
        ProvenIndex breaking = opening("b2", () -> {
            throw new IOException("out of order");
        });
        Outcome.Failed failed = failed(run(breaking).outcome());
        assertThat(failed.problems())
                .singleElement()
                .hasToString(failed.failure().where() + ": can not be read: out of order");
        assertThat(failed.failure().toString()).contains("b2.sql: can not be read: out of order");
        assertThat(failed.failure().consequence()).isEqualTo("rolled back to <base>");
        assertNothingIsThere();
    }

    /** It was written by another release, say, which knew of fewer things that are wrong. */
    @ParameterizedTest
    @ValueSource(strings = {"SELECT 2;\nCOMMIT;", "TODO;", "SELECT 'two;", "REINDEX TABLE CONCURRENTLY one;"})
    void whatAnIndexVouchesForWithoutReasonDoesNotRun(String body) throws IOException {
        scripts.add("a1", "", "CREATE TABLE one (id int);\n" + MUCH).add("b2", "a1", body);
        RevisionsIndex.write(directory);
        vouchForAll();
        Failure failure = failure(run(new ProvenIndex(directory, asItIs)).outcome());
        assertThat(failure.toString()).contains("b2.sql");
        assertThat(failure.consequence()).isEqualTo("rolled back to <base>");
        assertNothingIsThere();
    }

    /** All that its text tells, with the line and the place in it, as who reads every script before any runs would. */
    @ParameterizedTest
    @ValueSource(strings = {"SELECT 2;\nSELECT 'two", "SELECT 2;\nCOMMIT;\nTODO;\nSELECT 'two"})
    void whatIsWrongWithAScriptIsToldAsIfAllWereReadFirst(String body) throws IOException {
        scripts.add("a1", "", "CREATE TABLE one (id int);\n" + MUCH).add("b2", "a1", body);
        RevisionsIndex.write(directory);
        vouchForAll();
        ProvenIndex index = new ProvenIndex(directory, asItIs);
        Outcome.Failed meanwhile = failed(run(index).outcome());
        // which can not all be taken back
        Outcome.Failed first = failed(builder(index)
                .transactionPerRevision()
                .run(database.superuser())
                .outcome());
        assertThat(first.failure().consequence()).isEqualTo("nothing was attempted");
        assertThat(first.problems()).anyMatch(problem -> problem.line() != null);
        assertThat(meanwhile.failure().consequence()).isEqualTo("rolled back to <base>");
        assertThat(meanwhile.failure())
                .usingRecursiveComparison()
                .ignoringFields("consequence")
                .isEqualTo(first.failure());
        assertThat(meanwhile.problems()).isEqualTo(first.problems());
        assertNothingIsThere();
    }

    /** What failed before it is what is told, and no script is blamed for it. */
    @Test
    void whatFailsBeforeAnUnsoundScriptIsToldAlone() throws IOException {
        scripts.add("a1", "", "SELECT nonsense;").add("b2", "a1", "COMMIT;");
        RevisionsIndex.write(directory);
        vouchForAll();
        Outcome.Failed failed = failed(run(new ProvenIndex(directory, asItIs)).outcome());
        assertThat(failed.failure().sqlState()).isEqualTo("42703");
        assertThat(failed.problems()).isEmpty();
    }

    @Test
    void aScriptThatIsAnotherOneThanTheIndexKnowsDoesNotRun() throws IOException {
        scripts.add("a1", "", "CREATE TABLE one (id int);\n" + MUCH).add("b2", "a1", "SELECT 2;");
        RevisionsIndex.write(directory);
        ProvenIndex changing = opening("b2", () -> scripts.add("b2", "a1", "SELECT 3;"));
        Failure failure = failure(run(changing).outcome());
        assertThat(failure.toString()).contains("is not the script that revisions.index beside it was written of");
        assertNothingIsThere();
    }

    /** The section that is run ends before the script does. */
    @Test
    void whatStandsBehindTheUpgradeIsComparedToo() throws IOException {
        scripts.add("a1", "", "CREATE TABLE one (id int);\n" + MUCH)
                .add("b2", "a1", "SELECT 2;\n-- downgrade\nSELECT 4;");
        RevisionsIndex.write(directory);
        ProvenIndex changing = opening("b2", () -> scripts.add("b2", "a1", "SELECT 3;\n-- downgrade\nSELECT 4;"));
        Failure failure = failure(run(changing).outcome());
        assertThat(failure.toString()).contains("is not the script that revisions.index beside it was written of");
        assertNothingIsThere();
    }

    /** What comes before it would be committed first, and could not be taken back. */
    @Test
    void allIsReadBeforeAStatementRunsOutsideThatOnlyTheServerRefuses() throws IOException {
        scripts.add("a1", "", "CREATE TABLE one (id int);\n" + COMMITTING + ";")
                .add("b2", "a1", "CALL committing();\n" + MUCH)
                .add("c3", "b2", "SELECT 3;");
        RevisionsIndex.write(directory);
        ProvenIndex breaking = opening("c3", () -> {
            throw new IOException("out of order");
        });
        Failure failure = failure(run(breaking).outcome());
        assertThat(failure.toString()).contains("c3.sql").contains("can not be read: out of order");
        assertThat(failure.consequence()).isEqualTo("rolled back to <base>");
        assertNothingIsThere();
    }

    /** It goes on outside, whatever its text tells. */
    @Test
    void allIsReadBeforeWhatWasInterruptedGoesOn() throws IOException {
        database.execute(COMMITTING);
        scripts.add("a1", "", "CALL committing();\nCREATE TABLE one (id no_such_type);\n" + MUCH)
                .add("b2", "a1", "SELECT 2;");
        RevisionsIndex.write(directory);
        assertThat(failure(run(new ProvenIndex(directory, asItIs)).outcome()).consequence())
                .contains("committed");
        scripts.add("a1", "", "CALL committing();\nCREATE TABLE one (id int);\n" + MUCH);
        RevisionsIndex.write(directory);
        ProvenIndex breaking = opening("b2", () -> {
            throw new IOException("out of order");
        });
        Failure failure = failure(run(breaking).outcome());
        assertThat(failure.toString()).contains("b2.sql").contains("can not be read: out of order");
        assertThat(database.query("SELECT 1 FROM pg_class WHERE relname = 'one'"))
                .isEmpty();
    }

    /** Not every language knows checked exceptions. */
    @ParameterizedTest
    @ValueSource(strings = {"REINDEX TABLE CONCURRENTLY one;", "SELECT 2;"})
    void nobodyWaitsForAReaderThatDiedOfWhatIsNotDeclared(String body) throws IOException {
        scripts.add("a1", "", "CREATE TABLE one (id int);\n" + MUCH).add("b2", "a1", body);
        RevisionsIndex.write(directory);
        ProvenIndex breaking = opening("b2", () -> sneak(new Throwable("out of order")));
        MigratorBuilder builder = builder(breaking).deadline(Duration.ofSeconds(20));
        assertThatThrownBy(() -> builder.run(database.superuser())).hasRootCauseMessage("out of order");
        assertNothingIsThere();
        assertThat(database.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database ="
                        + " (SELECT oid FROM pg_database WHERE datname = current_database())"))
                .isEmpty();
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> void sneak(Throwable thrown) throws E {
        throw (E) thrown;
    }

    /** Who reads has failed, say: what it has not read is looked into by whoever runs it. */
    @Test
    void whatNobodyHasReadIsReadBeforeItRuns() throws Exception {
        scripts.add("a1", "", "SELECT 1;").add("b2", "a1", "SELECT 2;\nCOMMIT;");
        ScriptCatalog catalog = new ScriptCatalog(List.of(ScriptSource.of(directory.toString())), List.of());
        List<Revision> revisions = catalog.graph().revisions();
        try (ReadScripts reading = new ReadScripts(catalog.bodies())) {
            reading.readingBegins(Dialect.STRICTEST, catalog.graph().upgrade(List.of(), "head"));
            reading.readingEnds();
            reading.requireSound(revisions.get(0), Section.UPGRADE);
            assertThat(reading.known(revisions.get(0), Section.UPGRADE, true)).hasSize(1);
            assertThatThrownBy(() -> reading.requireSound(revisions.get(1), Section.UPGRADE))
                    .isInstanceOf(StepFailedException.class)
                    .hasMessageContaining("COMMIT would break the transaction");
        }
    }

    /** A script that is too large to be kept is read again when it runs: it is to be the same one then, to its end. */
    @Test
    void whatIsReadAgainIsStillTheSame() throws IOException {
        String body = "SELECT '" + "x".repeat(1 << 20) + "';\n-- downgrade\nSELECT 4;\n" + "-- long\n".repeat(1 << 14);
        scripts.add("a1", "", body);
        RevisionsIndex.write(directory);
        AtomicInteger openings = new AtomicInteger();
        ProvenIndex changing = opening("a1", () -> {
            if (openings.incrementAndGet() > 1) {
                scripts.add("a1", "", body.replace("SELECT 'x", "SELECT 'y"));
            }
        });
        Failure failure = failure(run(changing).outcome());
        assertThat(failure.toString()).contains("is not the script that revisions.index beside it was written of");
        assertThat(failure.consequence()).isEqualTo("rolled back to <base>");
        assertThat(openings).hasValue(2);
    }

    /** It is read once more to be run: what shares a transaction with the version row is taken back. */
    @Test
    void whatRunsOutsideATransactionIsStillTheSameToo() throws IOException {
        String body = "CREATE TABLE one (id int);\n-- downgrade\nSELECT 4;\n" + "-- long\n".repeat(1 << 14);
        scripts.add("a1", "", "-- Transactional: no", body);
        RevisionsIndex.write(directory);
        AtomicInteger openings = new AtomicInteger();
        ProvenIndex changing = opening("a1", () -> {
            if (openings.incrementAndGet() == 3) {
                scripts.add("a1", "", "-- Transactional: no", body.replace("one", "two"));
            }
        });
        Failure failure = failure(run(changing).outcome());
        assertThat(failure.toString()).contains("is not the script that revisions.index beside it was written of");
        assertThat(openings).hasValue(3);
        assertThat(database.query("SELECT relname FROM pg_class WHERE relname IN ('one', 'two')"))
                .isEmpty();
    }

    /** Nobody vouches for what was changed since it was looked into; where it stands is told all the same. */
    @Test
    void whatIsReadAgainAndUnsoundThenIsToldWithItsLine() throws IOException {
        String body = "SELECT 22;\nSELECT '" + "x".repeat(1 << 20) + "';";
        scripts.add("a1", "", body);
        RevisionsIndex.write(directory);
        AtomicInteger openings = new AtomicInteger();
        ProvenIndex changing = opening("a1", () -> {
            if (openings.incrementAndGet() > 1) {
                scripts.add("a1", "", body.replace("SELECT 22", "SELECT \\g"));
            }
        });
        Failure failure = failure(run(changing).outcome());
        assertThat(failure.toString()).contains("a1.sql:7:8: ").contains("; rolled back to <base>");
        assertThat(failure.particulars().line()).hasToString("SELECT \\g;\n       ^");
    }

    private static List<String> sound(ScriptSource source) throws IOException {
        List<String> sound = new ArrayList<>();
        for (ScriptIndex.Row row : Objects.requireNonNull(source.index()).rows()) {
            if (row.sound()) {
                sound.add(row.revision().id().value());
            }
        }
        return sound;
    }

    private Path jar() throws IOException {
        Path jar = directory.resolve("scripts.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar));
                DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.{sql,index}")) {
            for (Path file : files) {
                zip.putNextEntry(new ZipEntry("v/" + file.getFileName()));
                Files.copy(file, zip);
            }
        }
        return jar;
    }

    private void vouchForAll() throws IOException {
        ScriptIndex index =
                Objects.requireNonNull(ScriptSource.of(directory.toString()).index());
        List<ScriptIndex.Row> rows = new ArrayList<>();
        for (ScriptIndex.Row row : index.rows()) {
            rows.add(new ScriptIndex.Row(
                    row.fileName(), row.size(), row.crc(), row.fingerprint(), row.revision(), true));
        }
        Files.write(directory.resolve(ScriptIndex.NAME), ScriptIndex.write(index.heads(), rows));
    }

    /** What a script is opened behind. */
    private interface Before {
        void run() throws IOException;
    }

    private ProvenIndex opening(String id, Before before) {
        return new ProvenIndex(
                directory,
                file -> !file.place().equals(id + ".sql")
                        ? file
                        : new ScriptFile(file.place(), () -> {
                            before.run();
                            return file.open();
                        }));
    }

    private void awaitLock() {
        Conditions.await(
                "the first script runs",
                () -> !database.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711")
                        .isEmpty());
    }

    private static MigratorBuilder builder(ScriptSource source) {
        return AutoMigrator.configure()
                .scripts(source)
                .whenUnversioned(WhenUnversioned.upgradeFromBase())
                .leavePermissionsAlone();
    }

    private BootReport run(ScriptSource source) {
        return builder(source).run(database.superuser());
    }

    private static Failure failure(Outcome outcome) {
        return failed(outcome).failure();
    }

    private static Outcome.Failed failed(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Failed.class);
        return (Outcome.Failed) outcome;
    }

    private void assertNothingIsThere() {
        assertThat(database.query("SELECT relname FROM pg_class WHERE relname IN ('one', 'alembic_version')"))
                .isEmpty();
    }
}
