package org.keops.automigrate.permissions;

import static org.assertj.core.api.Assertions.assertThat;
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
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** The script and the repair come to the same, and KEOPS's policy to what its seven statements do. */
class PermissionScriptTest {
    @TempDir
    Path directory;

    private TestDatabase ours;
    private TestDatabase theirs;

    @BeforeAll
    static void roles() {
        Roles.make("keopsdb", "scr$do$ipt 'app", "perm_owner");
    }

    @BeforeEach
    void prepare() {
        ours = PostgresServer.shared().database();
        theirs = PostgresServer.shared().database();
        new Scripts(directory).add("a", "", "SELECT 1;");
        for (TestDatabase database : List.of(ours, theirs)) {
            database.execute(
                    "CREATE SCHEMA keopsdb",
                    "CREATE TABLE keopsdb.t (id serial, at int) PARTITION BY RANGE (at)",
                    "CREATE TABLE keopsdb.part PARTITION OF keopsdb.t FOR VALUES FROM (0) TO (9)",
                    "CREATE TABLE keopsdb.i (id int GENERATED ALWAYS AS IDENTITY)",
                    "CREATE VIEW keopsdb.v AS SELECT 1 AS one",
                    "CREATE MATERIALIZED VIEW keopsdb.m AS SELECT 1 AS one",
                    "CREATE FOREIGN DATA WRAPPER nothing",
                    "CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing",
                    "CREATE FOREIGN TABLE keopsdb.f (a int) SERVER nowhere",
                    "CREATE FUNCTION keopsdb.hidden() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                    "REVOKE ALL ON FUNCTION keopsdb.hidden() FROM PUBLIC",
                    "CREATE DOMAIN keopsdb.d AS int",
                    "CREATE TABLE keopsdb.o (id serial)",
                    "ALTER TABLE keopsdb.o OWNER TO perm_owner",
                    "CREATE TABLE public.alembic_version (version_num varchar(32) NOT NULL)",
                    "INSERT INTO alembic_version VALUES ('a')");
        }
    }

    @AfterEach
    void drop() {
        ours.close();
        theirs.close();
    }

    @Test
    void keopsScriptDoesWhatTheSevenStatementsDo() {
        theirs.execute(SevenStatements.on(theirs.name(), "keopsdb", "keopsdb"));
        run(ours, migrator(keops("keopsdb", "keopsdb")).permissionScript());
        assertThat(CatalogRows.accessLists(ours)).isEqualTo(CatalogRows.accessLists(theirs));
    }

    @Test
    void keopsRepairDoesWhatTheSevenStatementsDo() {
        theirs.execute(SevenStatements.on(theirs.name(), "keopsdb", "keopsdb"));
        migrator(keops("keopsdb", "keopsdb")).run(ours.superuser());
        assertThat(CatalogRows.accessLists(ours)).isEqualTo(CatalogRows.accessLists(theirs));
    }

    @Test
    void afterTheSevenStatementsNothingLacks() {
        theirs.execute(SevenStatements.on(theirs.name(), "keopsdb", "keopsdb"));
        assertThat(migrator(keops("keopsdb", "keopsdb"))
                        .run(theirs.superuser())
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
        run(ours, migrator.permissionScript());
        assertThat(migrator.run(ours.superuser()).permissions().repaired()).isEmpty();
        assertThat(migrator.verify(ours.superuser()).unusable()).isEmpty();
    }

    private Migrator migrator(PermissionPolicy policy) {
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .permissions(policy)
                .build();
    }

    private static void run(TestDatabase database, String script) {
        database.execute(script);
    }
}
