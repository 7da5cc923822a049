package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.LoggerFactory;

/**
 * A fresh JVM pays for each class that a boot loads, and for its first lambda more than for a round trip. A time could not be
 * tested for; what takes it can.
 */
class ColdBootTest {
    private static final PostgresServer SERVER = PostgresServer.shared();
    private static final String BEGIN = "the boot begins";
    private static final String END = "the boot ends";
    private static final String NOTHING_AHEAD = "nothing ahead";

    /** Some more than it needs: a class more is no mistake, five more are to be thought about. */
    private static final int MOST_OF_OURS = 25;

    /** What is read, verified and linked: what a class holds that such a boot does not use belongs into another. */
    private static final long MOST_BYTES_OF_OURS = 100_000;

    /** What the build does not compress. */
    private static final Path STORED = Path.of("src/build/cold-boot.entries");

    @TempDir
    Path directory;

    @Test
    void aBootThatFindsNothingToDoLoadsFewClassesAndMakesNoLambda() throws Exception {
        SERVER.role("shop_app", "app");
        try (TestDatabase database = SERVER.database()) {
            database.execute("CREATE SCHEMA shop");
            Path folder = Files.createDirectories(directory.resolve("db/v"));
            new Scripts(folder).add("a1", "", "CREATE TABLE shop.item (id serial PRIMARY KEY);");
            makeOld(folder.resolve("a1.sql"));
            RevisionsIndex.write(folder);
            Booting.builder()
                    .scripts(folder.toString())
                    .run(database.superuser())
                    .orElseThrow();
            Booting.builder()
                    .scripts(folder.toString())
                    .run(database.superuser())
                    .orElseThrow();

            List<String> loaded = loadedByABoot(database.superuser());

            assertThat(loaded).anyMatch(name -> name.endsWith(".Outcome$AtHead"));
            assertThat(loaded).noneMatch(name -> name.startsWith("java.lang.invoke.") || name.contains("$$Lambda"));
            // what a policy is made of is loaded where something lacks
            assertThat(loaded).noneMatch(name -> name.endsWith(".PermissionPolicy") || name.endsWith(".Privilege"));
            List<String> ours = loaded.stream()
                    .filter(name -> name.startsWith("org.keops."))
                    .toList();
            assertThat(ours).hasSizeLessThanOrEqualTo(MOST_OF_OURS);
            assertThat(bytes(ours)).isLessThanOrEqualTo(MOST_BYTES_OF_OURS);
            assertThat(Files.readAllLines(STORED)).containsAll(entries(ours));
        }
    }

    @Test
    void anUpgradeThatGrantsComparesNoRecord() throws Exception {
        SERVER.role("shop_app", "app");
        try (TestDatabase database = SERVER.database()) {
            database.execute("CREATE SCHEMA shop");
            Path folder = Files.createDirectories(directory.resolve("db/v"));
            new Scripts(folder).add("a1", "", "CREATE TABLE shop.item (id serial PRIMARY KEY);");
            Booting.builder()
                    .scripts(folder.toString())
                    .run(database.superuser())
                    .orElseThrow();
            new Scripts(folder).add("b1", "a1", "CREATE TABLE shop.other (id serial PRIMARY KEY);");
            makeOld(folder.resolve("a1.sql"));
            makeOld(folder.resolve("b1.sql"));
            RevisionsIndex.write(folder);

            List<String> loaded = loadedByABoot(database.superuser());

            assertThat(loaded).anyMatch(name -> name.endsWith(".GrantTransaction"));
            assertThat(loaded).doesNotContain("java.lang.runtime.ObjectMethods");
        }
    }

    /** What is loaded ahead is what an upgrade needs once it has its lock, which the working thread would load by itself. */
    @Test
    void whatAnUpgradeNeedsUnderItsLockIsLoadedAhead() throws Exception {
        SERVER.role("shop_app", "app");
        try (TestDatabase database = SERVER.database()) {
            database.execute("CREATE SCHEMA shop");
            Path folder = Files.createDirectories(directory.resolve("db/v"));
            new Scripts(folder)
                    .add("a1", "", "CREATE TABLE shop.item (id serial PRIMARY KEY);")
                    .add("b1", "a1", "CREATE INDEX i ON shop.item (id);");
            makeOld(folder.resolve("a1.sql"));
            makeOld(folder.resolve("b1.sql"));
            RevisionsIndex.write(folder);

            List<String> loaded = loadedByABoot(database.superuser(), NOTHING_AHEAD);

            String own = AutoMigrator.class.getPackageName() + ".";
            List<String> ahead =
                    ClassesAhead.NAMES.lines().map(name -> own + name).toList();
            List<String> underTheLock =
                    loaded.subList(loaded.indexOf(own + "postgres.execution.PlanExecutor"), loaded.size());
            assertThat(ahead)
                    .doesNotHaveDuplicates()
                    .allSatisfy(name -> Class.forName(name, false, getClass().getClassLoader()));
            if (Integer.parseInt(database.query("SHOW server_version_num").get(0))
                    >= 180_000) { // before, grants go one by one
                assertThat(ahead).isSubsetOf(loaded);
            }
            assertThat(underTheLock)
                    .filteredOn(name -> name.startsWith(own) && !name.contains("$$Lambda"))
                    // what still reads scripts meanwhile is another thread
                    .filteredOn(name -> !isOfReading(name.substring(own.length())))
                    .isSubsetOf(ahead);
            // and by no boot that finds nothing to do
            assertThat(loadedByABoot(database.superuser())).doesNotContainAnyElementsOf(ahead);
        }
    }

    /** One as new as the index would be read, and compared with it, for all that a file's time can tell. */
    private static void makeOld(Path script) throws IOException {
        Files.setLastModifiedTime(script, FileTime.fromMillis(0));
    }

    private static boolean isOfReading(String name) {
        return (name.startsWith("script.") && !name.equals("script.CopyData"))
                || name.startsWith("source.")
                || name.equals("CheckedScript");
    }

    private static List<String> entries(List<String> classes) {
        return classes.stream()
                .filter(name -> !name.startsWith(ColdBootTest.class.getName()))
                .map(name -> name.replace('.', '/') + ".class")
                .toList();
    }

    private static long bytes(List<String> classes) throws IOException {
        long bytes = 0;
        for (String name : classes) {
            try (InputStream content =
                    ColdBootTest.class.getResourceAsStream("/" + name.replace('.', '/') + ".class")) {
                bytes += content.readAllBytes().length;
            }
        }
        return bytes;
    }

    private List<String> loadedByABoot(PGSimpleDataSource where, String... how) throws Exception {
        String classPath = String.join(
                File.pathSeparator,
                directory.toString(),
                placeOf(AutoMigrator.class),
                placeOf(ColdBootTest.class),
                placeOf(PGSimpleDataSource.class),
                placeOf(LoggerFactory.class));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:stdout:none",
                "-cp",
                classPath,
                Booting.class.getName(),
                where.getURL(),
                String.valueOf(where.getUser()),
                String.valueOf(where.getPassword())));
        command.addAll(List.of(how));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        List<String> loaded = new ArrayList<>();
        boolean boots = false;
        boolean ended = false;
        for (String line : output.split("\\R", -1)) {
            ended |= line.equals(END);
            boots = !ended && (boots || line.equals(BEGIN));
            if (boots && line.contains(" source: ")) {
                loaded.add(line.substring(0, line.indexOf(' ')));
            }
        }
        assertThat(process.waitFor()).as(output).isZero();
        assertThat(ended).as(output).isTrue();
        return loaded;
    }

    private static String placeOf(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    /** A program whose connection and log are there before it boots. */
    static final class Booting {
        private Booting() {}

        static MigratorBuilder builder() {
            return AutoMigrator.configure().applicationRole("shop_app").schema("shop");
        }

        public static void main(String[] arguments) throws SQLException {
            Opened dataSource = new Opened(arguments);
            boolean nothingAhead = List.of(arguments).contains(NOTHING_AHEAD);
            if (nothingAhead) {
                ClassesAhead.BEGUN.set(true);
            }
            LoggerFactory.getLogger(Booting.class).info("ready");
            System.out.println(BEGIN);
            MigratorBuilder builder = builder().scripts("classpath:db/v");
            if (nothingAhead) {
                builder.whenUnversioned(WhenUnversioned.upgradeFromBase());
            }
            boolean acceptable = builder.run(dataSource).outcome().acceptable();
            System.out.println(END);
            System.exit(acceptable ? 0 : 1);
        }
    }

    /** One connection, once. */
    @SuppressWarnings("serial")
    private static final class Opened extends PGSimpleDataSource {
        private final transient Connection connection;

        Opened(String[] arguments) throws SQLException {
            setUrl(arguments[0]);
            setUser(arguments[1]);
            setPassword(arguments[2]);
            connection = super.getConnection();
            // as a pool's connection has: the driver's own first query is not the boot's
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("SELECT 1 AS one")) {
                row.next();
                row.getString("one");
            }
        }

        @Override
        public Connection getConnection() {
            return connection;
        }
    }
}
