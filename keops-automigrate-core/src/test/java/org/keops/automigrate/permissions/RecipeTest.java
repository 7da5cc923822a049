package org.keops.automigrate.permissions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keops.automigrate.model.PermissionPolicy.readOnly;
import static org.keops.automigrate.model.PermissionPolicy.readWrite;
import static org.keops.automigrate.model.WhenUnversioned.upgradeFromBase;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.PermissionVerification;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;

/** The recipe in {@code docs/permissions.md}, run as it is written there; no superuser migrates. */
class RecipeTest {
    private static final Path DOCUMENT =
            Path.of(System.getProperty("project.root", "..")).resolve("docs/permissions.md");

    private TestDatabase database;

    @BeforeEach
    void followTheRecipe() throws IOException {
        database = PostgresServer.shared().database();
        String text = Files.readString(DOCUMENT);
        int start = text.indexOf("```sql\n") + 7;
        String recipe = text.substring(start, text.indexOf("```", start))
                .replace("DATABASE orders", "DATABASE " + database.name());
        for (String statement : recipe.split(";\n", -1)) {
            boolean makesRole = statement.startsWith("CREATE ROLE");
            if (!statement.isBlank()) {
                database.execute(makesRole ? onlyOnce(statement) : statement);
            }
        }
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void theApplicationUsesWhatTheOwnerOwns() {
        var dataSource = database.as("orders_migrator", "change me");
        // spotless:off
        Migrator migrator = AutoMigrator.configure()
                .scripts("classpath:db/shop")
                .ownerRole("orders_owner")
                .permissions(readWrite("orders_user", "shop").revokingConnectFromPublic())
                .whenUnversioned(upgradeFromBase())
                .build();
        // spotless:on
        BootReport report = migrator.run(dataSource);
        assertThat(report.scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(report.permissions().findings()).isEmpty();
        assertThat(database.query("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('shop', 'public')"))
                .containsExactly("orders_owner");
        var app = database.as("orders_user", "change me, too");
        assertThat(TestDatabase.query(app, "INSERT INTO shop.item (name) VALUES ('a') RETURNING id"))
                .containsExactly("1");

        // what the owner makes later is usable at once
        database.execute("SET ROLE orders_owner", "CREATE TABLE shop.later (id serial)");
        assertThat(TestDatabase.query(app, "SELECT count(*) FROM shop.later")).containsExactly("0");
        assertThat(migrator.run(dataSource).permissions().repaired()).isEmpty();
        // spotless:off
        PermissionVerification verification = migrator.verify(dataSource);
        // spotless:on
        assertThat(verification.unusable()).isEmpty();
    }

    @Test
    void severalRolesAndSchemas() {
        // spotless:off
        PermissionPolicy policy = readWrite("orders_app", "orders", "billing").and(readOnly("reporting", "orders"));
        Migrator migrator = AutoMigrator.configure()
                .scripts("classpath:db/revisions")
                .permissions(policy)
                .build();
        // spotless:on
        assertThat(migrator.permissionScript()).contains("TO \"reporting\"");
        assertThat(policy.entitlements()).hasSize(3);
    }

    @Test
    void thePoolGetsItsConnectionBackAsItCame() {
        HikariConfig settings = new HikariConfig();
        settings.setDataSource(database.as("orders_migrator", "change me"));
        settings.setMaximumPoolSize(1);
        try (HikariDataSource pool = new HikariDataSource(settings)) {
            migrator("orders_owner").run(pool);
            assertThat(TestDatabase.query(pool, "SELECT current_user")).containsExactly("orders_migrator");
        }
    }

    @Test
    void anOwnerThatTheMigratorIsNotAMemberOf() {
        Roles.make("perm_stranger");
        BootReport report = migrator("orders_owner").run(database.as("perm_stranger", Roles.PASSWORD));
        assertObstacle(report, "permission denied to set role");
        report = migrator("nobody at all").run(database.as("orders_migrator", "change me"));
        assertObstacle(report, "does not exist");
    }

    @Test
    void theVersionTableIsTakenBackFromDefaultPrivileges() {
        database.execute(
                "CREATE SCHEMA shop AUTHORIZATION orders_owner",
                "SET ROLE orders_owner",
                "ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO orders_user",
                "CREATE TABLE shop.alembic_version (version_num varchar(32) NOT NULL)",
                "INSERT INTO shop.alembic_version VALUES ('a')");
        AutoMigrator.configure()
                .scripts("classpath:db/shop")
                .ownerRole("orders_owner")
                .versionTableSchema("shop")
                .permissions(readWrite("orders_user", "shop"))
                .run(database.as("orders_migrator", "change me"));
        assertThat(database.query("SELECT has_table_privilege('orders_user', 'shop.alembic_version', p)"
                        + " FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p"))
                .containsExactly("t", "f", "f", "f");
    }

    private static Migrator migrator(String owner) {
        return AutoMigrator.configure()
                .scripts("classpath:db/shop")
                .ownerRole(owner)
                .permissions(readWrite("orders_user", "shop"))
                .whenUnversioned(upgradeFromBase())
                .build();
    }

    private static void assertObstacle(BootReport report, String detail) {
        assertThat(report.outcome()).isInstanceOfSatisfying(Outcome.Inaccessible.class, inaccessible -> {
            assertThat(inaccessible.reason()).isEqualTo(Obstacle.OWNER_ROLE);
            assertThat(inaccessible.detail()).contains(detail);
        });
    }

    private static String onlyOnce(String statement) {
        return "DO $$ BEGIN " + statement + "; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
    }
}
