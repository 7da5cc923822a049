package org.keops.automigrate.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A wire to a server that counts. A round trip is a burst of the client's bytes that follows bytes of the server: the
 * client has waited for an answer.
 */
public final class CountingProxy implements AutoCloseable {
    private final PostgresServer server;
    private final ServerSocket listener;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger roundTrips = new AtomicInteger();

    public CountingProxy(PostgresServer server) {
        this.server = server;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    public int connections() {
        return connections.get();
    }

    public int roundTrips() {
        return roundTrips.get();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket upstream = new Socket(server.host(), server.port());
                connections.incrementAndGet();
                boolean[] answered = {true};
                start(() -> pump(client, upstream, answered, true));
                start(() -> pump(upstream, client, answered, false));
            }
        } catch (IOException e) {
            // closed
            return;
        }
    }

    private void pump(Socket from, Socket to, boolean[] answered, boolean fromClient) {
        byte[] buffer = new byte[1 << 14];
        try (to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                synchronized (answered) {
                    if (fromClient && answered[0]) {
                        roundTrips.incrementAndGet();
                    }
                    answered[0] = !fromClient;
                }
                out.write(buffer, 0, count);
            }
        } catch (IOException e) {
            // the other side has gone
            return;
        }
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "counting-proxy");
        thread.setDaemon(true);
        thread.start();
    }
}
