package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.WhenChanged;
import org.keops.automigrate.testing.CountingProxy;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.automigrate.testing.Wrapper;

/** A boot that finds nothing to do is the one that happens a thousand times for each of the others. */
class NothingToDoTest {
    private static final PostgresServer SERVER = PostgresServer.shared();

    @TempDir
    Path directory;

    private final TestDatabase database = SERVER.database();
    private final Set<String> opened = new ConcurrentSkipListSet<>();
    private final Set<String> lookedFor = new ConcurrentSkipListSet<>();

    @BeforeEach
    void migrate() throws Exception {
        SERVER.role("shop_app", "app");
        database.execute("CREATE SCHEMA shop");
        Path folder = Files.createDirectories(directory.resolve("db/v"));
        new Scripts(folder)
                .add("a1", "", "CREATE TABLE shop.item (id serial PRIMARY KEY);")
                .add("b2", "a1", "SELECT 1;");
        for (String script : List.of("a1.sql", "b2.sql")) {
            // one as new as the index would be read, for all that a file's time can tell
            Files.setLastModifiedTime(folder.resolve(script), FileTime.fromMillis(0));
        }
        RevisionsIndex.write(folder);
        opened.clear();
        run(new Recording(), database.superuser(), Scenario.UNVERSIONED);
        run(new Recording(), database.superuser(), Scenario.AT_HEAD);
        opened.clear();
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void itTakesOneRoundTripOnAnOpenConnectionAndOpensNoScript() throws Exception {
        List<String> transactionsBefore = database.query("SELECT pg_snapshot_xmax(pg_current_snapshot())");
        try (CountingProxy proxy = new CountingProxy(SERVER, 0);
                HikariDataSource pool = pool(proxy)) {
            int connections = proxy.connections();
            proxy.takeRoundTrips();
            run(new Recording(), pool, Scenario.AT_HEAD);
            assertThat(proxy.takeRoundTrips()).isEqualTo(1);
            assertThat(proxy.connections() - connections).isZero();
        }
        assertThat(opened).isEmpty();
        // who writes needs a number of a transaction
        assertThat(database.query("SELECT pg_snapshot_xmax(pg_current_snapshot())"))
                .isEqualTo(transactionsBefore);
    }

    /** What the server says of a column with a domain is the type below it. */
    @Test
    void itIsOneAlsoWhereTheVersionHasADomain() throws Exception {
        database.execute(
                "CREATE DOMAIN public.revision AS text",
                "ALTER TABLE public.alembic_version ALTER version_num TYPE public.revision");
        try (CountingProxy proxy = new CountingProxy(SERVER, 0);
                HikariDataSource pool = pool(proxy)) {
            proxy.takeRoundTrips();
            run(new Recording(), pool, Scenario.AT_HEAD);
            assertThat(proxy.takeRoundTrips()).isEqualTo(1);
        }
    }

    /** A statement of JDBC is looked through character by character, which is dear in a process that has just begun. */
    @Test
    void itsLongQuestionIsNoStatementOfJdbc() throws Exception {
        assertThat(calledByABoot(method -> {})).contains("close").doesNotContain("createStatement", "prepareStatement");
    }

    @Test
    void whereTheDriverIsHiddenItIsOne() throws Exception {
        assertThat(calledByABoot(method -> {
                    if (method.equals("isWrapperFor")) {
                        throw new SQLException("hidden");
                    }
                }))
                .contains("createStatement");
    }

    private interface Look {
        void at(String method) throws SQLException;
    }

    private Set<String> calledByABoot(Look look) throws Exception {
        Set<String> called = new ConcurrentSkipListSet<>();
        DataSource noting = Wrapper.of(
                database.superuser(),
                connection -> Wrapper.of(connection, (method, arguments) -> {
                    called.add(method);
                    look.at(method);
                }));
        run(new Recording(), noting, Scenario.AT_HEAD);
        return called;
    }

    @Test
    void fingerprintsCostOneRoundTripMoreAndWithAnIndexNoScript() throws Exception {
        try (CountingProxy proxy = new CountingProxy(SERVER, 0);
                HikariDataSource pool = pool(proxy);
                Recording loader = new Recording()) {
            Migrator migrator =
                    in(loader, () -> builder().fingerprints(WhenChanged.REFUSE).build());
            migrator.stamp(pool, "b2").orElseThrow();
            opened.clear();
            proxy.takeRoundTrips();
            assertThat(migrator.run(pool).scenario()).isEqualTo(Scenario.AT_HEAD);
            assertThat(proxy.takeRoundTrips()).isEqualTo(2);
            assertThat(opened).isEmpty();
        }
    }

    @Test
    void withoutAnIndexItOpensThemToReadTheirHeads() throws Exception {
        Files.delete(directory.resolve("db/v/revisions.index"));
        run(new Recording(), database.superuser(), Scenario.AT_HEAD);
        assertThat(opened).containsExactly("db/v/a1.sql", "db/v/b2.sql");
    }

    @Test
    void aMigratorThatIsKeptLooksAtNothingTwice() throws Exception {
        try (CountingProxy proxy = new CountingProxy(SERVER, 0);
                HikariDataSource pool = pool(proxy);
                Recording loader = new Recording()) {
            Migrator migrator = in(loader, () -> builder().build());
            assertThat(lookedFor).contains("db/v/revisions.index");
            opened.clear();
            lookedFor.clear();
            proxy.takeRoundTrips();
            for (int i = 0; i < 3; i++) {
                assertThat(in(loader, () -> migrator.run(pool)).scenario()).isEqualTo(Scenario.AT_HEAD);
            }
            assertThat(proxy.takeRoundTrips()).isEqualTo(3);
            assertThat(opened).isEmpty();
            assertThat(lookedFor).isEmpty();
        }
    }

    private void run(Recording loader, DataSource dataSource, Scenario expected) throws Exception {
        try (loader) {
            assertThat(in(loader, () -> builder().run(dataSource)).scenario()).isEqualTo(expected);
        }
    }

    private static MigratorBuilder builder() {
        return AutoMigrator.configure()
                .scripts("classpath:db/v")
                .applicationRole("shop_app")
                .schema("shop");
    }

    private static <T> T in(ClassLoader loader, java.util.function.Supplier<T> task) {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(loader);
        try {
            return task.get();
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    private HikariDataSource pool(CountingProxy proxy) throws Exception {
        HikariConfig config = new HikariConfig();
        config.setDataSource(proxy.superuser(database));
        config.setMaximumPoolSize(1);
        // or the pool would ask a round trip of its own whether the connection is alive
        System.setProperty("com.zaxxer.hikari.aliveBypassWindowMs", "600000");
        try {
            HikariDataSource pool = new HikariDataSource(config);
            try (Connection connection = pool.getConnection()) {
                assertThat(connection.isValid(5)).isTrue();
            }
            return pool;
        } finally {
            System.clearProperty("com.zaxxer.hikari.aliveBypassWindowMs");
        }
    }

    /** A class path of one directory that remembers which of its files were asked for. */
    private final class Recording extends URLClassLoader {

        Recording() throws Exception {
            super(new URL[] {directory.toUri().toURL()}, null);
        }

        @Override
        public InputStream getResourceAsStream(String name) {
            opened.add(name);
            return super.getResourceAsStream(name);
        }

        @Override
        public Enumeration<URL> findResources(String name) throws IOException {
            lookedFor.add(name);
            return super.findResources(name);
        }

        @Override
        public URL findResource(String name) {
            lookedFor.add(name);
            if (name.endsWith(".sql")) {
                opened.add(name);
            }
            return super.findResource(name);
        }
    }
}
