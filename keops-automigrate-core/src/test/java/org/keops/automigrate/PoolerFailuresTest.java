package org.keops.automigrate;

import static org.keops.automigrate.FailureTable.CANARY;
import static org.keops.automigrate.FailureTable.OFFLINE;
import static org.keops.automigrate.FailureTable.REJECTED;
import static org.keops.automigrate.FailureTable.inaccessible;
import static org.keops.automigrate.testing.FakePeer.afterStartUp;
import static org.keops.automigrate.testing.FakePeer.atFirstQuery;
import static org.keops.automigrate.testing.FakePeer.error;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.testing.FakePeer;
import org.keops.automigrate.testing.FakePeer.Talk;
import org.keops.automigrate.testing.Pgbouncer;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Style;
import org.keops.automigrate.testing.TestDatabase;

/** pgbouncer answers: as it was recorded, and itself where it is installed. */
class PoolerFailuresTest {
    private static final FailureTable.Expected MISSING = inaccessible(Obstacle.DATABASE_MISSING);
    private static final FailureTable.Expected DENIED = inaccessible(Obstacle.CONNECT_DENIED);
    private static final FailureTable.Expected CLOSED = inaccessible(Obstacle.DATABASE_CLOSED);
    private static final FailureTable.Expected REFUSED = inaccessible(Obstacle.SESSION_REFUSED);
    private static final FailureTable.Expected FULL = inaccessible(Obstacle.TOO_MANY_CONNECTIONS, true);
    private static final String AMBIGUOUS = "down or silent, or its pool is paused or exhausted";

    /** A pool that gives up before the pooler does has nothing to tell. */
    private static final Style[] AT_ONCE = {Style.PLAIN, Style.HIKARI_LAZY};

    @TempDir
    Path scripts;

    @TempDir
    Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (int i = open.size(); i > 0; i--) {
            open.get(i - 1).close();
        }
    }

    @TestFactory
    Stream<DynamicTest> asRecorded() throws Exception {
        FailureTable table = new FailureTable();
        says(table, "SASL authentication failed", REJECTED);
        says(table, "password authentication failed", REJECTED);
        says(table, "password authentication failed for user \"u\"", REJECTED);
        says(table, "no pg_hba.conf entry for host \"127.0.0.1\", user \"u\", database \"d\"", REJECTED);
        says(table, "no such database: d", MISSING);
        says(table, "database \"d\" does not exist", MISSING);
        says(table, "permission denied for database \"d\"", DENIED);
        says(table, "too many connections for database \"d\"", FULL);
        says(table, "no more connections allowed (max_client_conn)", FULL);
        says(table, "database \"d\" is disabled", CLOSED);
        says(table, "unsupported startup parameter: options", REFUSED);
        says(table, "transaction blocks not allowed in statement pooling mode", inaccessible(Obstacle.POOLER));
        says(table, "server login has been failing, try again later (server_login_retry)", OFFLINE);
        says(table, "query_wait_timeout", OFFLINE);
        Talk late = atFirstQuery(error("FATAL", "08P01", "query_wait_timeout", ""));
        return table.row("query_wait_timeout at the first query", fake(late), OFFLINE, AMBIGUOUS)
                .row("port closed", "jdbc:postgresql://127.0.0.1:" + FakePeer.closedPort() + "/d", OFFLINE, "refused")
                .tests(scripts);
    }

    @TestFactory
    Stream<DynamicTest> itself() throws Exception {
        Assumptions.assumeTrue(Pgbouncer.isInstalled(), "pgbouncer is not on the PATH");
        PostgresServer server = PostgresServer.shared();
        server.role("pooled", CANARY);
        TestDatabase shop = keep(server.database());
        TestDatabase denied = keep(server.database());
        denied.execute("REVOKE CONNECT ON DATABASE " + denied.name() + " FROM PUBLIC");
        String address = " = host=" + server.host() + " port=" + server.port() + " dbname=";
        Pgbouncer pooler = keep(Pgbouncer.start(
                directory,
                "transaction",
                Map.of("pooled", CANARY, "unknown", CANARY),
                String.join(
                        "\n", "busy" + address + shop.name(), "down = host=127.0.0.1 port=" + FakePeer.closedPort())));
        Connection busy =
                keep(Style.PLAIN.of(pooler.url("busy", "pooled", CANARY)).getConnection());
        busy.setAutoCommit(false);
        busy.createStatement().execute("SELECT 1");
        Pgbouncer patient = keep(Pgbouncer.start(
                Files.createDirectory(directory.resolve("patient")),
                "transaction",
                Map.of("pooled", CANARY),
                String.join(
                        "\n",
                        "nowhere" + address + "nowhere",
                        "denied" + address + denied.name(),
                        "wrong" + address + shop.name() + " user=pooled password=wrong"),
                30));
        Pgbouncer paused =
                keep(Pgbouncer.start(directory, "session", Map.of("pooled", CANARY), "busy" + address + shop.name()));
        paused.pause();
        return new FailureTable()
                .row("wrong password", pooler.url("busy", "pooled", CANARY + "x"), REJECTED, "a pooler answers")
                .row("unknown user", pooler.url("busy", "nobody", CANARY), REJECTED, "a pooler answers")
                .row("no such database", url(pooler, "other"), MISSING, "a pooler answers")
                .row("no such database in the server", url(patient, "nowhere"), MISSING, "a pooler answers", AT_ONCE)
                .row("no CONNECT in the server", url(patient, "denied"), DENIED, "grant CONNECT", AT_ONCE)
                .row("the pooler's password is wrong", url(patient, "wrong"), REJECTED, "or the pooler's", AT_ONCE)
                .row("server down", url(pooler, "down"), OFFLINE, "a pooler answers", AT_ONCE)
                .row("pool exhausted", url(pooler, "busy"), OFFLINE, AMBIGUOUS, AT_ONCE)
                .row("paused", url(paused, "busy"), OFFLINE, AMBIGUOUS, AT_ONCE)
                .row("paused", url(paused, "busy"), OFFLINE, "pooler", Style.HIKARI_MINUS_ONE)
                .row("options", url(pooler, "busy") + "&options=-c%20a.b=c", REFUSED, "remove it from the URL")
                .tests(scripts);
    }

    private void says(FailureTable table, String text, FailureTable.Expected expected) {
        table.row(text, fake(afterStartUp(error("FATAL", "08P01", text, ""))), expected, "a pooler answers: " + text);
    }

    private String fake(Talk talk) {
        return "jdbc:postgresql://127.0.0.1:" + keep(FakePeer.that(talk)).port() + "/d?user=u&password=" + CANARY;
    }

    private static String url(Pgbouncer pooler, String database) {
        return pooler.url(database, "pooled", CANARY);
    }

    private <T extends AutoCloseable> T keep(T one) {
        open.add(one);
        return one;
    }
}
