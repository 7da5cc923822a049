package org.keops.automigrate.permissions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.keops.automigrate.model.PermissionPolicy.readOnly;
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
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.PermissionVerification;
import org.keops.automigrate.testing.MigratingRole;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** Acting as the application's role finds what no list of grants shows. */
@ParameterizedClass
@EnumSource(MigratingRole.class)
class VerifyTest {
    private static final String APP = "Verify \"app";

    @TempDir
    Path directory;

    private final MigratingRole migrating;
    private TestDatabase database;

    VerifyTest(MigratingRole migrating) {
        this.migrating = migrating;
    }

    @BeforeAll
    static void roles() {
        Roles.make(APP, "perm_owner", "perm_stranger");
    }

    @BeforeEach
    void prepare() {
        database = migrating.database(APP);
        new Scripts(directory).add("a", "", "SELECT 1;");
        migrating.execute(
                database,
                "CREATE SCHEMA s",
                "CREATE SCHEMA other",
                "CREATE TABLE s.alembic_version (version_num varchar(32) NOT NULL)",
                "INSERT INTO s.alembic_version VALUES ('a')",
                "CREATE TABLE s.t (id int GENERATED ALWAYS AS IDENTITY, g int GENERATED ALWAYS AS (1) STORED)",
                "CREATE TABLE s.empty ()",
                "CREATE VIEW s.updatable AS SELECT id FROM s.t",
                "CREATE VIEW s.fixed AS SELECT count(*) FROM s.t",
                "CREATE MATERIALIZED VIEW s.m AS SELECT 1 AS one",
                "CREATE SEQUENCE s.q",
                "CREATE FUNCTION s.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE DOMAIN s.d AS int");
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void everythingUsable() {
        Migrator migrator = migrator(readWrite(APP, "s"));
        migrator.run(migrating.of(database));
        List<String> before = CatalogRows.of(database);
        PermissionVerification verification = migrator.verify(migrating.of(database));
        assertThat(verification).hasToString("0 of 11 objects unusable");
        assertThat(verification.isProven()).isTrue();
        assertThat(CatalogRows.of(database)).isEqualTo(before);
        assertThat(database.query("SELECT count(*) FROM s.t")).containsExactly("0");
    }

    @Test
    void nothingGrantedYet() {
        PermissionVerification verification = migrator(readWrite(APP, "s")).verify(migrating.of(database));
        assertThat(verification.isProven()).isFalse();
        assertThat(verification.unusable())
                .anySatisfy(line -> assertThat(line).startsWith("table \"s\".\"t\" by \"Verify \"\"app\""))
                .anySatisfy(line -> assertThat(line).startsWith("sequence \"s\".\"q\""));
        assertThat(verification.findings())
                .anySatisfy(line -> assertThat(line).contains("the next repair will run: GRANT"));
    }

    @Test
    void aViewOverATableThatItsOwnerMayNotRead() {
        migrating.execute(
                database, "CREATE TABLE other.secret (id int)", "CREATE VIEW s.blind AS SELECT * FROM other.secret");
        database.execute("ALTER VIEW s.blind OWNER TO perm_owner");
        if (migrating == MigratingRole.SUPERUSER) {
            assertUnusable("view \"s\".\"blind\"", "permission denied for");
        } else {
            // the view itself is not granted, and whose it is can be read
            BootReport report = assertUnusable("view \"s\".\"blind\"", "permission denied");
            assertThat(report.permissions().findings())
                    .containsExactly("permission still lacks, this role may not grant it; let \"perm_owner\" run:"
                            + " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE \"s\".\"blind\" TO \"Verify \"\"app\"");
        }
    }

    @Test
    void aViewThatAsksTheInvoker() {
        assumeTrue(version() >= 15, "security_invoker came with 15");
        migrating.execute(
                database,
                "CREATE TABLE other.base (id int)",
                "CREATE VIEW s.invoker WITH (security_invoker) AS SELECT * FROM other.base");
        assertUnusable("view \"s\".\"invoker\"", "permission denied for");
    }

    @Test
    void aSequenceElsewhereBehindADefault() {
        migrating.execute(
                database, "CREATE SEQUENCE other.ids", "CREATE TABLE s.u (id int DEFAULT nextval('other.ids'))");
        assertUnusable("other.ids behind a default of s.u", "permission denied");
    }

    @Test
    void aFunctionElsewhereBehindADefault() {
        migrating.execute(
                database,
                "CREATE FUNCTION other.made() RETURNS int VOLATILE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
                "REVOKE ALL ON FUNCTION other.made() FROM PUBLIC",
                "GRANT USAGE ON SCHEMA other TO \"Verify \"\"app\"",
                "CREATE TABLE s.u (id int DEFAULT other.made())");
        assertUnusable("table \"s\".\"u\"", "permission denied for function made");
    }

    @Test
    void aFunctionThatPublicMayNotCallIsGranted() {
        migrating.execute(
                database, "REVOKE ALL ON FUNCTION s.f(int) FROM PUBLIC", "REVOKE ALL ON TYPE s.d FROM PUBLIC");
        Migrator migrator = migrator(readWrite(APP, "s"));
        assertThat(migrator.verify(migrating.of(database)).unusable())
                .anySatisfy(line -> assertThat(line).startsWith("routine s.f(integer)"))
                .anySatisfy(line -> assertThat(line).startsWith("type \"s\".\"d\""));
        migrator.run(migrating.of(database));
        assertThat(migrator.verify(migrating.of(database)).unusable()).isEmpty();
    }

    @Test
    void whoMayNotActAsTheRoleAsksTheCatalog() {
        Migrator migrator = migrator(readOnly(APP, "s").allowing(ObjectKind.ROUTINE));
        migrator.run(migrating.of(database));
        PermissionVerification verification = migrator.verify(database.as("perm_stranger", Roles.PASSWORD));
        assertThat(verification.findings()).anySatisfy(line -> assertThat(line).startsWith("could not act as"));
        assertThat(verification.unusable()).isEmpty();
        assertThat(verification.objects()).isPositive();
    }

    @Test
    void aSchemaThatDoesNotExistProvesNothing() {
        PermissionVerification verification = migrator(readWrite(APP, "nosuch")).verify(migrating.of(database));
        assertThat(verification.isProven()).isFalse();
        assertThat(verification.unusable()).anyMatch(finding -> finding.contains("there is no schema \"nosuch\""));
    }

    @Test
    void aRoleThatDoesNotExistProvesNothing() {
        PermissionVerification verification =
                migrator(readWrite("nobody_here", "s")).verify(migrating.of(database));
        assertThat(verification.isProven()).isFalse();
        assertThat(verification.unusable()).anyMatch(finding -> finding.contains("there is no role \"nobody_here\""));
    }

    @Test
    void aDatabaseThatDoesNotAnswerProvesNothing() {
        var nobody = migrating.of(database);
        nobody.setPortNumbers(new int[] {1});
        PermissionVerification verification = migrator(readWrite(APP, "s")).verify(nobody);
        assertThat(verification.isProven()).isFalse();
        assertThat(verification.findings()).hasSize(1);
    }

    private BootReport assertUnusable(String object, String why) {
        Migrator migrator = migrator(readWrite(APP, "s"));
        BootReport report = migrator.run(migrating.of(database));
        assertThat(migrator.verify(migrating.of(database)).unusable())
                .hasSize(1)
                .first()
                .asString()
                .contains(object)
                .contains(why);
        return report;
    }

    private Migrator migrator(PermissionPolicy policy) {
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .versionTableSchema("s")
                .permissions(policy)
                .build();
    }

    private int version() {
        return Integer.parseInt(database.query("SHOW server_version_num").get(0)) / 10_000;
    }
}
