package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.cli.Tool.Answer;
import org.keops.automigrate.testing.MigratingRole;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** Roles, schemas and policies on the command line. */
@ParameterizedClass
@EnumSource(MigratingRole.class)
class PermissionVerbsTest {
    private static final String[] APPLICATION = {"--application-role", "cli_app", "--schema", "public"};

    @TempDir
    Path directory;

    private final MigratingRole migrating;
    private TestDatabase database;
    private Tool tool;

    PermissionVerbsTest(MigratingRole migrating) {
        this.migrating = migrating;
    }

    @BeforeEach
    void prepare() {
        new Scripts(directory)
                .add("aaaa", "", "CREATE TABLE a (i int);\n-- downgrade\nDROP TABLE a;")
                .add("bbbb", "aaaa", "CREATE TABLE b (i int);\n-- downgrade\nDROP TABLE b;");
        PostgresServer.shared().role("cli_app", "x");
        PostgresServer.shared().role("cli_owner", "x");
        database = migrating.database("cli_app", "cli_owner");
        tool = new Tool().of(migrating.of(database)).always("--scripts", directory.toString());
    }

    @AfterEach
    void drop() {
        database.close();
    }

    @Test
    void permissionsThatCanNotBeRepairedAreAnExitCode() {
        tool.run("upgrade", "head");
        Answer nobody = tool.run("fix-permissions", "--application-role", "no_such_role", "--schema", "public");
        assertThat(nobody.code()).isEqualTo(22);
        assertThat(nobody.out()).contains("there is no role \"no_such_role\"");
        assertThat(tool.run("run", "--application-role", "no_such_role", "--schema", "public")
                        .code())
                .isEqualTo(22);
        PostgresServer.shared().role("cli_app", "x");
        Answer repaired = tool.run("fix-permissions", "--application-role", "cli_app", "--schema", "public", "--json");
        assertThat(repaired.code()).isZero();
        assertThat(repaired.out()).contains("\"repaired\":[\"").contains("\"findings\":[]");
    }

    @Test
    void verifyActsAsTheApplicationsRole() {
        tool.run("upgrade", "head");
        PostgresServer.shared().role("cli_app", "x");
        Answer before = tool.run("verify", "--application-role", "cli_app", "--schema", "public");
        assertThat(before.code()).isEqualTo(22);
        assertThat(before.out()).contains("unusable: table ");
        tool.run("fix-permissions", "--application-role", "cli_app", "--schema", "public");
        Answer after = tool.run("verify", "--application-role", "cli_app", "--schema", "public");
        assertThat(after.code()).isZero();
        assertThat(after.out()).matches("0 of \\d+ objects unusable\n");
    }

    @Test
    void checkAsksForPermissionsWhereARoleIsNamed() {
        tool.run("upgrade", "head");
        tool.always(APPLICATION);
        Answer before = tool.run("check", "--heads");
        assertThat(before.code()).isEqualTo(22);
        assertThat(before.out())
                .startsWith("the scripts are sound, the database is at the heads: bbbb\n")
                .contains("unusable: table ");
        tool.run("fix-permissions");
        assertThat(tool.run("check").out()).matches("the scripts are sound\n0 of \\d+ objects unusable\n");
        assertThat(new Tool()
                        .of(migrating.of(database))
                        .always("--scripts", directory.toString())
                        .run("stamp", "aaaa")
                        .code())
                .isZero();
        assertThat(tool.run("check", "--heads").code()).isEqualTo(1);
        assertThat(tool.run("check").code()).isZero();
    }

    @Test
    void aPlanSaysWhatARunWouldFind() {
        String[] nobody = {"plan", "--application-role", "no_such_role", "--schema", "public"};
        Answer behind =
                tool.run("plan", "--application-role", "no_such_role", "--when-unversioned", "upgrade-from-base");
        assertThat(behind.code()).as(behind.err()).isZero();
        assertThat(behind.out()).contains("no role \"no_such_role\"", ", unless a revision makes it");
        tool.run("upgrade", "head");
        Answer plan = tool.run(nobody);
        assertThat(plan.code()).isEqualTo(22);
        assertThat(plan.out()).contains("no role \"no_such_role\"").doesNotContain("unless");
        nobody[0] = "run";
        assertThat(tool.run(nobody).code()).isEqualTo(22);
    }

    @Test
    void fixPermissionsSpeaksOfPermissions() {
        tool.run("upgrade", "head");
        assertThat(tool.always(APPLICATION).run("fix-permissions").out())
                .startsWith("permissions looked after, at bbbb; permissions repaired with ");
        assertThat(tool.run("fix-permissions").out()).startsWith("permissions looked after, at bbbb; ");
    }

    @Test
    void anotherPolicyGrantsWhatItSays() {
        tool.run("upgrade", "head");
        migrating.execute(database, "CREATE SCHEMA other", "CREATE TABLE other.t (i int)");
        List<String> both = List.of("a", "other.t");
        tool.always(APPLICATION).always("--schema", "other");
        assertThat(tool.run("fix-permissions", "--policy", "read-only").code()).isZero();
        assertThat(tool.run("verify", "--policy", "read-only").code()).isZero();
        both.forEach(table -> assertThat(may(table)).containsExactly("SELECT"));
        assertThat(tool.run("verify", "--policy", "read-write").code()).isEqualTo(22);
        assertThat(tool.run("run", "--policy", "read-write").code()).isZero();
        both.forEach(table -> assertThat(may(table)).containsExactly("SELECT", "INSERT", "DELETE"));
        assertThat(tool.run("run").code()).isZero();
        both.forEach(table -> assertThat(may(table)).containsExactly("SELECT", "INSERT", "DELETE", "TRUNCATE"));
    }

    @Test
    void whatIsMadeBelongsToTheOwnerRole() {
        database.execute("GRANT CREATE ON SCHEMA public TO cli_owner");
        assertThat(tool.run("upgrade", "aaaa", "--owner-role", "cli_owner").code())
                .isZero();
        assertThat(tool.run("run", "--leave-permissions-alone", "--owner-role", "cli_owner")
                        .code())
                .isZero();
        assertThat(database.query("SELECT tableowner FROM pg_tables WHERE schemaname = 'public'"))
                .containsExactly("cli_owner", "cli_owner", "cli_owner");
        Answer nobody = tool.run("current", "--owner-role", "no_such_role");
        assertThat(nobody.code()).isEqualTo(14);
        assertThat(nobody.out())
                .contains("the owner role \"no_such_role\" does not exist")
                .doesNotContain("GRANT");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run --leave-permissions-alone --application-role cli_app",
                "plan --leave-permissions-alone --policy keops",
                "verify --policy everything",
                "upgrade head --application-role cli_app"
            })
    void whatDoesNotFitIs64(String arguments) {
        Answer answer = tool.run(arguments.split(" "));
        assertThat(answer.code()).as(answer.err()).isEqualTo(64);
        assertThat(answer.out()).isEmpty();
    }

    private List<String> may(String table) {
        return database.query("SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'DELETE', 'TRUNCATE']) p"
                + " WHERE has_table_privilege('cli_app', '" + table + "', p)");
    }
}
