package org.keops.automigrate.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Stands between a client and its server and counts how often the client had to wait for an answer before it went on. Bytes
 * that pass each other are no answer: a client waits for the end of one.
 */
public final class CountingProxy implements AutoCloseable {
    private final PostgresServer server;
    private final long delayNanos;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger roundTrips = new AtomicInteger();
    private final FakePeer peer;

    /**
     * Starts a proxy.
     *
     * @param server where connections go
     * @param delayMillis how long an answer is held back: the round-trip time
     */
    public CountingProxy(PostgresServer server, long delayMillis) {
        this.server = server;
        this.delayNanos = delayMillis * 1_000_000;
        this.peer = FakePeer.that(this::forward);
    }

    /**
     * A way to a database through the proxy.
     *
     * @param database the database
     * @return the superuser's data source
     */
    public PGSimpleDataSource superuser(TestDatabase database) {
        PGSimpleDataSource dataSource = database.superuser();
        dataSource.setServerNames(new String[] {"127.0.0.1"});
        dataSource.setPortNumbers(new int[] {peer.port()});
        return dataSource;
    }

    /** How many connections were made. */
    public int connections() {
        return connections.get();
    }

    /** How often the client spoke after the server had answered, since the last call. */
    public int takeRoundTrips() {
        return roundTrips.getAndSet(0);
    }

    @Override
    public void close() {
        peer.close();
    }

    private void forward(Socket client) throws IOException {
        connections.incrementAndGet();
        AtomicBoolean answered = new AtomicBoolean(true);
        Answers answers = new Answers();
        try (Socket target = new Socket(server.host(), server.port())) {
            client.setTcpNoDelay(true);
            target.setTcpNoDelay(true);
            Thread back = new Thread(() -> copy(target, client, answer -> {
                LockSupport.parkNanos(delayNanos);
                if (answers.end(answer)) {
                    answered.set(true);
                }
            }));
            back.setDaemon(true);
            back.start();
            copy(client, target, question -> {
                if (answered.getAndSet(false) && !saysGoodbye(question)) {
                    roundTrips.incrementAndGet();
                }
            });
        }
    }

    /** A client that leaves awaits no answer; nor does it wait until this proxy has seen it leave. */
    private static boolean saysGoodbye(ByteBuffer question) {
        return question.equals(ByteBuffer.wrap(new byte[] {'X', 0, 0, 0, 4}));
    }

    /** Follows the server's messages. */
    private static final class Answers {
        /** ReadyForQuery, what asks for a password or for data. */
        private static final String ENDS = "ZRGW";

        private final byte[] head = new byte[5];
        private boolean started;
        private int have;
        private int left;

        /** Whether an answer has come to its end. */
        boolean end(ByteBuffer bytes) {
            boolean end = false;
            int at = bytes.position();
            if (!started) {
                // the answer to a question for encryption is a single letter, in front of all messages
                started = bytes.get(at) == 'R' || bytes.get(at) == 'E';
                if (!started) {
                    return true;
                }
            }
            while (at < bytes.limit()) {
                if (have < head.length) {
                    head[have++] = bytes.get(at++);
                    left = have == head.length ? ByteBuffer.wrap(head, 1, 4).getInt() - 4 : 1;
                } else {
                    int step = Math.min(left, bytes.limit() - at);
                    left -= step;
                    at += step;
                }
                if (have == head.length && left == 0) {
                    have = 0;
                    end |= ENDS.indexOf(head[0]) >= 0;
                }
            }
            return end;
        }
    }

    private static void copy(Socket from, Socket to, Consumer<ByteBuffer> before) {
        byte[] buffer = new byte[1 << 16];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                before.accept(ByteBuffer.wrap(buffer, 0, count));
                out.write(buffer, 0, count);
            }
            to.shutdownOutput();
        } catch (IOException e) {
            return; // one of them has gone
        }
    }
}
