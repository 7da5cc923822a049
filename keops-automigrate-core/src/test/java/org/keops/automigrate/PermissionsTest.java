package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.MigratingRole;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** What the application's role can do after a boot, with names that need quoting. */
@ParameterizedClass
@EnumSource(MigratingRole.class)
class PermissionsTest {
    private static final String ROLE = "We\"ird app";
    private static final String SCHEMA = "Od\"d schema";
    private static final String Q_ROLE = "\"We\"\"ird app\"";
    private static final String Q_SCHEMA = "\"Od\"\"d schema\"";
    private static final String PASSWORD = "app";

    @TempDir
    Path directory;

    private final MigratingRole migrating;
    private TestDatabase database;

    PermissionsTest(MigratingRole migrating) {
        this.migrating = migrating;
    }

    @BeforeEach
    void prepare() {
        PostgresServer server = PostgresServer.shared();
        server.execute(
                "postgres",
                "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'We\"ird app') THEN CREATE ROLE "
                        + Q_ROLE + " LOGIN PASSWORD '" + PASSWORD + "'; END IF; END $$");
        server.role("owner", "owner");
        database = migrating.database();
        migrating.execute(
                database,
                "CREATE SCHEMA " + Q_SCHEMA,
                "CREATE TABLE " + Q_SCHEMA + ".\"T 1\" (id serial, at int) PARTITION BY RANGE (at)",
                "CREATE TABLE " + Q_SCHEMA + ".part PARTITION OF " + Q_SCHEMA + ".\"T 1\" FOR VALUES FROM (0) TO (9)",
                "CREATE VIEW " + Q_SCHEMA + ".v AS SELECT 1 AS one",
                "CREATE MATERIALIZED VIEW " + Q_SCHEMA + ".m AS SELECT 1 AS one",
                "CREATE TABLE " + Q_SCHEMA + ".owned (id int GENERATED ALWAYS AS IDENTITY)",
                "CREATE TABLE " + Q_SCHEMA + ".alembic_version (version_num varchar(32) NOT NULL)",
                "INSERT INTO " + Q_SCHEMA + ".alembic_version VALUES ('a')");
        database.execute("ALTER TABLE " + Q_SCHEMA + ".owned OWNER TO owner");
        new Scripts(directory).add("a", "", "SELECT 1;");
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void everythingInTheSchemaCanBeUsedAfterwards() {
        BootReport report = configure().run(migrating.of(database));
        assertThat(report.scenario()).isEqualTo(Scenario.AT_HEAD);
        if (migrating == MigratingRole.SUPERUSER) {
            assertThat(report.permissions().findings()).isEmpty();
        } else {
            assertThat(report.permissions().findings())
                    .hasSize(2)
                    .anyMatch(finding -> finding.contains("let \"owner\" run: GRANT SELECT, INSERT")
                            && finding.endsWith("ON TABLE " + Q_SCHEMA + ".\"owned\" TO " + Q_ROLE))
                    .anyMatch(finding -> finding.endsWith("let \"owner\" run: GRANT SELECT, UPDATE, USAGE ON SEQUENCE "
                            + Q_SCHEMA + ".\"owned_id_seq\" TO " + Q_ROLE));
            // the owner does what the findings say
            database.execute("GRANT USAGE ON SCHEMA " + Q_SCHEMA + " TO owner");
            database.execute("SET ROLE owner", granted(report, 0), granted(report, 1));
        }
        var app = database.as(ROLE, PASSWORD);
        for (String use : List.of("\"T 1\"", "part", "v", "m", "owned")) {
            assertThat(TestDatabase.query(app, "SELECT count(*) FROM " + Q_SCHEMA + "." + use))
                    .hasSize(1);
        }
        assertThat(TestDatabase.query(app, "INSERT INTO " + Q_SCHEMA + ".\"T 1\" (at) VALUES (1) RETURNING at"))
                .containsExactly("1");
        assertThat(TestDatabase.query(app, "SELECT nextval('" + Q_SCHEMA + ".owned_id_seq')"))
                .containsExactly("1");
        assertThat(database.query("SELECT has_table_privilege('" + ROLE + "', '" + Q_SCHEMA
                        + ".alembic_version', 'SELECT, UPDATE')"))
                .containsExactly("f");
    }

    @Test
    void everybodyElseLosesConnect() {
        configure().run(migrating.of(database));
        assertThat(database.query("SELECT has_database_privilege('owner', current_database(), 'CONNECT')"))
                .containsExactly("f");
        assertThat(database.query("SELECT has_database_privilege('" + ROLE + "', current_database(), 'CONNECT')"))
                .containsExactly("t");
    }

    @Test
    void nothingLackingWritesNothing() {
        configure().run(migrating.of(database));
        List<String> before = catalogRows();
        BootReport report = configure().run(migrating.of(database));
        assertThat(report.permissions().repaired()).isEmpty();
        assertThat(catalogRows()).isEqualTo(before);
    }

    @Test
    void onlyWhatLacksIsGranted() {
        configure().run(migrating.of(database));
        database.execute("REVOKE UPDATE, DELETE ON " + Q_SCHEMA + ".part FROM " + Q_ROLE);
        BootReport report = configure().run(migrating.of(database));
        assertThat(report.permissions().repaired())
                .containsExactly("GRANT UPDATE, DELETE ON TABLE " + Q_SCHEMA + ".\"part\" TO " + Q_ROLE);
    }

    @Test
    void aRoleThatDoesNotExistIsAFinding() {
        BootReport report = AutoMigrator.configure()
                .scripts(directory.toString())
                .versionTableSchema("Od\"d schema")
                .applicationRole("nobody")
                .schema(SCHEMA)
                .run(migrating.of(database));
        assertThat(report.scenario()).isEqualTo(Scenario.AT_HEAD);
        assertThat(report.permissions().findings())
                .hasSize(1)
                .first()
                .asString()
                .contains("no role \"nobody\"");
        assertThat(database.query("SELECT datacl::text FROM pg_database WHERE datname = current_database()"))
                .containsOnlyNulls();
    }

    @Test
    void aSchemaThatDoesNotExistIsAFinding() {
        BootReport report = AutoMigrator.configure()
                .scripts(directory.toString())
                .versionTableSchema("Od\"d schema")
                .applicationRole(ROLE)
                .schema("nowhere")
                .run(migrating.of(database));
        assertThat(report.permissions().findings())
                .hasSize(1)
                .first()
                .asString()
                .contains("no schema \"nowhere\"");
    }

    @Test
    void whatTheMigratingRoleMayNotGrantIsAFindingWithTheStatement() {
        database.execute(
                "GRANT CONNECT ON DATABASE " + database.name() + " TO owner",
                "GRANT USAGE ON SCHEMA " + Q_SCHEMA + " TO owner",
                "GRANT SELECT ON " + Q_SCHEMA + ".alembic_version TO owner");
        BootReport report = configure().run(database.as("owner", "owner"));
        assertThat(report.scenario()).isEqualTo(Scenario.AT_HEAD);
        assertThat(report.permissions().repaired())
                .anySatisfy(
                        statement -> assertThat(statement).contains("\"owned\"").startsWith("GRANT SELECT, INSERT"));
        assertThat(report.permissions().findings())
                .anySatisfy(finding -> assertThat(finding)
                        .contains("let " + migrating.quoted() + " run: GRANT USAGE ON SCHEMA " + Q_SCHEMA + " TO "
                                + Q_ROLE));
    }

    @Test
    void leftAloneMeansNotLookedAt() {
        BootReport report = AutoMigrator.configure()
                .scripts(directory.toString())
                .versionTableSchema(SCHEMA)
                .leavePermissionsAlone()
                .run(migrating.of(database));
        assertThat(report.permissions().repaired()).isEmpty();
        assertThat(report.permissions().findings()).isEmpty();
    }

    private static String granted(BootReport report, int finding) {
        String text = report.permissions().findings().get(finding);
        return text.substring(text.indexOf(" run: ") + 6);
    }

    private MigratorBuilder configure() {
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .applicationRole(ROLE)
                .schema(SCHEMA)
                .versionTableSchema(SCHEMA);
    }

    private List<String> catalogRows() {
        return database.query("""
                SELECT string_agg(x, ',' ORDER BY x) FROM (
                  SELECT 'c' || oid || ':' || xmin FROM pg_class UNION ALL
                  SELECT 'n' || oid || ':' || xmin FROM pg_namespace UNION ALL
                  SELECT 'd' || oid || ':' || xmin FROM pg_database WHERE datname = current_database() UNION ALL
                  SELECT 'a' || oid || ':' || xmin FROM pg_default_acl) t(x)
                """);
    }
}
