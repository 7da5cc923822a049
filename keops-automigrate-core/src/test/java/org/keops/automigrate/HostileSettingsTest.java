package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TimeZone;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.BootMain;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.PreferQueryMode;

/** Sessions, pools and JVMs that are set up in unfriendly ways. */
class HostileSettingsTest {
    private static final Locale LOCALE = Locale.getDefault();
    private static final TimeZone ZONE = TimeZone.getDefault();

    @TempDir
    Path directory;

    private TestDatabase database;

    @BeforeEach
    void prepare() {
        PostgresServer.shared().role("title_app", "app");
        database = PostgresServer.shared().database();
        database.execute("CREATE SCHEMA title");
        new Scripts(directory)
                .add(
                        "a1",
                        "",
                        "CREATE TABLE title.item (id serial PRIMARY KEY, at timestamptz DEFAULT now(), path text);")
                .add("b2", "a1", "INSERT INTO title.item (path) VALUES ('C:\\dir'), (E'tab\\t');")
                .add("c3", "b2", "CREATE INDEX CONCURRENTLY item_at ON title.item (at);");
    }

    @AfterEach
    void drop() {
        Locale.setDefault(LOCALE);
        TimeZone.setDefault(ZONE);
        database.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-c default_transaction_isolation=serializable",
                "-c default_transaction_isolation=repeatable\\ read -c default_transaction_deferrable=on",
                "-c DateStyle=SQL,DMY -c TimeZone=Asia/Kathmandu -c IntervalStyle=sql_standard",
                "-c search_path=nosuch,public -c row_security=off",
                "-c bytea_output=escape -c extra_float_digits=0 -c client_min_messages=debug1",
                "-c lock_timeout=1000 -c idle_in_transaction_session_timeout=5000 -c quote_all_identifiers=on",
                "-c enable_hashjoin=off -c enable_seqscan=off -c jit=on -c plan_cache_mode=force_generic_plan"
            })
    void theSession(String options) {
        PGSimpleDataSource dataSource = database.superuser();
        dataSource.setOptions(options);
        upgradeAndBootAgain(dataSource);
    }

    @Test
    void aPoolWithoutAutoCommitThatIsReadOnlyAndSerializable() {
        HikariConfig config = new HikariConfig();
        config.setDataSource(database.superuser());
        config.setAutoCommit(false);
        config.setReadOnly(true);
        config.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
        config.setMaximumPoolSize(1);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            upgradeAndBootAgain(pool);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tr-TR", "ar-EG-u-nu-arab", "ja-JP", "hi-IN-u-nu-deva"})
    void theLocaleOfTheJvm(String locale) {
        Locale.setDefault(Locale.forLanguageTag(locale));
        TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Chatham"));
        upgradeAndBootAgain(database.superuser());
    }

    /** What is computed once is computed in the JVM's first locale, so it takes a JVM of its own. */
    @Test
    void theLocaleThatTheJvmStartsWith() throws Exception {
        Process boot = BootMain.start(database.superuser(), directory, "-Duser.language=ar", "-Duser.country=EG");
        String printed = new String(boot.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(printed.lines().filter(line -> !line.contains("AutoMigrator")))
                .containsExactly("BEHIND");
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple", "extended", "extendedForPrepared", "extendedCacheEverything"})
    void theQueryModeOfTheDriver(String mode) {
        PGSimpleDataSource dataSource = database.superuser();
        dataSource.setPreferQueryMode(PreferQueryMode.of(mode));
        dataSource.setPrepareThreshold(1);
        upgradeAndBootAgain(dataSource);
    }

    private void upgradeAndBootAgain(DataSource dataSource) {
        Migrator migrator = AutoMigrator.configure()
                .scripts(directory.toString())
                .applicationRole("title_app")
                .schema("title")
                .whenUnversioned(WhenUnversioned.upgradeFromBase())
                .build();
        BootReport report = migrator.run(dataSource);
        assertThat(report.scenario()).as(report.toString()).isEqualTo(Scenario.BEHIND);
        assertThat(report.permissions().findings()).isEmpty();
        assertThat(migrator.run(dataSource).scenario()).isEqualTo(Scenario.AT_HEAD);
        assertThat(database.query("SELECT path FROM title.item ORDER BY id")).containsExactly("C:\\dir", "tab\t");
        assertThat(TestDatabase.query(database.as("title_app", "app"), "SELECT count(*) FROM title.item"))
                .containsExactly("2");
    }
}
