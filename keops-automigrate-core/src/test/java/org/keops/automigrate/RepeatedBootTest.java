package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.CountingProxy;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.automigrate.testing.Wrapper;
import org.postgresql.core.BaseConnection;
import org.postgresql.ds.PGSimpleDataSource;

/** Who boots again and again on one connection has the question planned once, and hears the same as whoever asks it anew. */
class RepeatedBootTest {
    private static final PostgresServer SERVER = PostgresServer.shared();

    /** More than the driver's {@code prepareThreshold}. */
    private static final int OFTEN = 8;

    private static final String NAMED =
            "SELECT name FROM pg_prepared_statements WHERE statement LIKE 'SELECT v.version_num%'";

    @TempDir
    Path directory;

    private final TestDatabase database = SERVER.database();

    @BeforeEach
    void migrate() throws Exception {
        SERVER.role("shop_app", "app");
        database.execute("CREATE SCHEMA shop");
        new Scripts(directory)
                .add("a1", "", "CREATE TABLE shop.item (id serial PRIMARY KEY);")
                .add("b2", "a1", "CREATE TABLE shop.other (id int);");
        builder().run(database.superuser()).orElseThrow();
        database.execute("CREATE TABLE IF NOT EXISTS shop.item (id int)");
        builder().run(database.superuser()).orElseThrow();
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theQuestionHasANameWhereTheDriverWouldGiveItOne(boolean built) {
        try (HikariDataSource pool = pool(database.superuser())) {
            bootOften(pool, built);
            assertThat(TestDatabase.query(pool, NAMED)).hasSize(1);
        }
    }

    @Test
    void itHasNoneWhereTheDriverIsToldToNameNothing() {
        PGSimpleDataSource unnamed = database.superuser();
        unnamed.setPrepareThreshold(0);
        try (HikariDataSource pool = pool(unnamed)) {
            bootOften(pool, true);
            assertThat(TestDatabase.query(pool, NAMED)).isEmpty();
        }
    }

    /** Which shows in the process that answers: it is not the one that the connection knows. */
    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void itHasNoneBehindAPooler(int threshold) throws Exception {
        PGSimpleDataSource source = database.superuser();
        source.setPrepareThreshold(threshold);
        try (Connection open = source.getConnection()) {
            BaseConnection pooled = Wrapper.answering(
                    BaseConnection.class, open.unwrap(BaseConnection.class), Map.of("getBackendPID", 1));
            Connection kept = Wrapper.answering(
                    Connection.class, Wrapper.kept(open), Map.of("isWrapperFor", true, "unwrap", pooled));
            bootOften(Wrapper.that(() -> kept), true);
            assertThat(TestDatabase.query(Wrapper.that(() -> kept), NAMED)).isEmpty();
        }
    }

    @Test
    void itIsStillOneRoundTrip() throws Exception {
        try (CountingProxy proxy = new CountingProxy(SERVER, 0);
                HikariDataSource pool = pool(proxy.superuser(database))) {
            bootOften(pool, true);
            proxy.takeRoundTrips();
            assertThat(builder().build().run(pool).scenario()).isEqualTo(Scenario.AT_HEAD);
            assertThat(proxy.takeRoundTrips()).isEqualTo(1);
        }
    }

    /** By a statement that the driver does not see, as a pooler does that lends another process. */
    @Test
    void aNameThatIsGoneIsAskedAnew() throws Exception {
        database.execute("CREATE FUNCTION public.forget() RETURNS void LANGUAGE plpgsql AS"
                + " $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$");
        isAskedOnceMoreAfter(pool -> TestDatabase.query(pool, "SELECT public.forget()"));
    }

    @Test
    void aColumnOfAnotherTypeIsAskedAnew() throws Exception {
        isAskedOnceMoreAfter(
                pool -> database.execute("ALTER TABLE public.alembic_version ALTER version_num TYPE text"));
    }

    private void isAskedOnceMoreAfter(Consumer<DataSource> change) throws Exception {
        try (CountingProxy proxy = new CountingProxy(SERVER, 0);
                HikariDataSource pool = pool(proxy.superuser(database))) {
            bootOften(pool, true);
            change.accept(pool);
            for (int expected : new int[] {2, 1, 1}) {
                proxy.takeRoundTrips();
                assertThat(builder().build().run(pool).scenario()).isEqualTo(Scenario.AT_HEAD);
                assertThat(proxy.takeRoundTrips()).isEqualTo(expected);
            }
            bootOften(pool, true);
            assertThat(TestDatabase.query(pool, NAMED)).hasSize(1);
        }
    }

    /** For a table that comes to stand earlier on the search path the server does not plan anew. */
    @Test
    void aVersionTableInFrontOfTheOtherIsSeen() {
        PGSimpleDataSource source = database.superuser();
        source.setOptions("-c search_path=shop,public");
        try (HikariDataSource pool = pool(source)) {
            bootOften(pool, true);
            database.execute(
                    "DROP TABLE IF EXISTS shop.other",
                    "CREATE TABLE shop.alembic_version (version_num varchar(32) PRIMARY KEY)",
                    "INSERT INTO shop.alembic_version VALUES ('a1')");
            BootReport report = builder().build().run(pool);
            assertThat(report.scenario()).isEqualTo(Scenario.BEHIND);
            bootOften(pool, true);
            assertThat(database.query("SELECT version_num FROM shop.alembic_version"))
                    .containsExactly("b2");
        }
    }

    /** Which has no identity that tells it from another. */
    @Test
    void aViewIsAskedAnewEachTime() {
        database.execute(
                "ALTER TABLE public.alembic_version RENAME TO versions",
                "CREATE VIEW public.alembic_version AS SELECT * FROM public.versions");
        try (HikariDataSource pool = pool(database.superuser())) {
            bootOften(pool, true);
            bootOften(pool, true);
        }
    }

    @Test
    void whatHasComeToLackIsSeen() {
        Migrator migrator = builder().build();
        try (HikariDataSource pool = pool(database.superuser())) {
            bootOften(pool, true);
            database.execute("REVOKE INSERT ON shop.item FROM shop_app");
            BootReport report = migrator.run(pool);
            assertThat(report.permissions().repaired()).isNotEmpty();
            assertThat(migrator.run(pool).permissions().repaired()).isEmpty();
            database.execute("DROP TABLE IF EXISTS shop.other", "UPDATE public.alembic_version SET version_num = 'a1'");
            assertThat(migrator.run(pool).scenario()).isEqualTo(Scenario.BEHIND);
            bootOften(pool, true);
        }
    }

    /** A server that has gone says so itself; that the connection is closed would be no news. */
    @Test
    void whatBreaksTheConnectionIsTold() throws Exception {
        try (Connection open = database.superuser().getConnection()) {
            DataSource pool = Wrapper.that(() -> Wrapper.kept(open));
            bootOften(pool, true);
            database.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '"
                    + database.name() + "' AND pid <> pg_backend_pid()");
            BootReport report = builder().build().run(pool);
            assertThat(report.scenario()).isEqualTo(Scenario.OFFLINE);
            assertThat(report.toString()).contains("57P01").doesNotContain("has been closed");
        }
    }

    private void bootOften(DataSource pool, boolean built) {
        Migrator kept = builder().build();
        for (int i = 0; i < OFTEN; i++) {
            BootReport report = built ? kept.run(pool) : builder().run(pool);
            assertThat(report.scenario()).isEqualTo(Scenario.AT_HEAD);
            assertThat(report.permissions().repaired()).isEqualTo(List.of());
        }
    }

    private static HikariDataSource pool(PGSimpleDataSource source) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setMaximumPoolSize(1);
        return new HikariDataSource(config);
    }

    private MigratorBuilder builder() {
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .applicationRole("shop_app")
                .schema("shop");
    }
}
