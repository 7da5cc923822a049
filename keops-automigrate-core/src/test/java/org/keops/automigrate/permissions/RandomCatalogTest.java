package org.keops.automigrate.permissions;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.Privilege;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.Seeds;
import org.keops.automigrate.testing.TestDatabase;

/** After a boot, a real login uses every object; what it can not use is in the report; the next boot writes nothing. */
class RandomCatalogTest {
    private static final String APP = "Perm \"app";
    private static final String MIGRATOR = "perm_migrator";
    private static final int OBJECTS = 21;
    private static final List<String> SCHEMAS = List.of("Od\"d", "sec ond");

    @TempDir
    Path directory;

    @BeforeAll
    static void roles() {
        Roles.make(
                APP, MIGRATOR, "perm_owner", "perm Other\"s", "perm_inheriting", "perm_not_inheriting", "perm_granter");
        Roles.grant("perm_owner", MIGRATOR);
        Roles.grant(APP, MIGRATOR);
        Roles.grant("perm_inheriting", APP);
        PostgresServer.shared().execute("postgres", "ALTER ROLE \"Perm \"\"app\" NOINHERIT");
        Roles.grant("perm_not_inheriting", APP);
        PostgresServer.shared().execute("postgres", "ALTER ROLE \"Perm \"\"app\" INHERIT");
    }

    static Stream<Arguments> everyPolicyAndMigrator() {
        return Stream.of("readWrite", "readOnly", "keops")
                .flatMap(policy -> Stream.of(Arguments.of(policy, true), Arguments.of(policy, false)));
    }

    @ParameterizedTest
    @MethodSource("everyPolicyAndMigrator")
    void everythingCanBeUsedOrIsReported(String policy, boolean superuser) {
        try (TestDatabase database = PostgresServer.shared().database()) {
            RandomCatalog catalog = new RandomCatalog(Seeds.seed(), database, APP, everybody());
            catalog.fill(SCHEMAS, OBJECTS);
            database.execute("GRANT USAGE ON SCHEMA \"Od\"\"d\", \"sec ond\" TO perm_migrator WITH GRANT OPTION");
            versioned(database);
            Migrator migrator = migrator(policy(policy, SCHEMAS.toArray(new String[0])));
            DataSource dataSource = superuser ? database.superuser() : database.as(MIGRATOR, Roles.PASSWORD);

            BootReport report = migrator.run(dataSource);
            assertThat(silentlyUnusable(database, catalog, policy, report)).isEmpty();
            if (superuser) {
                assertThat(report.permissions().findings()).allMatch(finding -> finding.startsWith("row-level"));
                assertThat(migrator.verify(dataSource).unusable()).isEmpty();
            }

            List<String> before = CatalogRows.of(database);
            BootReport second = migrator.run(dataSource);
            assertThat(second.permissions().repaired()).isEmpty();
            assertThat(CatalogRows.of(database)).isEqualTo(before);
            assertThat(second.permissions().findings())
                    .containsExactlyInAnyOrderElementsOf(report.permissions().findings());
        }
    }

    /** To the letter, also where the role has something through PUBLIC, a group, or as the owner. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keopsPolicyLeavesTheAccessListsOfTheSevenStatements(boolean superuser) {
        long seed = Seeds.seed();
        List<String> owners = superuser ? everybody() : List.of("perm_owner");
        try (TestDatabase repaired = filled(seed, owners);
                TestDatabase scripted = filled(seed, owners);
                TestDatabase theirs = filled(seed, owners)) {
            Migrator migrator = migrator(policy("keops", SCHEMAS.get(0)));
            List<String> before = CatalogRows.accessLists(theirs);
            execute(as(theirs, superuser), SevenStatements.on(theirs.name(), APP, SCHEMAS.get(0)));
            execute(as(scripted, superuser), migrator.permissionScript());
            assertThat(migrator.run(as(repaired, superuser)).permissions().findings())
                    .allMatch(finding -> finding.startsWith("row-level"));

            assertThat(CatalogRows.accessLists(theirs)).isNotEqualTo(before);
            assertThat(CatalogRows.accessLists(repaired))
                    .containsExactlyInAnyOrderElementsOf(CatalogRows.accessLists(theirs));
            assertThat(CatalogRows.accessLists(scripted))
                    .containsExactlyInAnyOrderElementsOf(CatalogRows.accessLists(theirs));
            List<String> rows = CatalogRows.of(theirs);
            assertThat(migrator.run(as(theirs, superuser)).permissions().repaired())
                    .isEmpty();
            assertThat(CatalogRows.of(theirs)).isEqualTo(rows);
        }
    }

    /** The script that a person runs and the repair come from the same policy, and leave nothing to each other. */
    @ParameterizedTest
    @CsvSource({
        "readWrite, true",
        "readWrite, false",
        "readOnly, true",
        "readOnly, false",
        "custom, true",
        "custom, false"
    })
    void afterTheScriptNothingLacks(String name, boolean superuser) {
        try (TestDatabase database = filled(Seeds.seed(), superuser ? everybody() : List.of("perm_owner"))) {
            Migrator migrator = migrator(policy(name, SCHEMAS.get(0)));
            DataSource dataSource = as(database, superuser);
            execute(dataSource, migrator.permissionScript());
            BootReport report = migrator.run(dataSource);
            assertThat(report.permissions().repaired()).isEmpty();
            assertThat(report.permissions().findings())
                    .allMatch(finding -> finding.startsWith("row-level") || (!superuser && isSuperusers(finding)));
            assertThat(migrator.verify(database.superuser()).unusable())
                    .hasSizeLessThanOrEqualTo(
                            superuser ? 0 : report.permissions().findings().size());
        }
    }

    /** Some kinds only a superuser makes; a role without that can not grant on them. */
    private static boolean isSuperusers(String finding) {
        return finding.contains("let \"" + PostgresServer.shared().superuser() + "\" run: GRANT ");
    }

    private static List<String> everybody() {
        return List.of(PostgresServer.shared().superuser(), "perm_owner", "perm Other\"s");
    }

    private static TestDatabase filled(long seed, List<String> owners) {
        TestDatabase database = PostgresServer.shared().database();
        database.execute("ALTER DATABASE " + database.name() + " OWNER TO \"" + owners.get(0) + '"');
        new RandomCatalog(seed, database, APP, owners).fill(SCHEMAS.subList(0, 1), OBJECTS);
        versioned(database);
        return database;
    }

    private static void versioned(TestDatabase database) {
        database.execute(
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)",
                "INSERT INTO alembic_version VALUES ('a')",
                "GRANT SELECT ON alembic_version TO perm_migrator");
    }

    private static DataSource as(TestDatabase database, boolean superuser) {
        return superuser ? database.superuser() : database.as(MIGRATOR, Roles.PASSWORD);
    }

    private static void execute(DataSource dataSource, String... statements) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static PermissionPolicy policy(String name, String... schemas) {
        return switch (name) {
            case "readWrite" -> PermissionPolicy.readWrite(APP, schemas);
            case "readOnly" -> PermissionPolicy.readOnly(APP, schemas);
            case "custom" ->
                PermissionPolicy.custom(APP, schemas)
                        .allowing(ObjectKind.TABLE, Privilege.SELECT, Privilege.INSERT, Privilege.REFERENCES)
                        .allowing(ObjectKind.SEQUENCE, Privilege.USAGE)
                        .allowing(ObjectKind.TYPE, Privilege.USAGE)
                        .revokingConnectFromPublic();
            default ->
                Arrays.stream(schemas)
                        .map(schema -> PermissionPolicy.keops(APP, schema))
                        .reduce(PermissionPolicy.none(), PermissionPolicy::and);
        };
    }

    private Migrator migrator(PermissionPolicy policy) {
        new Scripts(directory).add("a", "", "SELECT 1;");
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .permissions(policy)
                .build();
    }

    /** What the role could not do although the policy says so and no finding tells of it. */
    private static List<String> silentlyUnusable(
            TestDatabase database, RandomCatalog catalog, String policy, BootReport report) {
        List<String> silent = new ArrayList<>();
        try (Connection connection = database.as(APP, Roles.PASSWORD).getConnection();
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (Map.Entry<String, RandomCatalog.Use> use : catalog.uses().entrySet()) {
                for (String sql : promised(policy, use.getValue())) {
                    try {
                        statement.execute(sql);
                    } catch (SQLException e) {
                        if (!isReported(report, use.getKey(), String.valueOf(e.getMessage()))) {
                            silent.add(sql + ": " + e.getMessage());
                        }
                    }
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        // the server drops temporary tables after it has hung up
        Conditions.await(
                "the application's session is over",
                () -> database.query("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND usename = '"
                                + APP.replace("'", "''") + "'")
                        .isEmpty());
        return silent;
    }

    /** By the object's name, or by that of the sequence behind it: long ones are not made of the table's whole name. */
    private static boolean isReported(BootReport report, String object, String error) {
        String bare = object.substring(object.indexOf("\".\"") + 3, object.length() - 1);
        String denied = error.lines()
                .findFirst()
                .orElseThrow()
                .replaceFirst("ERROR: permission denied for sequence ", "")
                .replace("\"", "\"\"");
        return report.permissions().findings().stream()
                .anyMatch(finding -> finding.contains(bare) || finding.contains(denied));
    }

    private static List<String> promised(String policy, RandomCatalog.Use use) {
        boolean onlyRelations = policy.equals("keops");
        if (onlyRelations && (use.kind() == ObjectKind.ROUTINE || use.kind() == ObjectKind.TYPE)) {
            return List.of();
        }
        String write = use.write();
        return write == null || policy.equals("readOnly") ? List.of(use.read()) : List.of(use.read(), write);
    }
}
