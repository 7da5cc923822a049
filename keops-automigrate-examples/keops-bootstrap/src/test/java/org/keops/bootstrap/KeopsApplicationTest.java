package org.keops.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.keops.bootstrap.testing.Revisions.HEAD;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.bootstrap.testing.KeopsClient;
import org.keops.bootstrap.testing.KeopsClient.Answer;
import org.keops.bootstrap.testing.KeopsFixture;
import org.keops.bootstrap.testing.Relay;
import org.keops.bootstrap.testing.Snapshot;

/** KEOPS serves, whatever its database does. The scenarios themselves are the demo's. */
class KeopsApplicationTest {
    private static final KeopsFixture KEOPS = KeopsFixture.shared();
    private static final PostgresServer SERVER = KEOPS.server();

    @Test
    void servesWhileItWaitsAndMigratesWhenTheDatabaseAppears() throws IOException {
        try (TestDatabase database = KEOPS.legacy();
                Relay relay = new Relay(SERVER.host(), SERVER.port());
                KeopsApplication application = KeopsApplication.start(KEOPS.environment(
                        database,
                        "KEOPS_DB_HOST",
                        "127.0.0.1",
                        "KEOPS_DB_PORT",
                        String.valueOf(relay.port()),
                        "KEOPS_DB_PATIENCE_SECONDS",
                        "25"))) {
            KeopsClient client = new KeopsClient(application.port());
            Conditions.await("it has called twice", () -> relay.calls() >= 2);
            assertThat(client.health().field("state")).isEqualTo("migrating");
            assertThat(client.health().status()).isEqualTo(200);
            assertThat(client.get("/ready").status()).isEqualTo(503);

            relay.open();

            assertThat(client.settled().field("scenario")).isEqualTo("5");
            assertThat(client.get("/ready").status()).isEqualTo(200);
            assertThat(Snapshot.of(database)).isEqualTo(Snapshot.granted(Snapshot.golden(HEAD)));
        }
    }

    @Test
    void aDatabaseThatComesBackTooLateIsUsedButNotMigrated() throws IOException {
        try (TestDatabase database = KEOPS.legacy();
                Relay relay = new Relay(SERVER.host(), SERVER.port());
                KeopsApplication application = KeopsApplication.start(KEOPS.environment(
                        database, "KEOPS_DB_HOST", "127.0.0.1", "KEOPS_DB_PORT", String.valueOf(relay.port())))) {
            KeopsClient client = new KeopsClient(application.port());
            assertThat(client.settled().field("applicationPool")).isEqualTo("down");

            relay.open();
            Answer answer = client.await(
                    "the pool is up", seen -> seen.field("applicationPool").equals("up"));

            assertThat(answer.field("scenario")).isEqualTo("1");
            assertThat(client.get("/ready").status()).isEqualTo(503);
            assertThat(Snapshot.of(database)).isEqualTo(Snapshot.golden("39f0aae0582b"));
        }
    }

    @Test
    void aMissingDatabaseIsScenario7() throws IOException {
        Answer answer = settled(KEOPS.environment(new TestDatabase(SERVER, "no_such_database")));

        assertThat(answer.field("scenario")).isEqualTo("7");
        assertThat(answer.field("report")).contains("DATABASE_MISSING");
        assertThat(answer.field("applicationPool")).isEqualTo("down");
    }

    @Test
    void aFailedUpgradeIsScenario8AndTheApplicationWorksOnTheOldSchema() throws IOException {
        try (TestDatabase database = KEOPS.legacy()) {
            database.execute("CREATE TABLE keopsdb.feedback (id integer)");

            Answer answer = settled(KEOPS.environment(database));

            assertThat(answer.field("scenario")).isEqualTo("8");
            assertThat(answer.field("ready")).isEqualTo("false");
            assertThat(answer.list("versions")).containsExactly("39f0aae0582b");
            assertThat(answer.field("report"))
                    .contains("84c03f89212d_add_feedback_table.sql:7:22: relation \"feedback\" already exists [42P07]");
            assertThat(answer.field("applicationPool")).isEqualTo("up");
        }
    }

    @Test
    void aRoleThatDoesNotExistIsAFinding() throws IOException {
        try (TestDatabase database = KEOPS.legacy()) {
            Answer answer = settled(KEOPS.environment(database, "KEOPS_DB_USER", "nobody_here"));

            assertThat(answer.field("scenario")).isEqualTo("5");
            assertThat(answer.list("findings")).singleElement().asString().contains("nobody_here");
            assertThat(answer.field("applicationPool")).isEqualTo("rejected");
            assertThat(answer.field("ready")).isEqualTo("false");
        }
    }

    @Test
    void theRoleAndTheDatabaseMayHaveAnyName() throws IOException {
        String name = "Keops %/? \"\"ñ" + ProcessHandle.current().pid();
        SERVER.role("Web: App@", "p%40 @:/ &?");
        try (TestDatabase legacy = KEOPS.legacy()) {
            SERVER.execute("postgres", "CREATE DATABASE \"" + name + "\" TEMPLATE " + legacy.name());
            String unquoted = name.replace("\"\"", "\"");
            Map<String, String> environment = KEOPS.environment(
                    new TestDatabase(SERVER, unquoted), "KEOPS_DB_USER", "Web: App@", "KEOPS_DB_PASS", "p%40 @:/ &?");

            Answer answer = settled(environment);

            assertThat(answer.field("report")).startsWith("upgraded 39f0aae0582b -> 5437d1b9ad47 (22 revisions)");
            assertThat(answer.field("ready")).isEqualTo("true");
            assertThat(TestDatabase.query(
                            SERVER.dataSource(unquoted, "Web: App@", "p%40 @:/ &?"),
                            "SELECT count(*) FROM keopsdb.feedback"))
                    .containsExactly("0");
        } finally {
            SERVER.execute(
                    "postgres", "DROP DATABASE IF EXISTS \"" + name + "\" WITH (FORCE)", "DROP ROLE \"Web: App@\"");
        }
    }

    @Test
    void withoutAnyVariableItServesAndSaysWhichAreMissing() throws IOException {
        try (KeopsApplication application = KeopsApplication.start(Map.of("KEOPS_HTTP_PORT", "0"))) {
            KeopsClient client = new KeopsClient(application.port());

            Answer answer =
                    client.await("it has seen that", seen -> seen.field("state").equals("not configured"));

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.list("problems"))
                    .singleElement()
                    .asString()
                    .startsWith("KEOPS_DB_HOST, ")
                    .endsWith(" and POSTGRESPASSWORD are not set: the database is neither migrated nor used");
            assertThat(client.get("/ready").status()).isEqualTo(503);
        }
    }

    @Test
    void withoutTheSuperusersPasswordItWorksOnTheSchemaAsItIs() throws IOException {
        try (TestDatabase database = KEOPS.legacy();
                KeopsApplication application =
                        KeopsApplication.start(KEOPS.environment(database, "POSTGRESPASSWORD", ""))) {
            Answer answer = new KeopsClient(application.port())
                    .await(
                            "the pool is up",
                            seen -> seen.field("applicationPool").equals("up"));

            assertThat(answer.field("state")).isEqualTo("not configured");
            assertThat(answer.list("problems"))
                    .containsExactly("POSTGRESPASSWORD is not set: the database is used but not migrated");
            assertThat(Snapshot.of(database)).isEqualTo(Snapshot.golden("39f0aae0582b"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/healthy", "/health/", "/ready/x"})
    void otherPagesAreNotFound(String path) throws IOException {
        try (KeopsApplication application = KeopsApplication.start(Map.of("KEOPS_HTTP_PORT", "0"))) {
            assertThat(new KeopsClient(application.port()).get(path).status()).isEqualTo(404);
        }
    }

    @Test
    void onlyReadingIsAllowed() throws IOException {
        try (KeopsApplication application = KeopsApplication.start(Map.of("KEOPS_HTTP_PORT", "0"))) {
            KeopsClient client = new KeopsClient(application.port());

            assertThat(client.send("POST", "/health").status()).isEqualTo(405);
            assertThat(client.send("HEAD", "/health")).isEqualTo(new Answer(200, ""));
        }
    }

    @Test
    void aPortThatIsTakenIsNamedWithItsVariable() throws IOException {
        try (KeopsApplication first = KeopsApplication.start(Map.of("KEOPS_HTTP_PORT", "0"))) {
            Map<String, String> same = Map.of("KEOPS_HTTP_PORT", String.valueOf(first.port()));

            assertThatThrownBy(() -> KeopsApplication.start(same))
                    .isInstanceOf(IOException.class)
                    .hasMessage("can not serve on port " + first.port() + ", set KEOPS_HTTP_PORT to another");
        }
    }

    @Test
    void closingItLetsGoOfTheDatabaseAtOnce() throws IOException {
        try (TestDatabase database = KEOPS.legacy()) {
            settled(KEOPS.environment(database));

            Conditions.await("no session is left", () -> sessions(database).equals(List.of("0")));
        }
    }

    private static List<String> sessions(TestDatabase database) {
        return TestDatabase.query(
                SERVER.superuser("postgres"),
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '" + database.name() + "'");
    }

    private static Answer settled(Map<String, String> environment) throws IOException {
        try (KeopsApplication application = KeopsApplication.start(environment)) {
            return new KeopsClient(application.port()).settled();
        }
    }
}
