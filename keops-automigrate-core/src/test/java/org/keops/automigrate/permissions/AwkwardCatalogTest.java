package org.keops.automigrate.permissions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keops.automigrate.model.PermissionPolicy.keops;
import static org.keops.automigrate.model.PermissionPolicy.readWrite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.testing.MigratingRole;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** What others have granted, revoked, owned and named in ways that a repair has to live with. */
class AwkwardCatalogTest {
    private static final String LONG = "We\"ird '$ {é} " + "x".repeat(48);

    @TempDir
    Path directory;

    private TestDatabase database;

    @BeforeAll
    static void roles() {
        Roles.make("awk_app", "awk_owner", "awk_migrator", "awk_granter", LONG);
        MigratingRole.OWNER.make();
        Roles.grant("awk_owner", "awk_migrator");
        PostgresServer.shared().execute("postgres", "ALTER ROLE awk_migrator NOINHERIT");
        if (version() >= 16) {
            PostgresServer.shared().execute("postgres", "GRANT awk_owner TO awk_migrator WITH INHERIT FALSE");
        }
    }

    @BeforeEach
    void prepare() {
        database = PostgresServer.shared().database();
        database.execute(
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)",
                "INSERT INTO alembic_version VALUES ('a')",
                "CREATE SCHEMA s");
    }

    @AfterEach
    void drop() {
        database.close();
    }

    /** A REVOKE takes back what the owner granted; run again, it would write the row again at every boot. */
    @ParameterizedTest
    @EnumSource(MigratingRole.class)
    void connectThatAnotherRoleGrantedToPublicIsAFinding(MigratingRole migrating) {
        belongsTo(migrating);
        database.execute(
                "GRANT CONNECT ON DATABASE " + database.name() + " TO awk_granter WITH GRANT OPTION",
                "SET ROLE awk_granter",
                "GRANT CONNECT ON DATABASE " + database.name() + " TO PUBLIC",
                "RESET ROLE");
        Migrator migrator = migrator(keops("awk_app", "s"));
        migrator.run(migrating.of(database));
        assertThat(nothingIsWrittenAgain(migrator, migrating).permissions().findings())
                .anySatisfy(finding -> assertThat(finding).contains("\"awk_granter\" run: REVOKE CONNECT"));
    }

    @ParameterizedTest
    @EnumSource(MigratingRole.class)
    void writingTheVersionTableThatAnotherRoleGrantedIsAFinding(MigratingRole migrating) {
        belongsTo(migrating);
        migrating.execute(database, "CREATE TABLE s.alembic_version AS TABLE public.alembic_version");
        database.execute(
                "GRANT USAGE ON SCHEMA s TO awk_granter",
                "GRANT INSERT ON s.alembic_version TO awk_granter WITH GRANT OPTION",
                "GRANT UPDATE ON s.alembic_version TO awk_app",
                "SET ROLE awk_granter",
                "GRANT INSERT ON s.alembic_version TO awk_app",
                "RESET ROLE");
        Migrator migrator = migrator(readWrite("awk_app", "s"));
        assertThat(migrator.run(migrating.of(database)).permissions().repaired())
                .contains("REVOKE UPDATE ON TABLE \"s\".\"alembic_version\" FROM \"awk_app\"");
        assertThat(nothingIsWrittenAgain(migrator, migrating).permissions().findings())
                .anySatisfy(finding -> assertThat(finding).contains("\"awk_granter\" run: REVOKE INSERT"));
    }

    /** It acts as the owner, yet it logs in as itself. */
    @Test
    void theMigratingRoleDoesNotLockItselfOut() {
        database.execute(
                "ALTER DATABASE " + database.name() + " OWNER TO awk_owner",
                "ALTER SCHEMA s OWNER TO awk_owner",
                "ALTER TABLE alembic_version OWNER TO awk_owner");
        Migrator migrator = configure(readWrite("awk_app", "s").revokingConnectFromPublic())
                .ownerRole("awk_owner")
                .build();
        var dataSource = database.as("awk_migrator", Roles.PASSWORD);
        BootReport first = migrator.run(dataSource);
        assertThat(first.permissions().repaired()).anyMatch(sql -> sql.startsWith("REVOKE CONNECT"));
        List<String> before = CatalogRows.of(database);
        assertThat(migrator.run(dataSource).scenario()).isEqualTo(Scenario.AT_HEAD);
        assertThat(CatalogRows.of(database)).isEqualTo(before);
    }

    /** Whoever may not speak for the application's role can run KEOPS's script all the same. */
    @Test
    void theScriptRunsAsARoleThatIsNoMemberOfTheApplications() {
        database.execute(
                "ALTER DATABASE " + database.name() + " OWNER TO awk_owner",
                "ALTER SCHEMA s OWNER TO awk_owner",
                "ALTER TABLE alembic_version OWNER TO awk_owner",
                "SET ROLE awk_owner",
                "CREATE TABLE s.t (a serial)",
                "RESET ROLE");
        Migrator migrator = migrator(keops("awk_app", "s"));
        inPath(database.as("awk_owner", Roles.PASSWORD), "SELECT 1", migrator.permissionScript());
        asApp("INSERT INTO s.t DEFAULT VALUES");
        List<String> before = CatalogRows.of(database);
        assertThat(migrator.run(database.as("awk_owner", Roles.PASSWORD))
                        .permissions()
                        .repaired())
                .isEmpty();
        assertThat(CatalogRows.of(database)).isEqualTo(before);
    }

    /** On 16 and later whoever made the application's role is a member of it, and inherits nothing. */
    @Test
    void aMemberThatDoesNotInherit() {
        Roles.make("awk_maker");
        Roles.grant("awk_app", "awk_maker");
        PostgresServer.shared().execute("postgres", "ALTER ROLE awk_maker NOINHERIT");
        if (version() >= 16) {
            PostgresServer.shared().execute("postgres", "GRANT awk_app TO awk_maker WITH INHERIT FALSE");
        }
        database.execute(
                "ALTER DATABASE " + database.name() + " OWNER TO awk_maker",
                "ALTER SCHEMA s OWNER TO awk_maker",
                "ALTER TABLE alembic_version OWNER TO awk_maker",
                "SET ROLE awk_maker",
                "CREATE TABLE s.t (a serial)",
                "RESET ROLE");
        Migrator migrator = migrator(keops("awk_app", "s"));
        DataSource maker = database.as("awk_maker", Roles.PASSWORD);
        assertThat(migrator.run(maker).permissions().findings()).isEmpty();
        List<String> before = CatalogRows.of(database);
        assertThat(migrator.run(maker).permissions().repaired()).isEmpty();
        inPath(maker, "SELECT 1", migrator.permissionScript());
        assertThat(CatalogRows.of(database)).isNotEqualTo(before);
        asApp("INSERT INTO s.t DEFAULT VALUES");
    }

    @Test
    void whatTheUpgradeItselfMakes() {
        String role = database.name() + "_r";
        new Scripts(directory)
                .add(
                        "b",
                        "a",
                        "CREATE ROLE " + role + " LOGIN PASSWORD '" + Roles.PASSWORD + "';\n"
                                + "CREATE SCHEMA made;\nCREATE TABLE made.t (a serial);");
        try {
            Migrator migrator = migrator(keops(role, "made"));
            BootReport report = migrator.run(database.superuser());
            assertThat(report.scenario()).isEqualTo(Scenario.BEHIND);
            assertThat(report.permissions().findings()).isEmpty();
            inPath(database.as(role, Roles.PASSWORD), "SELECT 1", "INSERT INTO made.t DEFAULT VALUES");
            nothingIsWrittenAgain(migrator, MigratingRole.SUPERUSER);
        } finally {
            database.execute("DROP OWNED BY " + role, "DROP ROLE " + role);
        }
    }

    /** Until 16 they have access lists of their own, which default privileges write. */
    @Test
    void aMultirangeThatPublicMayNotUse() {
        if (version() < 14) {
            return;
        }
        database.execute(
                "GRANT USAGE, CREATE ON SCHEMA s TO awk_owner",
                "ALTER DEFAULT PRIVILEGES FOR ROLE awk_owner REVOKE ALL ON TYPES FROM PUBLIC",
                "ALTER DEFAULT PRIVILEGES FOR ROLE awk_owner REVOKE ALL ON ROUTINES FROM PUBLIC",
                "SET ROLE awk_owner",
                "CREATE TYPE s.r AS RANGE (SUBTYPE = int, MULTIRANGE_TYPE_NAME = s.\"m R\")",
                "RESET ROLE");
        Migrator migrator = migrator(readWrite("awk_app", "s"));
        migrator.run(database.superuser());
        nothingIsWrittenAgain(migrator, MigratingRole.SUPERUSER);
        assertThat(migrator.verify(database.superuser()).unusable()).isEmpty();
        asApp("CREATE TEMP TABLE t (a s.r, b s.\"m R\", c s.r[], d s.\"m R\"[])");
    }

    /** Nobody checks what a constraint, an index or a generated column calls before a row comes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE s.t (a int CHECK (other.f(a) > 0))",
                "CREATE TABLE s.t (a int, b int GENERATED ALWAYS AS (other.f(a)) STORED)",
                "CREATE TABLE s.t (a int); CREATE INDEX ON s.t (other.f(a))",
                "CREATE TABLE s.t (a int); CREATE INDEX ON s.t (a) WHERE other.f(a) > 0",
                "CREATE TABLE s.t (a int DEFAULT other.f(1))",
                "CREATE DOMAIN s.d AS int CHECK (other.f(VALUE) > 0); CREATE TABLE s.t (a s.d)"
            })
    void verifyFindsAFunctionBehindATable(String table) {
        database.execute(
                "CREATE SCHEMA other",
                "CREATE FUNCTION other.f(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
                "REVOKE ALL ON FUNCTION other.f FROM PUBLIC",
                table);
        Migrator migrator = migrator(readWrite("awk_app", "s"));
        migrator.run(database.superuser());
        String denied = TestDatabase.query(
                        database.superuser(), "SELECT has_function_privilege('awk_app', 'other.f(int)', 'EXECUTE')")
                .get(0);
        assertThat(denied).isEqualTo("f");
        assertThat(migrator.verify(database.superuser()).unusable()).anyMatch(line -> line.contains("f"));
        database.execute("GRANT EXECUTE ON FUNCTION other.f TO awk_app", "GRANT USAGE ON SCHEMA other TO awk_app");
        assertThat(migrator.verify(database.superuser()).unusable()).isEmpty();
        asApp("INSERT INTO s.t (a) VALUES (1)");
    }

    /** Everything else that was thought of, in a database, a schema and a role whose names are as long as can be. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyKindUnderLongNames(boolean like) {
        String name = "Da\"ta 'b' ü " + "y".repeat(50);
        String q = SqlNames.identifier(LONG);
        PostgresServer server = PostgresServer.shared();
        server.execute(
                "postgres",
                "DROP DATABASE IF EXISTS " + SqlNames.identifier(name),
                "CREATE DATABASE " + SqlNames.identifier(name));
        TestDatabase odd = new TestDatabase(server, name);
        List<String> sql = new ArrayList<>(List.of(
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)",
                "INSERT INTO alembic_version VALUES ('a')",
                "CREATE SCHEMA " + q,
                "SET search_path TO " + q,
                "CREATE EXTENSION hstore",
                "CREATE TABLE cols (a int, b text); GRANT SELECT (a, b), INSERT (a, b), UPDATE (a, b) ON cols TO " + q,
                "CREATE TABLE par (a int) PARTITION BY LIST (a); CREATE TABLE ch PARTITION OF par DEFAULT",
                "GRANT ALL ON ch TO " + q,
                "CREATE TABLE par2 (a int) PARTITION BY LIST (a); CREATE TABLE ch2 PARTITION OF par2 DEFAULT",
                "GRANT ALL ON par2 TO " + q,
                "CREATE TABLE own (a serial); ALTER TABLE own OWNER TO " + q + "; REVOKE ALL ON own FROM " + q
                        + "; REVOKE ALL ON SEQUENCE own_a_seq FROM " + q,
                "CREATE TABLE base (a int); CREATE VIEW v AS TABLE base; CREATE VIEW v2 AS TABLE v",
                "ALTER TABLE base OWNER TO awk_owner; ALTER VIEW v OWNER TO awk_owner",
                "CREATE PROCEDURE \"p Q\"(INOUT \"x y\" int, VARIADIC \"z\"\"\" text[]) LANGUAGE sql AS 'SELECT 1'",
                "REVOKE ALL ON ALL ROUTINES IN SCHEMA " + q + " FROM PUBLIC",
                "CREATE FUNCTION tab(a int DEFAULT 7) RETURNS TABLE (b int, \"c d\" text) LANGUAGE sql AS 'SELECT 1, ''x'''",
                "REVOKE ALL ON FUNCTION tab FROM PUBLIC",
                "CREATE TYPE hidden AS ENUM ('a'); REVOKE ALL ON TYPE hidden FROM PUBLIC",
                "CREATE DOMAIN dom AS hidden; REVOKE ALL ON DOMAIN dom FROM PUBLIC",
                "CREATE TABLE typed (a dom, b hidden[])",
                "ALTER DEFAULT PRIVILEGES REVOKE ALL ON ROUTINES FROM PUBLIC",
                "ALTER DEFAULT PRIVILEGES IN SCHEMA " + q + " GRANT SELECT ON TABLES TO " + q,
                "CREATE UNLOGGED TABLE un (a int GENERATED ALWAYS AS IDENTITY)"));
        try {
            odd.execute("ALTER DATABASE " + SqlNames.identifier(name) + " SET search_path TO public");
            server.execute(name, sql.toArray(new String[0]));
            Migrator migrator = migrator(readWrite(LONG, LONG).and(like ? keops(LONG, LONG) : PermissionPolicy.none()));
            assertThat(migrator.run(odd.superuser()).permissions().findings()).isEmpty();
            List<String> before = CatalogRows.of(odd);
            assertThat(migrator.run(odd.superuser()).permissions().repaired()).isEmpty();
            assertThat(CatalogRows.of(odd)).isEqualTo(before);
            odd.execute(
                    "CREATE TABLE " + q + ".later (a serial)",
                    "CREATE FUNCTION " + q + ".later_f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
            var app = odd.as(LONG, Roles.PASSWORD);
            for (String use : List.of(
                    "SELECT count(*) FROM cols",
                    "DELETE FROM cols RETURNING 1",
                    "INSERT INTO par VALUES (1) RETURNING 1",
                    "TABLE ch",
                    "TABLE ch2",
                    "INSERT INTO own DEFAULT VALUES RETURNING 1",
                    "TABLE v2",
                    "INSERT INTO v2 VALUES (1) RETURNING 1",
                    "SELECT tab()",
                    "CALL \"p Q\"(1, 'a', 'b')",
                    "SELECT 'a'::hidden::dom",
                    "INSERT INTO typed VALUES ('a', '{a}') RETURNING 1",
                    "SELECT 'a=>1'::hstore -> 'a'",
                    "INSERT INTO un DEFAULT VALUES RETURNING 1",
                    "INSERT INTO later DEFAULT VALUES RETURNING 1",
                    "SELECT later_f()")) {
                String path = "SELECT set_config('search_path', '" + q.replace("'", "''") + "', false); ";
                assertThat(use).satisfies(statement -> inPath(app, path, statement));
            }
            assertThat(migrator.verify(odd.superuser()).unusable()).isEmpty();
        } finally {
            server.execute("postgres", "DROP DATABASE " + SqlNames.identifier(name) + " WITH (FORCE)");
        }
    }

    private static void inPath(DataSource app, String path, String statement) {
        try (Connection connection = app.getConnection();
                Statement run = connection.createStatement()) {
            run.setEscapeProcessing(false);
            run.execute(path);
            run.execute(statement);
        } catch (SQLException e) {
            throw new AssertionError(statement + ": " + e.getMessage(), e);
        }
    }

    private static int version() {
        return Integer.parseInt(
                        TestDatabase.query(PostgresServer.shared().superuser("postgres"), "SHOW server_version_num")
                                .get(0))
                / 10_000;
    }

    private void belongsTo(MigratingRole migrating) {
        database.execute(
                "ALTER SCHEMA s OWNER TO " + migrating.quoted(),
                "ALTER TABLE alembic_version OWNER TO " + migrating.quoted(),
                "ALTER DATABASE " + database.name() + " OWNER TO " + migrating.quoted());
    }

    private BootReport nothingIsWrittenAgain(Migrator migrator, MigratingRole migrating) {
        List<String> before = CatalogRows.of(database);
        BootReport report = migrator.run(migrating.of(database));
        assertThat(report.permissions().repaired()).isEmpty();
        assertThat(CatalogRows.of(database)).isEqualTo(before);
        return report;
    }

    private void asApp(String sql) {
        inPath(database.as("awk_app", Roles.PASSWORD), "SELECT 1", sql);
    }

    private Migrator migrator(PermissionPolicy policy) {
        return configure(policy).build();
    }

    private MigratorBuilder configure(PermissionPolicy policy) {
        new Scripts(directory).add("a", "", "SELECT 1;");
        return AutoMigrator.configure().scripts(directory.toString()).permissions(policy);
    }
}
