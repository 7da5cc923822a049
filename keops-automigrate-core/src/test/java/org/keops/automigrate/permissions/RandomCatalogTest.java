package org.keops.automigrate.permissions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keops.automigrate.model.PermissionPolicy.readWrite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** After a boot, a real login uses every object; what it can not use is in the report; the next boot writes nothing. */
class RandomCatalogTest {
    private static final String APP = "Perm \"app";
    private static final String MIGRATOR = "perm_migrator";
    private static final List<String> SCHEMAS = List.of("Od\"d", "sec ond");

    @TempDir
    Path directory;

    @BeforeAll
    static void roles() {
        Roles.make(APP, MIGRATOR, "perm_owner", "perm Other\"s", "perm_inheriting", "perm_not_inheriting");
        Roles.grant("perm_owner", MIGRATOR);
        Roles.grant("perm_inheriting", APP);
        PostgresServer.shared().execute("postgres", "ALTER ROLE \"Perm \"\"app\" NOINHERIT");
        Roles.grant("perm_not_inheriting", APP);
        PostgresServer.shared().execute("postgres", "ALTER ROLE \"Perm \"\"app\" INHERIT");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everythingCanBeUsedOrIsReported(boolean superuser) {
        long seed = Long.getLong("permissions.seed", new Random().nextLong());
        System.out.println("permissions.seed=" + seed + " superuser=" + superuser);
        try (TestDatabase database = PostgresServer.shared().database()) {
            RandomCatalog catalog = catalog(seed, database);
            Migrator migrator = migrator(readWrite(APP, SCHEMAS.toArray(new String[0])));
            DataSource dataSource = superuser ? database.superuser() : database.as(MIGRATOR, Roles.PASSWORD);

            BootReport report = migrator.run(dataSource);
            assertUsedOrReported(database, catalog, report);

            List<String> before = CatalogRows.of(database);
            BootReport second = migrator.run(dataSource);
            assertThat(second.permissions().repaired()).isEmpty();
            assertThat(CatalogRows.of(database)).isEqualTo(before);
            assertThat(second.permissions().findings())
                    .containsExactlyInAnyOrderElementsOf(report.permissions().findings());
        }
    }

    @Test
    void keopsPolicyReachesEveryTableAndSequence() {
        long seed = Long.getLong("permissions.seed", new Random().nextLong());
        System.out.println("permissions.seed=" + seed);
        try (TestDatabase database = PostgresServer.shared().database()) {
            catalog(seed, database);
            migrator(PermissionPolicy.keops(APP, "sec ond")).run(database.superuser());
            assertThat(database.query("""
                            SELECT relname FROM pg_class
                             WHERE relnamespace = '"sec ond"'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
                               AND NOT (has_table_privilege('Perm "app', oid, 'SELECT')
                                        AND has_table_privilege('Perm "app', oid, 'TRUNCATE'))
                             UNION ALL SELECT relname FROM pg_class
                             WHERE relnamespace = '"sec ond"'::regnamespace
                               AND NOT CASE WHEN relkind = 'S' THEN has_sequence_privilege('Perm "app', oid, 'USAGE')
                                            ELSE true END
                            """)).isEmpty();
        }
    }

    private RandomCatalog catalog(long seed, TestDatabase database) {
        RandomCatalog catalog = new RandomCatalog(
                seed, database, APP, List.of(PostgresServer.shared().superuser(), "perm_owner", "perm Other\"s"));
        catalog.fill(SCHEMAS, 30);
        database.execute(
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)",
                "INSERT INTO alembic_version VALUES ('a')",
                "GRANT SELECT ON alembic_version TO perm_migrator",
                "GRANT USAGE ON SCHEMA \"Od\"\"d\", \"sec ond\" TO perm_migrator WITH GRANT OPTION");
        return catalog;
    }

    private Migrator migrator(PermissionPolicy policy) {
        new Scripts(directory).add("a", "", "SELECT 1;");
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .permissions(policy)
                .build();
    }

    private static void assertUsedOrReported(TestDatabase database, RandomCatalog catalog, BootReport report) {
        List<String> silent = new ArrayList<>();
        try (Connection connection = database.as(APP, Roles.PASSWORD).getConnection();
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (Map.Entry<String, String> use : catalog.uses().entrySet()) {
                try {
                    statement.execute(use.getValue());
                } catch (SQLException e) {
                    // without the closing quote: what is lacking may be the sequence behind the table
                    String object = use.getKey().substring(0, use.getKey().length() - 1);
                    if (report.permissions().findings().stream().noneMatch(finding -> finding.contains(object))) {
                        silent.add(use.getValue() + ": " + e.getMessage());
                    }
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        assertThat(silent).isEmpty();
    }
}
