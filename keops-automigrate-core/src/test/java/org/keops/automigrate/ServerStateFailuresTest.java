package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keops.automigrate.FailureTable.CANARY;
import static org.keops.automigrate.FailureTable.OFFLINE;
import static org.keops.automigrate.FailureTable.inaccessible;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.testing.Alone;
import org.keops.automigrate.testing.InMemory;
import org.keops.automigrate.testing.OwnServer;
import org.keops.automigrate.testing.Style;
import org.keops.automigrate.testing.Waits;
import org.keops.automigrate.testing.Wrapper;
import org.postgresql.PGConnection;

/** PostgreSQL is there and in no state to work: starting, stopping, full, a standby, frozen. */
class ServerStateFailuresTest {
    private static final FailureTable.Expected FULL = inaccessible(Obstacle.TOO_MANY_CONNECTIONS, true);

    @TempDir(factory = InMemory.class)
    static Path directory;

    private static OwnServer.Cluster cluster;

    @TempDir
    Path scripts;

    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeAll
    static void create() {
        cluster = OwnServer.Cluster.create(
                directory.resolve("original"),
                "host all app 127.0.0.1/32 scram-sha-256\n",
                "CREATE ROLE app LOGIN PASSWORD '" + CANARY + "'");
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
        open.clear();
    }

    @TestFactory
    @Waits
    Stream<DynamicTest> startingUp() throws Exception {
        // recovery asks for a segment, and whoever is to bring it takes his time
        OwnServer server = cluster("starting")
                .with("recovery.signal")
                .start("restore_command=sleep 600", "recovery_target_timeline=1");
        open.add(server.awaitRefusal("57P03"));
        return new FailureTable()
                .row("starting up", app(server), OFFLINE, "starting up [57P03]; credentials are looked at only later")
                .row("starting up, wrong password", server.url("postgres", "app", "x"), OFFLINE, "[57P03]")
                .tests(scripts);
    }

    @TestFactory
    @Waits
    Stream<DynamicTest> shuttingDown() throws Exception {
        OwnServer server = cluster("stopping").start().awaitReady();
        open.add(server);
        open.add(Style.PLAIN.of(app(server)).getConnection());
        server.shutDownSmartly();
        server.awaitRefusal("57P03");
        return new FailureTable()
                .row("shutting down", app(server), OFFLINE, "shutting down")
                .tests(scripts);
    }

    @TestFactory
    @Waits
    Stream<DynamicTest> standby() throws Exception {
        OwnServer hot = cluster("hot")
                .with("standby.signal")
                .start("max_connections=300")
                .awaitReady();
        OwnServer cold = cluster("cold").with("standby.signal").start("hot_standby=off");
        open.add(hot);
        open.add(cold.awaitRefusal("57P03"));
        String anyPrimary = "jdbc:postgresql://127.0.0.1:" + hot.port() + ",127.0.0.1:" + cold.port()
                + "/postgres?user=app&targetServerType=primary&password=" + CANARY;
        return new FailureTable()
                .row("hot standby", app(hot), inaccessible(Obstacle.STANDBY), "connect to the primary")
                .row("standby that lets nobody in", app(cold), OFFLINE, "57P03")
                .row("no primary anywhere", anyPrimary, OFFLINE, "")
                .row("no primary", app(hot) + "&targetServerType=primary", OFFLINE, "fail-over")
                .tests(scripts);
    }

    @TestFactory
    @Waits
    Stream<DynamicTest> full() throws Exception {
        OwnServer server = cluster("full")
                .start("max_connections=4", "superuser_reserved_connections=1", "max_wal_senders=0")
                .awaitReady();
        open.add(server);
        take(3, Style.PLAIN.of(app(server)));
        List<DynamicTest> tests = new ArrayList<>(new FailureTable()
                .row("only reserved slots left", app(server), FULL, "[53300]")
                .tests(scripts)
                .toList());
        // the first table has to be through before the last slot goes
        for (DynamicTest test : tests) {
            run(test);
        }
        take(1, Style.PLAIN.of(server.superuserUrl()));
        return Stream.concat(
                tests.stream(),
                new FailureTable()
                        .row("all slots taken", app(server), FULL, "too many clients")
                        .row("all slots taken, wrong password", server.url("postgres", "app", "x"), FULL, "looked at")
                        .tests(scripts));
    }

    @Test
    @Alone
    void aServerThatFreezesIsOfflineInTime() throws Exception {
        OwnServer server = cluster("frozen").start().awaitReady();
        open.add(server);
        DataSource freezing = Wrapper.of(Style.PLAIN.of(app(server)), connection -> {
            int backend = connection.unwrap(PGConnection.class).getBackendPID();
            OwnServer.signal("STOP", backend);
            return connection;
        });
        BootReport report =
                FailureTable.migrator(scripts(), Duration.ofSeconds(1)).run(freezing);
        assertThat(report.outcome()).isInstanceOf(Outcome.Offline.class);
        assertThat(report.toString()).contains("no answer in time");
        assertThat(report.duration()).isLessThan(Duration.ofSeconds(9));
    }

    @Test
    @Alone
    void aLockedVersionTableIsSaidToBePossible() throws Exception {
        OwnServer server = cluster("locked").start().awaitReady();
        open.add(server);
        server.execute("postgres", "CREATE TABLE public.alembic_version (version_num varchar(32) NOT NULL)");
        server.execute("postgres", "GRANT SELECT ON public.alembic_version TO app");
        Connection other = Style.PLAIN.of(server.superuserUrl()).getConnection();
        open.add(other);
        other.setAutoCommit(false);
        try (Statement statement = other.createStatement()) {
            statement.execute("LOCK TABLE public.alembic_version");
        }
        BootReport report =
                FailureTable.migrator(scripts(), Duration.ofSeconds(1)).run(Style.PLAIN.of(app(server)));
        assertThat(report.outcome()).isInstanceOf(Outcome.Offline.class);
        assertThat(report.toString()).contains("or a locked version table");
        assertThat(report.duration()).isLessThan(Duration.ofSeconds(9));
    }

    private Path scripts() throws Exception {
        return FailureTable.someScript(scripts);
    }

    private static OwnServer.Cluster cluster(String name) {
        return cluster.copy(directory.resolve(name));
    }

    private static String app(OwnServer server) {
        return server.url("postgres", "app", CANARY);
    }

    private void take(int connections, DataSource dataSource) throws SQLException {
        for (int i = 0; i < connections; i++) {
            open.add(dataSource.getConnection());
        }
    }

    private static void run(DynamicTest test) throws Exception {
        try {
            test.getExecutable().execute();
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
