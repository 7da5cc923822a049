package org.keops.automigrate.permissions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.keops.automigrate.model.PermissionPolicy.keops;
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
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.testing.MigratingRole;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** The script and the repair come to the same, and KEOPS's policy to what its seven statements do. */
@ParameterizedClass
@EnumSource(MigratingRole.class)
class PermissionScriptTest {
    private static final String SOMEBODY_ELSES = "ALTER TABLE keopsdb.o OWNER TO perm_owner";

    @TempDir
    Path directory;

    private final MigratingRole migrating;
    private TestDatabase ours;
    private TestDatabase theirs;

    PermissionScriptTest(MigratingRole migrating) {
        this.migrating = migrating;
    }

    @BeforeAll
    static void roles() {
        Roles.make("keopsdb", "scr$do$ipt 'app", "perm_owner");
    }

    @BeforeEach
    void prepare() {
        // to run the third of the seven statements takes membership in the application's role
        ours = migrating.database("keopsdb", "scr$do$ipt 'app");
        theirs = migrating.database();
        new Scripts(directory).add("a", "", "SELECT 1;");
        for (TestDatabase database : List.of(ours, theirs)) {
            database.execute(
                    "CREATE FOREIGN DATA WRAPPER nothing",
                    "CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing",
                    "GRANT USAGE ON FOREIGN SERVER nowhere TO PUBLIC");
            migrating.execute(
                    database,
                    "CREATE SCHEMA keopsdb",
                    "CREATE TABLE keopsdb.t (id serial, at int) PARTITION BY RANGE (at)",
                    "CREATE TABLE keopsdb.part PARTITION OF keopsdb.t FOR VALUES FROM (0) TO (9)",
                    "CREATE TABLE keopsdb.i (id int GENERATED ALWAYS AS IDENTITY)",
                    "CREATE VIEW keopsdb.v AS SELECT 1 AS one",
                    "CREATE MATERIALIZED VIEW keopsdb.m AS SELECT 1 AS one",
                    "CREATE FOREIGN TABLE keopsdb.f (a int) SERVER nowhere",
                    "CREATE FUNCTION keopsdb.hidden() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                    "REVOKE ALL ON FUNCTION keopsdb.hidden() FROM PUBLIC",
                    "CREATE DOMAIN keopsdb.d AS int",
                    "CREATE TABLE keopsdb.o (id serial)",
                    "CREATE TABLE public.alembic_version (version_num varchar(32) NOT NULL)",
                    "INSERT INTO alembic_version VALUES ('a')");
            if (migrating == MigratingRole.SUPERUSER) {
                database.execute(SOMEBODY_ELSES);
            }
        }
    }

    @AfterEach
    void drop() {
        ours.close();
        theirs.close();
    }

    @Test
    void keopsScriptDoesWhatTheSevenStatementsDo() {
        migrating.execute(theirs, SevenStatements.on(theirs.name(), "keopsdb", "keopsdb"));
        migrating.execute(ours, migrator(keops("keopsdb", "keopsdb")).permissionScript());
        assertThat(CatalogRows.accessLists(ours)).isEqualTo(CatalogRows.accessLists(theirs));
    }

    @Test
    void keopsRepairDoesWhatTheSevenStatementsDo() {
        migrating.execute(theirs, SevenStatements.on(theirs.name(), "keopsdb", "keopsdb"));
        migrator(keops("keopsdb", "keopsdb")).run(migrating.of(ours));
        assertThat(CatalogRows.accessLists(ours)).isEqualTo(CatalogRows.accessLists(theirs));
    }

    @Test
    void afterTheSevenStatementsNothingLacks() {
        migrating.execute(theirs, SevenStatements.on(theirs.name(), "keopsdb", "keopsdb"));
        assertThat(migrator(keops("keopsdb", "keopsdb"))
                        .run(migrating.of(theirs))
                        .permissions()
                        .repaired())
                .isEmpty();
    }

    @Test
    void afterTheScriptNothingLacks() {
        PermissionPolicy policy = readWrite("scr$do$ipt 'app", "keopsdb")
                .and(readOnly("keopsdb", "keopsdb", "public"))
                .revokingConnectFromPublic();
        Migrator migrator = migrator(policy);
        migrating.execute(ours, migrator.permissionScript());
        assertThat(migrator.run(migrating.of(ours)).permissions().repaired()).isEmpty();
        assertThat(migrator.verify(migrating.of(ours)).unusable()).isEmpty();
    }

    /** The seventh statement stops at the first table of another owner, and then nothing at all is granted. */
    @Test
    void whatSomebodyElseOwnsKeepsNothingElseFromBeingGranted() {
        assumeTrue(migrating == MigratingRole.OWNER, "a superuser may grant on everything");
        ours.execute(SOMEBODY_ELSES);
        String[] seven = SevenStatements.on(ours.name(), "keopsdb", "keopsdb");
        assertThatThrownBy(() -> migrating.execute(ours, seven[6]))
                .hasMessageContaining("permission denied for table o");
        BootReport report = migrator(keops("keopsdb", "keopsdb")).run(migrating.of(ours));
        assertThat(report.permissions().findings())
                .hasSize(2)
                .allMatch(finding -> finding.startsWith(
                        "permission still lacks, this role may not grant it; let \"perm_owner\" run: GRANT SELECT, "))
                .anyMatch(finding -> finding.endsWith(" ON TABLE \"keopsdb\".\"o\" TO \"keopsdb\""))
                .anyMatch(finding -> finding.endsWith(" ON SEQUENCE \"keopsdb\".\"o_id_seq\" TO \"keopsdb\""));
        assertThat(
                        ours.query(
                                "SELECT relname FROM pg_class WHERE relnamespace = 'keopsdb'::regnamespace"
                                        + " AND relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT has_table_privilege('keopsdb', oid, 'SELECT')"))
                .containsExactly("o");
        ours.execute(report.permissions().findings().stream()
                .map(finding -> finding.substring(finding.indexOf(" run: ") + 6))
                .toArray(String[]::new));
        assertThat(migrator(keops("keopsdb", "keopsdb"))
                        .run(migrating.of(ours))
                        .permissions()
                        .findings())
                .isEmpty();
    }

    private Migrator migrator(PermissionPolicy policy) {
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .permissions(policy)
                .build();
    }
}
