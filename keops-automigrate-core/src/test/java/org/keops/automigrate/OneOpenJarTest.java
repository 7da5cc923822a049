package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.postgres.version.VersionTableName;
import org.keops.automigrate.script.Dialect;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptIndex;
import org.keops.automigrate.source.ScriptSource;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.OpenFiles;

/**
 * An archive with scripts is opened once for all that a run reads of it, and is not open any longer than the run: a jar that is
 * deployed anew could not be deleted everywhere.
 */
class OneOpenJarTest extends OnADatabase {
    /** Somewhat more than is kept of all scripts together. */
    private static final int MUCH = 1 << 21;

    private final ClassLoader before = Thread.currentThread().getContextClassLoader();
    private Path archive;
    private URLClassLoader loader;

    /** Where scripts are packed. */
    private enum Packing {
        JAR_WITH_INDEX,
        JAR,
        ZIP_WITH_INDEX,
        ZIP;

        boolean isJar() {
            return this == JAR || this == JAR_WITH_INDEX;
        }

        boolean hasIndex() {
            return this == JAR_WITH_INDEX || this == ZIP_WITH_INDEX;
        }
    }

    @BeforeEach
    void requireDescriptors() {
        archive = directory;
        loader = new URLClassLoader(new URL[0], null);
        assumeTrue(OpenFiles.areKnown());
        scripts.add("a1", "", "CREATE TABLE one (id int);")
                .add("b2", "a1", "CREATE TABLE two (id int);")
                .add("c3", "b2", "CREATE TABLE three (id int);");
    }

    @AfterEach
    void giveLoaderBack() throws IOException {
        Thread.currentThread().setContextClassLoader(before);
        loader.close();
    }

    @ParameterizedTest
    @EnumSource(Packing.class)
    void nothingIsOpenAfterAnUpgrade(Packing packing) throws IOException {
        pack(packing);
        assertThat(upgrade(packing).outcome()).isInstanceOf(Outcome.Upgraded.class);
        assertNothingOpen();
        assertThat(rows()).containsExactly("c3");
    }

    /** Nobody could open it by its name any more: what is still to be read comes out of what is open. */
    @ParameterizedTest
    @EnumSource(Packing.class)
    void whatIsReadWhenItRunsComesFromTheSameArchive(Packing packing) throws IOException {
        scripts.add("a1", "", "CREATE TABLE one (id int);\nSELECT '" + "x".repeat(MUCH) + "';");
        scripts.add("b2", "a1", "CREATE TABLE two (id int);\nSELECT '" + "x".repeat(MUCH) + "';");
        pack(packing);
        AtomicBoolean deleted = new AtomicBoolean();
        BootReport report = packed(packing)
                .onProgress(progress -> {
                    if (!deleted.get()) {
                        deleted.set(archive.toFile().delete());
                    }
                })
                .run(database.superuser());
        assertThat(deleted).isTrue();
        assertThat(report.outcome()).as(report.toString()).isInstanceOf(Outcome.Upgraded.class);
        assertNothingOpen();
    }

    @ParameterizedTest
    @EnumSource(Packing.class)
    void nothingIsOpenWhereAScriptFails(Packing packing) throws IOException {
        scripts.add("b2", "a1", "SELECT no_such_column;");
        pack(packing);
        assertThat(upgrade(packing).outcome()).isInstanceOf(Outcome.Failed.class);
        assertNothingOpen();
    }

    /** In a jar without an index nobody compares the bytes. */
    @ParameterizedTest
    @EnumSource(value = Packing.class, mode = EnumSource.Mode.EXCLUDE, names = "JAR")
    void aDamagedScriptIsToldWithItsPlaceAndNothingIsOpen(Packing packing) throws IOException {
        byte[] text = new byte[1 << 16];
        new Random(7).nextBytes(text);
        scripts.add("b2", "a1", "SELECT '" + HexFormat.of().formatHex(text) + "';");
        pack(packing);
        byte[] bytes = Files.readAllBytes(archive);
        int entry = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("b2.sql");
        bytes[entry + 40_000] ^= 0x55;
        Files.write(archive, bytes);
        BootReport report = upgrade(packing);
        assertThat(report.outcome()).isInstanceOf(Outcome.Failed.class);
        assertThat(report.toString()).contains("b2.sql", "can not be read");
        assertThat(database.query("SELECT count(*) FROM pg_class WHERE relname = 'one'"))
                .containsExactly("0");
        assertNothingOpen();
    }

    /** What the JDK says of it then is nothing at all. */
    @Test
    void aJarThatIsCutOffMeanwhileIsToldAsThat() throws IOException {
        scripts.add("a1", "", "CREATE TABLE one (id int);\nSELECT '" + "x".repeat(MUCH) + "';");
        scripts.add("b2", "a1", "CREATE TABLE two (id int);\nSELECT '" + "x".repeat(MUCH) + "';");
        pack(Packing.JAR_WITH_INDEX);
        BootReport report =
                packed(Packing.JAR_WITH_INDEX).onProgress(progress -> cutOff()).run(database.superuser());
        assertThat(report.toString()).contains("b2.sql is damaged: it is cut off", "rolled back to <base>");
        assertNothingOpen();
    }

    private void cutOff() {
        try (RandomAccessFile jar = new RandomAccessFile(archive.toFile(), "rw")) {
            jar.setLength(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Another archive of the same name, put there after the index was read. */
    @Test
    void aScriptThatWasExchangedMeanwhileIsNotRun() throws IOException {
        pack(Packing.JAR_WITH_INDEX);
        Migrator migrator = packed(Packing.JAR_WITH_INDEX).build();
        Path indexed = archive;
        byte[] index = Files.readAllBytes(directory.resolve(ScriptIndex.NAME));
        scripts.add("b2", "a1", "DROP TABLE one;");
        Path other = pack("other.jar", false);
        Files.write(directory.resolve(ScriptIndex.NAME), index);
        Files.move(other, indexed, StandardCopyOption.REPLACE_EXISTING);
        BootReport report = migrator.run(database.superuser());
        assertThat(report.outcome()).isInstanceOf(Outcome.Failed.class);
        assertThat(report.toString())
                .contains("b2.sql is not the script that revisions.index beside it was written of");
        assertNothingOpen();
    }

    @Test
    void aScriptThatIsGoneMeanwhileIsToldAsBefore() throws IOException {
        pack(Packing.JAR_WITH_INDEX);
        Migrator migrator = packed(Packing.JAR_WITH_INDEX).build();
        Path indexed = archive;
        Files.delete(directory.resolve("b2.sql"));
        Files.move(pack("other.jar", false), indexed, StandardCopyOption.REPLACE_EXISTING);
        BootReport report = migrator.run(database.superuser());
        assertThat(report.toString())
                .contains("db/v/b2.sql", "can not be read: b2.sql is not on the class path any more");
        assertNothingOpen();
    }

    @ParameterizedTest
    @EnumSource(Packing.class)
    void oneIsOpenFromTheFirstScriptToTheEnd(Packing packing) throws IOException {
        pack(packing);
        Configuration configuration = configuration(ScriptSource.of(place(packing)));
        Preflight read = Preflight.of(configuration, everything(configuration), Dialect.STRICTEST);
        loader.close();
        assertThat(open()).hasSize(1);
        read.close();
        read.close();
        assertThat(open()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Packing.class,
            names = {"JAR", "ZIP"})
    void nothingIsOpenWhereReadingIsStopped(Packing packing) throws IOException {
        pack(packing);
        AtomicBoolean reads = new AtomicBoolean();
        CompletableFuture<EarlyPreflight> reader = new CompletableFuture<>();
        Configuration configuration = configuration(atTheSecond(packing, () -> {
            if (reads.get()) {
                reader.join().stopReading();
            }
        }));
        Decision all = everything(configuration);
        reads.set(true);
        try (EarlyPreflight early = begun(configuration)) {
            reader.complete(early);
            assertThat(early.of(all, Dialect.STRICTEST)).isNull();
            assertThat(early.isStopped()).isTrue();
            assertNothingOpen();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Packing.class,
            names = {"JAR", "ZIP"})
    void nothingIsOpenWhereReadingBreaksOff(Packing packing) throws IOException {
        pack(packing);
        AtomicBoolean breaks = new AtomicBoolean();
        Configuration configuration = configuration(atTheSecond(packing, () -> {
            if (breaks.get()) {
                throw new IllegalStateException("out of order");
            }
        }));
        Decision all = everything(configuration);
        breaks.set(true);
        assertThatThrownBy(() -> Preflight.of(configuration, all, Dialect.STRICTEST))
                .hasMessage("out of order");
        assertNothingOpen();
    }

    private static EarlyPreflight begun(Configuration configuration) {
        DatabaseState likely = new DatabaseState.Unversioned(false);
        return Objects.requireNonNull(EarlyPreflight.begin(configuration, likely, Dialect.STRICTEST));
    }

    private static Decision everything(Configuration configuration) {
        return new Decision.Perform(
                new TreeSet<>(), configuration.scripts().graph().upgrade(List.of(), "heads"));
    }

    private static Configuration configuration(ScriptSource source) {
        ScriptCatalog catalog = new ScriptCatalog(List.of(source), List.of());
        Duration any = Duration.ofMinutes(1);
        return new Configuration(
                catalog,
                WhenUnversioned.upgradeFromBase(),
                null,
                false,
                new VersionTableName(null, "alembic_version"),
                new PermissionOptions(),
                null,
                new Patience(any, any, any, any, any),
                null,
                null,
                null,
                null);
    }

    /** The scripts of an archive, the second of which does something before it is opened. */
    private ScriptSource atTheSecond(Packing packing, Runnable something) {
        ScriptSource source = ScriptSource.of(place(packing));
        return new ScriptSource() {
            @Override
            public List<ScriptFile> list() throws IOException {
                List<ScriptFile> files = new ArrayList<>(source.list());
                ScriptFile second = files.get(1);
                files.set(1, new ScriptFile(second.place(), () -> {
                    something.run();
                    return second.open();
                }));
                return files;
            }

            @Override
            public String describe() {
                return source.describe();
            }
        };
    }

    /** Who waits for the lock reads meanwhile; who does not get it has read for nothing. */
    @Test
    void nothingIsOpenWhereSomebodyElseHasTheLock() throws Exception {
        pack(Packing.JAR_WITH_INDEX);
        try (Connection holder = database.superuser().getConnection();
                Statement statement = holder.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + AutoMigrator.LOCK_KEY + ")");
            BootReport report =
                    packed(Packing.JAR_WITH_INDEX).waitForLock(Duration.ZERO).run(database.superuser());
            assertThat(report.outcome()).isInstanceOf(Outcome.LockNotObtained.class);
            assertNothingOpen();
        }
    }

    /** What is read early is closed by who began it, also where it turned out to be of no use. */
    @Test
    void nothingIsOpenWhereItWasReadEarlyForNothing() throws IOException {
        pack(Packing.JAR_WITH_INDEX);
        Configuration configuration = configuration(ScriptSource.of(place(Packing.JAR_WITH_INDEX)));
        EarlyPreflight early = begun(configuration);
        assertThat(early.of(everything(configuration), Dialect.STRICTEST)).isNull();
        loader.close();
        Conditions.await("the jar is open", this::isOpen);
        early.close();
        assertThat(open()).isEmpty();
    }

    /** Nothing is read early where somebody says what is to be done. */
    @ParameterizedTest
    @EnumSource(Packing.class)
    void nothingIsOpenAfterACommand(Packing packing) throws IOException {
        scripts.add("c3", "b2", "CREATE TABLE three (id int);\n-- downgrade\nDROP TABLE three;");
        pack(packing);
        Migrator migrator = packed(packing).build();
        migrator.upgrade(database.superuser(), "heads").orElseThrow();
        migrator.downgrade(database.superuser(), "-1").orElseThrow();
        assertThat(rows()).containsExactly("b2");
        assertNothingOpen();
    }

    @ParameterizedTest
    @EnumSource(Packing.class)
    void nothingIsOpenAfterWhatOnlyReads(Packing packing) throws IOException {
        pack(packing);
        Migrator migrator = packed(packing).build();
        migrator.check();
        assertThat(migrator.plan(database.superuser()).toString()).contains("c3");
        migrator.sql("base", "heads", new StringBuilder());
        assertNothingOpen();
    }

    private BootReport upgrade(Packing packing) {
        return packed(packing).run(database.superuser());
    }

    private MigratorBuilder packed(Packing packing) {
        return AutoMigrator.configure()
                .scripts(place(packing))
                .whenUnversioned(WhenUnversioned.upgradeFromBase())
                .leavePermissionsAlone();
    }

    private String place(Packing packing) {
        return packing.isJar() ? "classpath:db/v" : archive.toString();
    }

    private void pack(Packing packing) throws IOException {
        if (packing.hasIndex()) {
            RevisionsIndex.write(directory);
        }
        archive = pack(packing.isJar() ? "scripts.jar" : "scripts.zip", !packing.isJar());
        loader = new URLClassLoader(new URL[] {archive.toUri().toURL()}, null);
        Thread.currentThread().setContextClassLoader(loader);
    }

    private Path pack(String name, boolean zip) throws IOException {
        String folder = zip ? "alembic/versions/" : "db/v/";
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.list(directory)) {
            all.filter(Files::isRegularFile).sorted().forEach(files::add);
        }
        Path made = Files.createDirectories(directory.resolve("packed")).resolve(name);
        try (OutputStream out = Files.newOutputStream(made);
                ZipOutputStream packing = new ZipOutputStream(out)) {
            packing.putNextEntry(new ZipEntry(folder));
            for (Path file : files) {
                packing.putNextEntry(new ZipEntry(folder + file.getFileName()));
                Files.copy(file, packing);
            }
        }
        return made;
    }

    /** Once the application's own loader is closed as well. */
    private void assertNothingOpen() throws IOException {
        loader.close();
        assertThat(open()).isEmpty();
    }

    private boolean isOpen() {
        try {
            return open().size() == 1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> open() throws IOException {
        return OpenFiles.below(directory.resolve("packed"));
    }
}
