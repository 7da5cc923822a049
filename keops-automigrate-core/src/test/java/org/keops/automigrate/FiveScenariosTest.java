package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;

/** The five scenarios, as a user meets them. */
class FiveScenariosTest {
    private static final PostgresServer SERVER = PostgresServer.shared();

    @TempDir
    Path scripts;

    private TestDatabase database;

    @BeforeEach
    void prepare() throws Exception {
        SERVER.role("shop_app", "app");
        database = SERVER.database();
        database.execute("CREATE SCHEMA shop");
        script("a1", "", "CREATE TABLE shop.item (id serial PRIMARY KEY, name text);");
        script("b2", "a1", "ALTER TABLE shop.item ADD COLUMN price numeric;");
        script("c3", "b2", "CREATE TABLE shop.bill (id serial PRIMARY KEY); INSERT INTO shop.bill DEFAULT VALUES;");
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void offlineNothingIsAttempted() {
        var nowhere = database.superuser();
        nowhere.setPortNumbers(new int[] {1});
        BootReport report = migrator().run(nowhere);
        assertThat(report.scenario()).isEqualTo(Scenario.OFFLINE);
        assertThat(report.toString())
                .startsWith("database offline, nothing attempted: Connection to 127.0.0.1:1 refused");
    }

    @Test
    void rejectedCredentialsNothingIsAttempted() {
        BootReport report = migrator().run(database.as("postgres", "wrong"));
        assertThat(report.scenario()).isEqualTo(Scenario.CREDENTIALS_REJECTED);
    }

    @Test
    void unversionedIsStampedWithTheLatest() {
        BootReport report = migrator().run(database.superuser());
        assertThat(report.scenario()).isEqualTo(Scenario.UNVERSIONED);
        assertThat(rows()).containsExactly("c3");
        assertThat(database.query("SELECT relname FROM pg_class WHERE relnamespace = 'shop'::regnamespace"))
                .isEmpty();
    }

    @Test
    void behindIsUpgradedAndPermissionsAreRepaired() {
        BootReport report = AutoMigrator.configure()
                .scripts(scripts.toString())
                .applicationRole("shop_app")
                .schema("shop")
                .whenUnversioned(org.keops.automigrate.model.WhenUnversioned.upgradeFromBase())
                .run(database.superuser());
        assertThat(report.scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(rows()).containsExactly("c3");
        assertThat(report.steps()).hasSize(3);
        assertThat(TestDatabase.query(database.as("shop_app", "app"), "SELECT count(*) FROM shop.bill"))
                .containsExactly("1");
        BootReport again = migrator().run(database.superuser());
        assertThat(again.scenario()).isEqualTo(Scenario.AT_HEAD);
        assertThat(again.permissions().repaired()).isEmpty();
        database.execute("REVOKE SELECT ON shop.bill FROM shop_app");
        assertThat(migrator().run(database.superuser()).permissions().repaired())
                .hasSize(1);
        assertThat(TestDatabase.query(database.as("shop_app", "app"), "SELECT count(*) FROM shop.bill"))
                .containsExactly("1");
    }

    private List<String> rows() {
        return database.query("SELECT version_num FROM alembic_version");
    }

    private Migrator migrator() {
        return AutoMigrator.configure()
                .scripts(scripts.toString())
                .applicationRole("shop_app")
                .schema("shop")
                .build();
    }

    private void script(String id, String revises, String body) throws Exception {
        Files.writeString(
                scripts.resolve(id + ".sql"),
                "-- " + id + "\n--\n-- Revision ID: " + id + "\n-- Revises: " + revises + "\n\n" + body + "\n");
    }
}
