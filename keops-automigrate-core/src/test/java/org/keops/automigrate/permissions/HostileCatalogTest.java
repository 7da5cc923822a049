package org.keops.automigrate.permissions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.keops.automigrate.model.PermissionPolicy.keops;
import static org.keops.automigrate.model.PermissionPolicy.readOnly;
import static org.keops.automigrate.model.PermissionPolicy.readWrite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.Privilege;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** Owners without rights, rights without owners, and what lies behind a table. */
class HostileCatalogTest {
    @TempDir
    Path directory;

    private TestDatabase database;

    @BeforeAll
    static void roles() {
        Roles.make("hostile_app", "hostile_owner", "hostile_other", "hostile_migrator");
        Roles.grant("hostile_owner", "hostile_migrator");
    }

    @BeforeEach
    void prepare() {
        database = PostgresServer.shared().database();
        database.execute(
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)",
                "INSERT INTO alembic_version VALUES ('a')",
                "GRANT SELECT ON alembic_version TO PUBLIC",
                "CREATE SCHEMA s AUTHORIZATION hostile_owner",
                "CREATE SCHEMA other");
    }

    @AfterEach
    void drop() {
        database.close();
    }

    /** A member of the owner that may grant all of it by a right of its own grants as itself. */
    @Test
    void whatTheMigratingRoleGrantsByItsOwnRightIsNotGrantedAgain() {
        database.execute(
                "ALTER DATABASE " + database.name() + " OWNER TO hostile_owner",
                "GRANT CONNECT ON DATABASE " + database.name() + " TO hostile_migrator WITH GRANT OPTION",
                "GRANT USAGE ON SCHEMA s TO hostile_migrator WITH GRANT OPTION",
                "SET ROLE hostile_owner",
                "CREATE TABLE s.t (a serial)",
                "GRANT ALL ON s.t, s.t_a_seq TO hostile_migrator WITH GRANT OPTION");
        Migrator migrator = migrator(keops("hostile_app", "s"));
        BootReport report = migrator.run(asMigrator());
        assertThat(report.permissions().repaired()).hasSize(5);
        // a REVOKE would take back what the migrating role has granted by its own right: nothing
        assertThat(report.permissions().findings())
                .containsExactly("permission is too much, this role may not revoke it; let \"hostile_owner\" run:"
                        + " REVOKE CONNECT ON DATABASE \"" + database.name() + "\" FROM PUBLIC");
        assertThat(database.query("SELECT relacl::text FROM pg_class WHERE oid = 's.t'::regclass"))
                .allMatch(list -> list.contains("hostile_app=arwd") && list.contains("/hostile_migrator"));
        List<String> before = CatalogRows.of(database);
        assertThat(migrator.run(asMigrator()).permissions().repaired()).isEmpty();
        assertThat(CatalogRows.of(database)).isEqualTo(before);
        asApp("INSERT INTO s.t DEFAULT VALUES");
    }

    /** Nobody can name a routine with an argument whose type lies where he may not look. */
    @Test
    void aRoutineThatCanNotBeNamedKeepsNoOtherFromBeingGranted() {
        database.execute(
                "CREATE TYPE other.e AS ENUM ('a')",
                "CREATE FUNCTION s.hidden(other.e) RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE FUNCTION s.g() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA s FROM PUBLIC",
                "ALTER FUNCTION s.hidden OWNER TO hostile_owner",
                "ALTER FUNCTION s.f OWNER TO hostile_owner",
                "ALTER FUNCTION s.g OWNER TO hostile_owner");
        Migrator migrator = migrator(readWrite("hostile_app", "s"));
        BootReport report = migrator.run(asMigrator());
        asApp("SELECT s.f(), s.g()");
        assertThat(report.permissions().findings())
                .singleElement()
                .asString()
                .contains("permission denied for schema other")
                .endsWith("tried: GRANT EXECUTE ON ROUTINE s.hidden(other.e) TO \"hostile_app\"");
        List<String> before = CatalogRows.of(database);
        assertThat(migrator.run(asMigrator()).permissions().findings())
                .isEqualTo(report.permissions().findings());
        assertThat(CatalogRows.of(database)).isEqualTo(before);
    }

    /** The server warns of what may not be granted, and refuses where there is no right at all. */
    @Test
    void theScriptGoesOnWhereThereIsNoRightAtAll() {
        database.execute(
                "CREATE TABLE other.alembic_version ()",
                "CREATE TABLE other.t (a serial)",
                "SET ROLE hostile_owner",
                "CREATE TABLE s.t (a serial)");
        Migrator migrator = migrator(readWrite("hostile_app", "other", "s"));
        execute(asMigrator(), migrator.permissionScript());
        asApp("INSERT INTO s.t DEFAULT VALUES");
        assertThat(migrator.run(asMigrator()).permissions().repaired()).isEmpty();
    }

    /** Servers before 17 do not know all of it. */
    @Test
    void theScriptNamesNoPrivilegeThatTheServerDoesNotKnow() {
        database.execute("CREATE TABLE s.t (a serial)", "CREATE MATERIALIZED VIEW s.m AS SELECT 1 AS one");
        Migrator migrator =
                migrator(readOnly("hostile_app", "s").allowing(ObjectKind.TABLE, Privilege.SELECT, Privilege.MAINTAIN));
        execute(database.superuser(), migrator.permissionScript());
        BootReport report = migrator.run(database.superuser());
        assertThat(report.permissions().repaired()).isEmpty();
        assertThat(report.permissions().findings()).isEmpty();
        asApp("TABLE s.m");
    }

    /** The server looks a foreign key up as the owner of the other table; nothing is planned before a row comes. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            REVOKE USAGE ON SCHEMA s FROM hostile_other | INSERT INTO s.c VALUES (1) | looked up in s.p as its owner
            REVOKE ALL ON s.p FROM hostile_other | INSERT INTO s.c VALUES (1) | looked up in s.p as its owner
            REVOKE UPDATE ON s.p FROM hostile_other | INSERT INTO s.c VALUES (1) | looked up in s.p as its owner
            REVOKE DELETE ON s.c FROM hostile_owner | DELETE FROM s.p | followed in s.c as its owner
            """)
    void verifyFollowsForeignKeys(String revoked, String use, String found) {
        database.execute(
                "GRANT USAGE ON SCHEMA s TO hostile_other",
                "CREATE TABLE s.p (a int PRIMARY KEY)",
                "CREATE TABLE s.c (a int REFERENCES s.p ON DELETE CASCADE)",
                "INSERT INTO s.p VALUES (1)",
                "ALTER TABLE s.p OWNER TO hostile_other",
                "ALTER TABLE s.c OWNER TO hostile_owner");
        Migrator migrator = migrator(readWrite("hostile_app", "s"));
        migrator.run(database.superuser());
        assertThat(migrator.verify(database.superuser())).hasToString("0 of 4 objects unusable");
        database.execute(revoked);
        assertThatThrownBy(() -> asApp(use)).hasMessageContaining("permission denied");
        assertThat(migrator.verify(database.superuser()).unusable())
                .singleElement()
                .asString()
                .contains(found);
        // whoever only reads does not come by there
        assertThat(migrator(readOnly("hostile_app", "s"))
                        .verify(database.superuser())
                        .unusable())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            CREATE TABLE s.t (a int) PARTITION BY RANGE (other.f(a)); CREATE TABLE s.d PARTITION OF s.t DEFAULT
            CREATE TABLE s.t (a int); CREATE TRIGGER t BEFORE INSERT OR UPDATE ON s.t FOR EACH ROW WHEN (other.f(new.a) > 0) EXECUTE FUNCTION other.t()
            """)
    void verifyFindsAFunctionBehindPartitionsAndTriggers(String table) {
        database.execute(
                "CREATE FUNCTION other.f(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
                "CREATE FUNCTION other.t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                "REVOKE ALL ON FUNCTION other.f, other.t FROM PUBLIC",
                table);
        Migrator migrator = migrator(readWrite("hostile_app", "s"));
        migrator.run(database.superuser());
        assertThatThrownBy(() -> asApp("INSERT INTO s.t VALUES (1)")).hasMessageContaining("permission denied");
        assertThat(migrator.verify(database.superuser()).unusable())
                .singleElement()
                .asString()
                .contains("other.f(integer) behind");
        database.execute("GRANT EXECUTE ON FUNCTION other.f TO hostile_app");
        assertThat(migrator.verify(database.superuser()).unusable()).isEmpty();
        asApp("INSERT INTO s.t VALUES (1)");
    }

    @Test
    void verifyFindsAFunctionThatOnlyAnUpdateMeets() {
        database.execute(
                "CREATE FUNCTION other.f(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
                "REVOKE ALL ON FUNCTION other.f FROM PUBLIC",
                "CREATE TABLE s.t (a int CHECK (other.f(a) > 0))",
                "INSERT INTO s.t VALUES (1)");
        Migrator migrator =
                migrator(readOnly("hostile_app", "s").allowing(ObjectKind.TABLE, Privilege.SELECT, Privilege.UPDATE));
        migrator.run(database.superuser());
        assertThatThrownBy(() -> asApp("UPDATE s.t SET a = 2")).hasMessageContaining("permission denied");
        assertThat(migrator.verify(database.superuser()).unusable()).hasSize(1);
    }

    @Test
    void aRevokeThatWouldDoNothingIsLeftToTheOwner() {
        database.execute(
                "CREATE TABLE s.alembic_version AS TABLE alembic_version",
                "ALTER TABLE s.alembic_version OWNER TO hostile_owner",
                "GRANT INSERT ON s.alembic_version TO hostile_migrator WITH GRANT OPTION",
                "GRANT INSERT ON s.alembic_version TO hostile_app");
        Migrator migrator = migrator(readWrite("hostile_app", "s"));
        assertThat(migrator.run(asMigrator()).permissions().findings())
                .contains("permission is too much, this role may not revoke it; let \"hostile_owner\" run:"
                        + " REVOKE INSERT ON TABLE \"s\".\"alembic_version\" FROM \"hostile_app\"");
        List<String> before = CatalogRows.of(database);
        assertThat(migrator.run(asMigrator()).permissions().repaired()).isEmpty();
        assertThat(CatalogRows.of(database)).isEqualTo(before);
    }

    /** Nobody is told to take away what he writes the version with. */
    @Test
    void anApplicationThatMigratesByAGrantKeepsTheVersionTable() {
        database.execute(
                "GRANT ALL ON alembic_version TO hostile_app", "GRANT USAGE, CREATE ON SCHEMA public TO hostile_app");
        Migrator migrator = migrator(readWrite("hostile_app", "public"));
        DataSource app = database.as("hostile_app", Roles.PASSWORD);
        assertThat(migrator.run(app).permissions().findings()).isEmpty();
        assertThat(migrator.run(database.superuser()).permissions().repaired())
                .contains(
                        "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON TABLE \"public\".\"alembic_version\" FROM \"hostile_app\"");
    }

    private DataSource asMigrator() {
        return database.as("hostile_migrator", Roles.PASSWORD);
    }

    private void asApp(String sql) {
        execute(database.as("hostile_app", Roles.PASSWORD), sql);
    }

    private static void execute(DataSource dataSource, String sql) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        } catch (SQLException e) {
            throw new AssertionError(sql + ": " + e.getMessage(), e);
        }
    }

    private Migrator migrator(PermissionPolicy policy) {
        new Scripts(directory).add("a", "", "SELECT 1;");
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .permissions(policy)
                .build();
    }
}
