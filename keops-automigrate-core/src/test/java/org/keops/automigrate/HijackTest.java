package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A role without rights has planted functions, operators, types and relations in a schema that stands on the search path of
 * the superuser who migrates, in front of the catalog. None of our statements runs any of it.
 */
class HijackTest {
    private static final String[] TYPES = {"text", "name", "oid", "integer", "bigint", "boolean", "\"char\""};
    private static final String[] OPERATORS = {"=", "<>", "<", ">", "<=", ">=", "+", "-", "*", "/", "||"};

    @TempDir
    Path directory;

    private TestDatabase database;
    private PGSimpleDataSource superuser;

    @BeforeEach
    void plant() throws SQLException {
        PostgresServer.shared().role("mallory", "m");
        PostgresServer.shared().role("hijack_app", "app");
        database = PostgresServer.shared().database();
        database.execute(
                "CREATE SCHEMA evil AUTHORIZATION mallory",
                "CREATE SCHEMA shop",
                "CREATE TABLE shop.item (i int)",
                "CREATE SEQUENCE shop.counter",
                "CREATE TABLE public.trace (what text)",
                "GRANT INSERT ON public.trace TO PUBLIC");
        try (Connection mallory = database.as("mallory", "m").getConnection();
                Statement statement = mallory.createStatement()) {
            for (String sql : planted()) {
                statement.execute(sql);
            }
        }
        superuser = database.superuser();
        superuser.setCurrentSchema("evil,pg_catalog,public");
        new Scripts(directory)
                .add("a", "", "CREATE TABLE shop.more (id pg_catalog.int4);")
                .add("b", "a", "-- Transactional: no", """
                        CREATE INDEX CONCURRENTLY by_i ON shop.item (i);
                        -- downgrade
                        DROP INDEX CONCURRENTLY shop.by_i;""");
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void nothingPlantedRuns() throws Exception {
        Migrator migrator = configure().build();
        assertThat(migrator.plan(superuser).toString()).isNotEmpty();
        BootReport upgraded = migrator.run(superuser);
        assertThat(upgraded.scenario()).as("%s", upgraded).isEqualTo(Scenario.BEHIND);
        assertThat(upgraded.permissions().repaired()).isNotEmpty();
        assertThat(migrator.run(superuser).scenario()).isEqualTo(Scenario.AT_HEAD);
        database.execute("REVOKE SELECT ON shop.item FROM hijack_app");
        assertThat(migrator.run(superuser).permissions().repaired()).isNotEmpty();
        assertThat(migrator.verify(superuser).unusable()).isEmpty();
        assertThat(migrator.current(superuser).atHeads()).isTrue();
        BootReport downgraded = migrator.downgrade(superuser, "a");
        assertThat(downgraded.scenario()).as("%s", downgraded).isEqualTo(Scenario.BY_HAND);
        migrator.stamp(superuser, "b");
        assertThat(database.query("SELECT what FROM public.trace")).isEmpty();
    }

    /** It is given to people who run it as a superuser. */
    @Test
    void nothingPlantedRunsInTheScriptOfThePermissions() throws Exception {
        try (Connection connection = superuser.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(configure().build().permissionScript());
        }
        assertThat(database.query("SELECT what FROM public.trace")).isEmpty();
    }

    @Test
    void nothingPlantedRunsWhileItWaits() throws Exception {
        try (Connection holder = database.superuser().getConnection();
                Statement statement = holder.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(" + AutoMigrator.LOCK_KEY + ")");
            assertThat(configure()
                            .waitForLock(Duration.ofMillis(100))
                            .run(superuser)
                            .scenario())
                    .isEqualTo(Scenario.LOCKED);
        }
        new Scripts(directory).add("a", "", "ALTER TABLE shop.item ADD COLUMN more pg_catalog.int4;");
        try (Connection reader = database.superuser().getConnection();
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.execute("SELECT * FROM shop.item");
            BootReport report =
                    configure().waitForTables(Duration.ofMillis(100)).run(superuser);
            assertThat(report.toString()).contains("in the way: process");
            reader.rollback();
        }
        assertThat(database.query("SELECT what FROM public.trace")).isEmpty();
    }

    /** What is planted would run in a statement that is written carelessly. */
    @Test
    void theTrapsAreSet() throws Exception {
        try (Connection connection = superuser.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT current_setting('role')");
            statement.execute("SELECT pg_catalog.current_database() = pg_catalog.current_database()");
            statement.execute("SELECT CAST('x' AS text)");
        }
        assertThat(database.query("SELECT what FROM public.trace")).contains("current_setting", "= name", "text");
    }

    private static List<String> planted() {
        List<String> sql = new ArrayList<>();
        sql.add("SET search_path = pg_catalog");
        sql.add("CREATE FUNCTION evil.spy(pg_catalog.text) RETURNS pg_catalog.bool LANGUAGE plpgsql AS $$ BEGIN"
                + " INSERT INTO public.trace VALUES ($1); RETURN true; END $$");
        for (String type : TYPES) {
            for (String operator : OPERATORS) {
                String result = operator.matches("[<>=]+") ? "bool" : type;
                String name = "evil.op_" + sql.size();
                sql.add("CREATE FUNCTION " + name + "(" + type + ", " + type + ") RETURNS " + result
                        + " LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.spy('" + operator + " " + type.replace("\"", "")
                        + "'); RETURN " + (result.equals("bool") ? "true" : "$1") + "; END $$");
                sql.add("CREATE OPERATOR evil." + operator + " (FUNCTION = " + name + ", LEFTARG = " + type
                        + ", RIGHTARG = " + type + ")");
            }
        }
        for (String function : new String[] {
            "current_setting(text)",
            "pg_is_in_recovery()",
            "pg_backend_pid()",
            "current_database()",
            "current_schema()",
            "concat_ws(text, VARIADIC text[])",
            "format(text, VARIADIC text[])",
            "quote_ident(text)",
            "pg_get_userbyid(oid)",
            "has_table_privilege(oid, text)",
            "has_schema_privilege(oid, text)",
            "has_database_privilege(oid, text)",
            "pg_try_advisory_lock(bigint)",
            "pg_advisory_unlock(bigint)",
            "set_config(text, text, boolean)",
            "pg_my_temp_schema()",
            "pg_table_is_visible(oid)",
            "clock_timestamp()"
        }) {
            String name = function.substring(0, function.indexOf('('));
            sql.add("CREATE FUNCTION evil." + function + " RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.spy('"
                    + name + "'); RETURN 'on'; END $$");
        }
        for (String type : new String[] {"text", "name", "oid", "varchar"}) {
            sql.add("CREATE DOMAIN evil." + type + " AS pg_catalog." + type + " CHECK (evil.spy('" + type + "'))");
        }
        for (String relation : new String[] {"pg_class", "pg_namespace", "pg_roles", "pg_settings", "pg_locks"}) {
            sql.add("CREATE VIEW evil." + relation + " AS SELECT evil.spy('" + relation + "')");
        }
        return sql;
    }

    private MigratorBuilder configure() {
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .permissions(PermissionPolicy.readWrite("hijack_app", "shop"))
                .versionTableSchema("public")
                .whenUnversioned(WhenUnversioned.upgradeFromBase());
    }
}
