package org.keops.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A wire between clients and a server that counts and, if told so, takes its time: bytes arrive half a round trip after
 * they were sent, in each direction, however many are on the way. Nothing is reordered or held back otherwise.
 *
 * <p>A round trip is a burst of a client's bytes that follows bytes of the server: the client has waited.
 */
final class DelayingProxy implements AutoCloseable {
    private static final byte[] END = {};

    private record Piece(long due, byte[] bytes) {}

    /**
     * What has passed.
     *
     * @param connections accepted
     * @param roundTrips waited for
     * @param clientBytes from the clients
     * @param messages of the clients, in PostgreSQL's protocol
     */
    record Counts(long connections, long roundTrips, long clientBytes, long messages) {
        Counts since(Counts before) {
            return new Counts(
                    connections - before.connections,
                    roundTrips - before.roundTrips,
                    clientBytes - before.clientBytes,
                    messages - before.messages);
        }
    }

    private final ServerSocket listener;
    private final int serverPort;
    private final long halfRoundTripNanos;
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong roundTrips = new AtomicLong();
    private final AtomicLong clientBytes = new AtomicLong();
    private final AtomicLong messages = new AtomicLong();

    DelayingProxy(int serverPort, double roundTripMillis) throws IOException {
        this.serverPort = serverPort;
        this.halfRoundTripNanos = (long) (roundTripMillis * 500_000);
        this.listener = new ServerSocket(0, 600, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    Counts counts() {
        return new Counts(connections.get(), roundTrips.get(), clientBytes.get(), messages.get());
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                connections.incrementAndGet();
                AtomicBoolean waited = new AtomicBoolean(true);
                MessageCounter counter = new MessageCounter();
                pump(client, server, (bytes, length) -> {
                    clientBytes.addAndGet(length);
                    messages.addAndGet(counter.count(bytes, length));
                    if (waited.getAndSet(false)) {
                        roundTrips.incrementAndGet();
                    }
                });
                pump(server, client, (bytes, length) -> waited.set(true));
            }
        } catch (IOException e) {
            // closed
            return;
        }
    }

    private interface Watcher {
        void saw(byte[] bytes, int length);
    }

    private void pump(Socket from, Socket to, Watcher watcher) {
        BlockingQueue<Piece> line = new LinkedBlockingQueue<>();
        start(() -> {
            byte[] buffer = new byte[1 << 16];
            try (InputStream in = from.getInputStream()) {
                for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                    watcher.saw(buffer, length);
                    line.add(
                            new Piece(System.nanoTime() + halfRoundTripNanos, java.util.Arrays.copyOf(buffer, length)));
                }
            } catch (IOException e) {
                // as good as its end
            } finally {
                line.add(new Piece(System.nanoTime() + halfRoundTripNanos, END));
            }
        });
        start(() -> {
            try (to;
                    OutputStream out = to.getOutputStream()) {
                for (Piece piece = line.take(); piece.bytes() != END; piece = line.take()) {
                    for (long left = piece.due() - System.nanoTime();
                            left > 0;
                            left = piece.due() - System.nanoTime()) {
                        java.util.concurrent.locks.LockSupport.parkNanos(left);
                    }
                    out.write(piece.bytes());
                }
            } catch (IOException | InterruptedException e) {
                // the other side has gone
                return;
            }
        });
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "proxy");
        thread.setDaemon(true);
        thread.start();
    }

    /** Counts messages by their lengths: the first has no type. */
    private static final class MessageCounter {
        private boolean started;
        private final byte[] head = new byte[5];
        private int have;
        private long skip;

        int count(byte[] bytes, int length) {
            int found = 0;
            int i = 0;
            while (i < length) {
                if (skip > 0) {
                    int step = (int) Math.min(skip, length - i);
                    skip -= step;
                    i += step;
                    continue;
                }
                head[have++] = bytes[i++];
                int needed = started ? 5 : 4;
                if (have == needed) {
                    skip = java.nio.ByteBuffer.wrap(head, needed - 4, 4).getInt() - 4L;
                    started = true;
                    have = 0;
                    found++;
                }
            }
            return found;
        }
    }
}
