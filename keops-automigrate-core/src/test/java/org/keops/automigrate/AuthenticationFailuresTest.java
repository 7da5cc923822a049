package org.keops.automigrate;

import static org.keops.automigrate.FailureTable.CANARY;
import static org.keops.automigrate.FailureTable.OFFLINE;
import static org.keops.automigrate.FailureTable.REJECTED;
import static org.keops.automigrate.FailureTable.inaccessible;
import static org.keops.automigrate.testing.FakePeer.afterStartUp;
import static org.keops.automigrate.testing.FakePeer.error;

import java.nio.file.Path;
import java.sql.Connection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.testing.Alone;
import org.keops.automigrate.testing.Certificates;
import org.keops.automigrate.testing.FakePeer;
import org.keops.automigrate.testing.InMemory;
import org.keops.automigrate.testing.OwnServer;
import org.keops.automigrate.testing.Style;
import org.keops.automigrate.testing.Waits;

/** PostgreSQL answers, and does not let this session in: authentication, authorisation, settings, encryption. */
class AuthenticationFailuresTest {
    private static final FailureTable.Expected TLS = inaccessible(Obstacle.TLS);
    private static final FailureTable.Expected REFUSED = inaccessible(Obstacle.SESSION_REFUSED);
    private static final FailureTable.Expected FULL = inaccessible(Obstacle.TOO_MANY_CONNECTIONS, true);
    private static final FailureTable.Expected CLOSED = inaccessible(Obstacle.DATABASE_CLOSED);
    private static final FailureTable.Expected READ_ONLY = inaccessible(Obstacle.READ_ONLY);
    private static final String UNTOLD = "PostgreSQL does not tell these apart";

    private static final String HBA = """
            host all rejected 127.0.0.1/32 reject
            hostssl all encrypted 127.0.0.1/32 scram-sha-256
            hostssl all certified 127.0.0.1/32 cert
            host all trusted,nobody 127.0.0.1/32 trust
            host all hashed 127.0.0.1/32 md5
            host all identified 127.0.0.1/32 ident
            host all app,nologin,expired,wordless,limited,ghost,stored 127.0.0.1/32 scram-sha-256
            """;

    @TempDir(factory = InMemory.class)
    static Path directory;

    private static final Queue<FakePeer> PEERS = new ConcurrentLinkedQueue<>();

    private static OwnServer server;
    private static Certificates certificates;
    private static Connection onlyOne;
    private static Connection onlyRole;

    @TempDir
    Path scripts;

    @BeforeAll
    static void start() throws Exception {
        certificates = Certificates.in(directory);
        String password = "LOGIN PASSWORD '" + CANARY + "'";
        server = OwnServer.Cluster.create(
                        directory.resolve("data"),
                        HBA,
                        "CREATE ROLE app " + password,
                        "CREATE ROLE rejected " + password,
                        "CREATE ROLE encrypted " + password,
                        "CREATE ROLE certified " + password,
                        "CREATE ROLE identified " + password,
                        "CREATE ROLE stranger " + password,
                        "CREATE ROLE limited " + password + " CONNECTION LIMIT 1",
                        "CREATE ROLE expired " + password + " VALID UNTIL '2001-01-01'",
                        "CREATE ROLE nologin PASSWORD '" + CANARY + "'",
                        "CREATE ROLE trusted",
                        "CREATE ROLE wordless LOGIN",
                        "SET password_encryption = md5",
                        "CREATE ROLE stored " + password,
                        "CREATE ROLE hashed " + password)
                .start(
                        // all rows of all tests at once
                        "max_connections=300",
                        "ssl=on",
                        "ssl_cert_file=" + certificates.good().certificate(),
                        "ssl_key_file=" + certificates.good().key(),
                        "ssl_ca_file=" + certificates.good().certificate())
                .awaitReady();
        server.execute(
                "postgres",
                "CREATE DATABASE closed ALLOW_CONNECTIONS false",
                "CREATE DATABASE invalid",
                "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'invalid'",
                "CREATE DATABASE denied",
                "REVOKE CONNECT ON DATABASE denied FROM PUBLIC",
                "CREATE DATABASE single CONNECTION LIMIT 1",
                "CREATE DATABASE frozen",
                "ALTER DATABASE frozen SET default_transaction_read_only = on",
                "CREATE DATABASE guarded",
                "ALTER DATABASE guarded SET session_preload_libraries = 'no_such_library'",
                "CREATE DATABASE quick",
                "ALTER DATABASE quick SET statement_timeout = '1ms'");
        if (hasLoginTriggers()) {
            server.execute("postgres", "CREATE DATABASE triggered");
            server.execute("triggered", """
                    CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
                    BEGIN IF session_user = 'app' THEN RAISE EXCEPTION 'not today'; END IF; END $$
                    """, "CREATE EVENT TRIGGER refuse ON login EXECUTE FUNCTION refuse()");
        }
        onlyOne = Style.PLAIN.of(url("single", "app")).getConnection();
        onlyRole = Style.PLAIN.of(url("postgres", "limited")).getConnection();
    }

    @AfterAll
    static void stop() throws Exception {
        onlyOne.close();
        onlyRole.close();
        server.close();
        PEERS.forEach(FakePeer::close);
    }

    @TestFactory
    @Alone
    Stream<DynamicTest> credentials() throws Exception {
        return new FailureTable()
                .row("wrong password", server.url("postgres", "app", CANARY + "x"), REJECTED, UNTOLD)
                .row("wrong password", with("app", "x"), REJECTED, UNTOLD, Style.HIKARI_CLASS_NAME)
                .row("wrong password", with("app", "x"), REJECTED, UNTOLD, Style.HIKARI_DATA_SOURCE)
                .row("wrong password", with("app", "x"), REJECTED, UNTOLD, Style.HIKARI_ZERO)
                .row("role does not exist", with("ghost", CANARY), REJECTED, UNTOLD)
                .row("role without a password", with("wordless", CANARY), REJECTED, UNTOLD)
                .row("password expired", with("expired", CANARY), REJECTED, UNTOLD)
                .row("scram wanted, md5 stored", with("stored", CANARY), REJECTED, UNTOLD)
                .row("wrong password for md5", with("hashed", "x"), REJECTED, UNTOLD)
                .row("role may not log in, wrong password", with("nologin", "x"), REJECTED, UNTOLD)
                .row("role may not log in", with("nologin", CANARY), REJECTED, "not permitted to log in")
                .row("role may not log in, trusted", with("trusted", ""), REJECTED, "not permitted to log in")
                .row("role does not exist, trusted", with("nobody", ""), REJECTED, "\"nobody\" does not exist")
                .row("pg_hba.conf rejects", with("rejected", CANARY), REJECTED, "pg_hba.conf rejects")
                .row("no line in pg_hba.conf", with("stranger", CANARY), REJECTED, "no pg_hba.conf entry")
                .row("ident fails", with("identified", CANARY), REJECTED, "Ident authentication failed")
                .row("no client certificate", with("certified", ""), REJECTED, "valid client certificate")
                .row(
                        "password missing",
                        "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres?user=app",
                        REJECTED,
                        "no password")
                .row("password empty", with("app", ""), REJECTED, "password")
                .row("password missing for md5", with("hashed", ""), REJECTED, "password")
                .row("requireAuth", with("app", CANARY) + "&requireAuth=md5", REJECTED, "requireAuth")
                .tests(scripts);
    }

    @TestFactory
    @Waits
    Stream<DynamicTest> databases() throws Exception {
        FailureTable table = new FailureTable()
                .row("database missing", url("nowhere", "app"), inaccessible(Obstacle.DATABASE_MISSING), "create it")
                .row("database missing, wrong password", server.url("nowhere", "app", "x"), REJECTED, UNTOLD)
                .row("no CONNECT", url("denied", "app"), inaccessible(Obstacle.CONNECT_DENIED), "grant CONNECT")
                .row("closed", url("closed", "app"), CLOSED, "not currently accepting connections")
                .row("left invalid by DROP DATABASE", url("invalid", "app"), CLOSED, "invalid")
                .row("limit of the database", url("single", "app"), FULL, "too many connections for database")
                .row("limit of the role", url("postgres", "limited"), FULL, "too many connections for role")
                .row("read-only by default", url("frozen", "app"), READ_ONLY, "default_transaction_read_only")
                .row("unknown setting", url("postgres", "app") + "&options=-c%20nosuch=1", REFUSED, "unrecognized")
                .row("a superuser's setting", url("postgres", "app") + "&options=-c%20fsync=off", REFUSED, "options")
                .row("bad value", url("postgres", "app") + "&options=-c%20work_mem=x", REFUSED, "work_mem")
                .row("library missing", url("guarded", "app"), REFUSED, "no_such_library");
        if (hasLoginTriggers()) {
            table.row("login trigger", url("triggered", "app"), REFUSED, "not today");
        }
        return table.tests(scripts);
    }

    @TestFactory
    @Waits
    Stream<DynamicTest> encryption() throws Exception {
        String good = "&sslrootcert=" + certificates.good().certificate();
        String other = "&sslrootcert=" + certificates.expired().certificate();
        String none = "&sslrootcert=" + directory.resolve("none.crt");
        String app = with("app", CANARY);
        String encrypted = with("encrypted", CANARY);
        String plain = fake(FakePeer.replies("N")) + "&sslmode=require";
        String expired = fake(certificates.expired().server()) + "&sslmode=verify-ca" + good;
        return new FailureTable()
                .row("no root certificate", app + "&sslmode=verify-ca" + none, TLS, "root certificate")
                .row(
                        "no client key",
                        app + "&sslmode=require&sslcert=x&sslkey=" + directory.resolve("none.pk8"),
                        TLS,
                        "")
                .row("certificate of another authority", app + "&sslmode=verify-ca" + other, TLS, "PKIX")
                .row("another host's name", app + "&sslmode=verify-full" + good, TLS, "hostname")
                .row("certificate expired", expired, TLS, "")
                .row("server without TLS", plain, TLS, "SSL")
                .row(
                        "channel binding without TLS",
                        app + "&sslmode=disable&channelBinding=require",
                        TLS,
                        "Channel Binding")
                .row("server wants TLS", encrypted + "&sslmode=disable", REJECTED, "sslmode=require")
                .tests(scripts);
    }

    /** What is hard to bring about, in the frames that were recorded. */
    @TestFactory
    @Waits
    Stream<DynamicTest> whileConnecting() throws Exception {
        FailureTable table = new FailureTable();
        fatal(table, "57P01", "terminating connection due to administrator command", "ProcessInterrupts", OFFLINE);
        fatal(table, "57P01", "terminating connection due to unexpected postmaster exit", "WaitEventSetWait", OFFLINE);
        fatal(table, "57P02", "terminating connection because of crash of another server process", "quickdie", OFFLINE);
        fatal(table, "57P03", "the database system is in recovery mode", "ProcessStartupPacket", OFFLINE);
        fatal(table, "08P01", "invalid startup packet", "ProcessStartupPacket", REFUSED);
        fatal(table, "42501", "permission denied to set parameter \"x\"", "set_config_option", REFUSED);
        return table.tests(scripts);
    }

    private static void fatal(
            FailureTable table, String state, String text, String routine, FailureTable.Expected expected) {
        table.row(state + " " + text, fake(afterStartUp(error("FATAL", state, text, routine))), expected, text);
    }

    private static String fake(FakePeer.Talk talk) {
        FakePeer peer = FakePeer.that(talk);
        PEERS.add(peer);
        return "jdbc:postgresql://127.0.0.1:" + peer.port() + "/d?user=app&password=" + CANARY;
    }

    private static boolean hasLoginTriggers() {
        String version = System.getProperty("postgres.version", "18");
        return Integer.parseInt(version.substring(0, 2)) >= 17;
    }

    private static String with(String role, String password) {
        return server.url("postgres", role, password);
    }

    private static String url(String database, String role) {
        return server.url(database, role, CANARY);
    }
}
