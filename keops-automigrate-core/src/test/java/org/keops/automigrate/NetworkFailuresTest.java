package org.keops.automigrate;

import static org.keops.automigrate.FailureTable.CANARY;
import static org.keops.automigrate.FailureTable.OFFLINE;
import static org.keops.automigrate.FailureTable.STYLES;
import static org.keops.automigrate.FailureTable.inaccessible;
import static org.keops.automigrate.testing.FakePeer.afterPassword;
import static org.keops.automigrate.testing.FakePeer.afterStartUp;
import static org.keops.automigrate.testing.FakePeer.agreesToTls;
import static org.keops.automigrate.testing.FakePeer.atFirstQuery;
import static org.keops.automigrate.testing.FakePeer.frame;
import static org.keops.automigrate.testing.FakePeer.greets;
import static org.keops.automigrate.testing.FakePeer.replies;

import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.testing.Alone;
import org.keops.automigrate.testing.FakePeer;
import org.keops.automigrate.testing.FakePeer.Talk;
import org.keops.automigrate.testing.Style;
import org.keops.automigrate.testing.UnixSockets;
import org.keops.automigrate.testing.Waits;

/** Nobody answers, or somebody else does: what the driver makes up by itself. */
class NetworkFailuresTest {
    private static final FailureTable.Expected FOREIGN = inaccessible(Obstacle.NOT_POSTGRESQL);

    /** The driver then asks nothing while it connects. */
    private static final String OURS = "&assumeMinServerVersion=9.4";

    private static final String LOCKED = "a silent server, a paused or exhausted pooler, or a locked version table";

    @TempDir
    Path scripts;

    private final List<FakePeer> peers = new ArrayList<>();

    @AfterEach
    void hangUp() {
        peers.forEach(FakePeer::close);
    }

    @TestFactory
    @Waits
    Stream<DynamicTest> nobodyAnswers() throws Exception {
        return new FailureTable()
                .row("port closed", url(FakePeer.closedPort(), ""), OFFLINE, "refused")
                .row("port closed", url(FakePeer.closedPort(), ""), OFFLINE, "refused", Style.HIKARI_ZERO)
                .row("host unknown", "jdbc:postgresql://no.such.host.invalid/d", OFFLINE, "correct the host name")
                .row(
                        "no such socket",
                        through("/no/such/directory/.s.PGSQL.5432"),
                        OFFLINE,
                        "connection attempt failed")
                .row("closes at once", url(socket -> {}), OFFLINE, "connection attempt failed")
                .row("TCP reset", url(FakePeer::reset), OFFLINE, "connection attempt failed")
                .row("closes after start-up packet", url(afterStartUp(s -> {})), OFFLINE, "EOFException")
                .row("closes after password", url(afterPassword(s -> {})), OFFLINE, "EOFException")
                .row("closes inside the TLS handshake", url(agreesToTls(Socket::close)), OFFLINE, "TLS")
                .row("closes at the first query", url(atFirstQuery(s -> {})), OFFLINE, "[08006]")
                .row("resets at the first query", url(atFirstQuery(FakePeer::reset)), OFFLINE, "[08006]")
                .tests(scripts);
    }

    @TestFactory
    @Alone
    Stream<DynamicTest> nobodySaysAnything() throws Exception {
        String withTimeout = "&socketTimeout=1";
        return new FailureTable()
                .silent("accepts, never answers", url(FakePeer::silent), "", STYLES)
                .silent("accepts, never answers", url(FakePeer::silent), "", Style.HIKARI_ZERO)
                .silent("hangs after start-up packet", url(afterStartUp(FakePeer::silent)), "", STYLES)
                .silent("hangs after password", url(afterPassword(FakePeer::silent)), "", STYLES)
                .silent("hangs inside the TLS handshake", url(agreesToTls(FakePeer::silent)), "", STYLES)
                .silent("TLS, socketTimeout", url(agreesToTls(FakePeer::silent), withTimeout), "", Style.PLAIN)
                .silent("loginTimeout", url(FakePeer::silent, "&loginTimeout=1"), "", Style.PLAIN)
                .row("loginTimeout", url(FakePeer::silent, "&loginTimeout=1"), OFFLINE, "a silent server", Style.PLAIN)
                .silent("the driver's first query not answered", url(atFirstQuery(FakePeer::silent)), "", STYLES)
                .silent("our first query not answered", url(atFirstQuery(FakePeer::silent), OURS), LOCKED, Style.PLAIN)
                .silent("drips its greeting", url(FakePeer::drip), "", STYLES)
                .silent("drips the answer to the start-up packet", url(afterStartUp(FakePeer::drip)), "", STYLES)
                .silent("stops inside an answer", url(atFirstQuery(halfAnAnswer()), OURS), LOCKED, Style.PLAIN)
                .tests(scripts);
    }

    @TestFactory
    @Waits
    Stream<DynamicTest> somebodyElseAnswers() throws Exception {
        String http = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
        String mySql = "J\0\0\0\n8.0.36\0";
        String redis = "-ERR unknown command\r\n";
        String ssh = "SSH-2.0-OpenSSH_9.2\r\n";
        String plain = "&sslmode=disable";
        return new FailureTable()
                .row("HTTP", url(replies(http)), FOREIGN, "does not speak PostgreSQL")
                .row("HTTP, no TLS", url(replies(http), plain), FOREIGN, "does not speak PostgreSQL")
                .row("MySQL", url(greets(mySql)), FOREIGN, "does not speak PostgreSQL")
                .row("MySQL, no TLS", url(greets(mySql), plain), FOREIGN, "does not speak PostgreSQL")
                .row("Redis", url(replies(redis)), FOREIGN, "does not speak PostgreSQL")
                .row("Redis, no TLS", url(replies(redis), plain), FOREIGN, "does not speak PostgreSQL")
                .row("SSH, no TLS", url(greets(ssh), plain), FOREIGN, "does not speak PostgreSQL")
                .row("SSH, whose S is taken for a yes to TLS", url(hangsUpOnTls(ssh)), OFFLINE, "another service")
                .row(
                        "yes to TLS, but speaks none",
                        url(agreesToTls(replies(http))),
                        FOREIGN,
                        "does not speak PostgreSQL")
                .row(
                        "an error that says nothing",
                        url(replies("E\0\0\0\5\0"), plain),
                        FOREIGN,
                        "does not speak PostgreSQL")
                .row("bad property", url(FakePeer::silent, "&socketTimeout=abc"), dataSource(), "socketTimeout")
                .row(
                        "no server of the kind that the URL asks for",
                        url(FakePeer.closedPort(), "&targetServerType=primary"),
                        OFFLINE,
                        "refused")
                .tests(scripts);
    }

    private static FailureTable.Expected dataSource() {
        return inaccessible(Obstacle.DATA_SOURCE);
    }

    /** Speaks first, and hangs up on whatever comes then: on the request for TLS and the beginning of it. */
    private static Talk hangsUpOnTls(String greeting) {
        return greets(greeting, socket -> socket.getInputStream().readNBytes(20));
    }

    private static Talk halfAnAnswer() {
        return socket -> {
            frame('1').with(socket);
            FakePeer.silent(socket);
        };
    }

    private String url(Talk talk) {
        return url(talk, "");
    }

    private String url(Talk talk, String parameters) {
        FakePeer peer = FakePeer.that(talk);
        peers.add(peer);
        return url(peer.port(), parameters);
    }

    private static String through(String socket) {
        return "jdbc:postgresql://localhost/shop?user=app&password=" + CANARY + "&socketFactory="
                + UnixSockets.class.getName() + "&socketFactoryArg=" + socket;
    }

    private static String url(int port, String parameters) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/shop?user=app&password=" + CANARY + parameters;
    }
}
