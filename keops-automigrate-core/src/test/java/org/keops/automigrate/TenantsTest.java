package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.AutoMigrationException;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.TenantsReport;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Many databases by one call. {@code -Dtest.arguments=-Dtenants=200} makes it two hundred; the default keeps the build
 * short.
 */
class TenantsTest {
    private static final PostgresServer SERVER = PostgresServer.shared();
    private static final int DATABASES = Integer.getInteger("tenants", 12);
    private static final int PARALLELISM = 4;

    @TempDir
    Path directory;

    private Migrator migrator;

    private MigratorBuilder builder() {
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .leavePermissionsAlone()
                .whenUnversioned(WhenUnversioned.upgradeFromBase());
    }

    @BeforeEach
    void build() {
        new Scripts(directory)
                .add("a1", "", "CREATE TABLE item (id int PRIMARY KEY);")
                .add("b2", "a1", "INSERT INTO item VALUES (1);");
        migrator = builder().build();
    }

    @Test
    void aTenantThatFailsDoesNotStopTheOthers() {
        List<TestDatabase> databases = new ArrayList<>();
        List<Tenant> tenants = new ArrayList<>();
        try {
            for (int i = 0; i < DATABASES; i++) {
                TestDatabase database = SERVER.database();
                databases.add(database);
                tenants.add(new Tenant("t" + i, migrator, database.superuser()));
            }
            databases.get(2).execute("CREATE TABLE public.item (already int)");
            PGSimpleDataSource nowhere = databases.get(3).superuser();
            nowhere.setPortNumbers(new int[] {1});
            tenants.set(3, new Tenant("t3", migrator, nowhere));
            TenantsReport report = AutoMigrator.runAll(tenants, PARALLELISM);
            assertThat(report.reports()).hasSize(DATABASES);
            assertThat(report.reports().keySet())
                    .containsExactlyElementsOf(
                            tenants.stream().map(Tenant::name).toList());
            assertThat(report.failed()).contains("t2");
            assertThat(report.reports().get("t3")).isNotNull().returns(Scenario.OFFLINE, BootReport::scenario);
            assertThat(report.toString()).contains(DATABASES + " tenants").contains("t2");
            assertThatThrownBy(report::orElseThrow)
                    .isInstanceOf(AutoMigrationException.class)
                    .hasMessageStartingWith("tenant t2: failed: ");
            for (int i = 0; i < DATABASES; i++) {
                if (i != 2 && i != 3) {
                    assertThat(databases.get(i).query("SELECT id FROM item")).containsExactly("1");
                }
            }
            assertThat(databases.get(2).query("SELECT relname FROM pg_class WHERE relname = 'alembic_version'"))
                    .isEmpty();
        } finally {
            databases.forEach(TestDatabase::close);
        }
    }

    @Test
    void schemasOfOneDatabaseAreTenantsToo() {
        try (TestDatabase database = SERVER.database()) {
            List<Tenant> tenants = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                database.execute("CREATE SCHEMA tenant" + i);
                PGSimpleDataSource dataSource = database.superuser();
                dataSource.setCurrentSchema("tenant" + i);
                tenants.add(new Tenant(
                        "tenant" + i, builder().versionTableSchema("tenant" + i).build(), dataSource));
            }
            TenantsReport report = AutoMigrator.runAll(tenants, 3).orElseThrow();
            assertThat(report.failed()).isEmpty();
            for (int i = 0; i < 6; i++) {
                assertThat(database.query("SELECT version_num FROM tenant" + i + ".alembic_version"))
                        .containsExactly("b2");
                assertThat(database.query("SELECT id FROM tenant" + i + ".item"))
                        .containsExactly("1");
            }
        }
    }

    @Test
    void whatRunsForATenantRunsUnderItsName() {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        List<Tenant> tenants = new ArrayList<>();
        for (String name : List.of("red", "green", "blue")) {
            tenants.add(new Tenant(name, migrator, new Noting(threads)));
        }
        AutoMigrator.runAll(tenants, 2);
        assertThat(threads)
                .containsExactlyInAnyOrder(
                        "keops-automigrate-red", "keops-automigrate-green", "keops-automigrate-blue");
    }

    @Test
    void noMoreAreAtWorkThanAllowed() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch allIn = new CountDownLatch(PARALLELISM);
        List<Tenant> tenants = new ArrayList<>();
        for (int i = 0; i < 3 * PARALLELISM; i++) {
            tenants.add(new Tenant("t" + i, migrator, new Refusing(now, most, allIn)));
        }
        TenantsReport report = AutoMigrator.runAll(tenants, PARALLELISM);
        assertThat(most.get()).isEqualTo(PARALLELISM);
        assertThat(report.reports().values())
                .allSatisfy(one -> assertThat(one.steps()).isEmpty());
    }

    @Test
    void anInterruptEndsItWithAReportForEach() {
        PGSimpleDataSource nowhere = SERVER.superuser("postgres");
        nowhere.setPortNumbers(new int[] {1});
        List<Tenant> tenants = List.of(new Tenant("a", migrator, nowhere), new Tenant("b", migrator, nowhere));
        Thread.currentThread().interrupt();
        TenantsReport report = AutoMigrator.runAll(tenants, 1);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(report.reports()).hasSize(2);
        assertThat(report.reports().values()).extracting(BootReport::steps).allMatch(List::isEmpty);
    }

    @Test
    void whatCanNotBeMeantIsRefused() {
        Tenant tenant = new Tenant("a", migrator, SERVER.superuser("postgres"));
        assertThatThrownBy(() -> AutoMigrator.runAll(List.of(tenant, tenant), 1))
                .hasMessage("two tenants are called a");
        assertThatThrownBy(() -> AutoMigrator.runAll(List.of(tenant), 0)).hasMessageContaining("parallelism is 0");
        assertThat(tenant.toString()).isEqualTo("a");
    }

    /** Notes who asks. */
    private static final class Noting extends PGSimpleDataSource implements DataSource {
        private static final long serialVersionUID = 1L;

        private final transient Set<String> threads;

        Noting(Set<String> threads) {
            this.threads = threads;
        }

        @Override
        public Connection getConnection() throws SQLException {
            threads.add(Thread.currentThread().getName());
            throw new SQLException("refused", "08001");
        }
    }

    /** Counts who asks at once; the first wait until as many are in as may be. */
    private static final class Refusing extends PGSimpleDataSource implements DataSource {
        private static final long serialVersionUID = 1L;

        private final transient AtomicInteger now;
        private final transient AtomicInteger most;
        private final transient CountDownLatch allIn;

        Refusing(AtomicInteger now, AtomicInteger most, CountDownLatch allIn) {
            this.now = now;
            this.most = most;
            this.allIn = allIn;
        }

        @Override
        public Connection getConnection() throws SQLException {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            try {
                allIn.countDown();
                allIn.await();
                throw new SQLException("refused", "08001");
            } catch (InterruptedException e) {
                throw new SQLException("interrupted", "08001", e);
            } finally {
                now.decrementAndGet();
            }
        }
    }
}
