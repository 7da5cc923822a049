package org.keops.automigrate.permissions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keops.automigrate.model.PermissionPolicy.keops;
import static org.keops.automigrate.model.PermissionPolicy.readWrite;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.DefaultPrivileges;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.MigratingRole;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** In which scenarios permissions are touched at all. */
@ParameterizedClass
@EnumSource(MigratingRole.class)
class WhenToRepairTest {
    @TempDir
    Path directory;

    private final MigratingRole migrating;
    private TestDatabase database;

    WhenToRepairTest(MigratingRole migrating) {
        this.migrating = migrating;
    }

    @BeforeAll
    static void roles() {
        Roles.make("when_app");
    }

    @BeforeEach
    void prepare() {
        database = migrating.database();
        migrating.execute(database, "CREATE SCHEMA s", "CREATE TABLE s.t (id serial)");
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void aStampLeavesThemAlone() {
        assertThat(run(readWrite("when_app", "s"), "SELECT 1;").scenario()).isEqualTo(Scenario.UNVERSIONED);
        assertThat(mayRead()).isFalse();
    }

    @Test
    void unlessThePolicySaysOtherwise() {
        BootReport report = run(readWrite("when_app", "s").evenAfterStamp(), "SELECT 1;");
        assertThat(report.scenario()).isEqualTo(Scenario.UNVERSIONED);
        assertThat(report.permissions().repaired()).isNotEmpty();
        assertThat(mayRead()).isTrue();
    }

    @Test
    void aDatabaseThatIsAheadIsNotTouched() {
        recorded("from_the_future");
        List<String> before = CatalogRows.of(database);
        assertThat(run(readWrite("when_app", "s"), "SELECT 1;").scenario()).isEqualTo(Scenario.AHEAD);
        assertThat(CatalogRows.of(database)).isEqualTo(before);
    }

    @Test
    void aFailedUpgradeLeavesThemAsTheyWere() {
        recorded("a");
        new Scripts(directory).add("b", "a", "GRANT SELECT ON s.t TO when_app;\nSELECT nosuch;");
        List<String> before = CatalogRows.accessLists(database);
        assertThat(run(readWrite("when_app", "s"), "SELECT 1;").scenario()).isEqualTo(Scenario.FAILED);
        assertThat(CatalogRows.accessLists(database)).isEqualTo(before);
    }

    /** What a role without the right to grant can not repair is told every time, and costs neither lock nor row. */
    @Test
    void whatCanNotBeRepairedWritesNothing() {
        Roles.make("perm_stranger");
        recorded("a");
        database.execute("GRANT SELECT ON alembic_version TO perm_stranger");
        List<String> before = CatalogRows.of(database);
        new Scripts(directory).add("a", "", "SELECT 1;");
        BootReport report = AutoMigrator.configure()
                .scripts(directory.toString())
                .permissions(readWrite("when_app", "s").withDefaultPrivileges(DefaultPrivileges.NONE))
                .run(database.as("perm_stranger", Roles.PASSWORD));
        assertThat(report.scenario()).isEqualTo(Scenario.AT_HEAD);
        assertThat(report.permissions().repaired()).isEmpty();
        assertThat(report.permissions().findings())
                .anySatisfy(finding -> assertThat(finding)
                        .contains("let " + migrating.quoted()
                                + " run: GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE \"s\".\"t\""));
        assertThat(CatalogRows.of(database)).isEqualTo(before);
    }

    /** KEOPS's policy grants to the letter, but nobody is told to grant by hand what the role can use already. */
    @Test
    void whatTheRoleHasThroughOthersIsNoFindingForWhoMayNotGrant() {
        Roles.make("perm_stranger");
        recorded("a");
        database.execute(
                "GRANT SELECT ON alembic_version TO perm_stranger",
                "GRANT USAGE ON SCHEMA s TO PUBLIC",
                "GRANT ALL ON ALL TABLES IN SCHEMA s TO PUBLIC",
                "GRANT ALL ON ALL SEQUENCES IN SCHEMA s TO PUBLIC",
                "GRANT CONNECT ON DATABASE " + database.name() + " TO PUBLIC");
        new Scripts(directory).add("a", "", "SELECT 1;");
        BootReport report = AutoMigrator.configure()
                .scripts(directory.toString())
                .permissions(new PermissionPolicy(keops("when_app", "s").entitlements(), false, false))
                .run(database.as("perm_stranger", Roles.PASSWORD));
        // its own default privileges on sequences are its own business
        assertThat(report.permissions().repaired())
                .hasSize(1)
                .first()
                .asString()
                .startsWith("ALTER DEFAULT PRIVILEGES");
        assertThat(report.permissions().findings()).isEmpty();
    }

    private BootReport run(PermissionPolicy policy, String body) {
        new Scripts(directory).add("a", "", body);
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .permissions(policy)
                .run(migrating.of(database));
    }

    private void recorded(String revision) {
        migrating.execute(
                database,
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)",
                "INSERT INTO alembic_version VALUES ('" + revision + "')");
    }

    private boolean mayRead() {
        return database.query("SELECT has_table_privilege('when_app', 's.t', 'SELECT')")
                .equals(List.of("t"));
    }
}
