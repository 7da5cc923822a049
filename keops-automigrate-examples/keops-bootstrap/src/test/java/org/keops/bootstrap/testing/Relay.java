package org.keops.bootstrap.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A port that leads to a server, or to nobody, as one likes. Closed at first: it hangs up at once. Thread-safe. */
public final class Relay implements AutoCloseable {
    private final ServerSocket door;
    private final InetSocketAddress target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger calls = new AtomicInteger();
    private volatile boolean open;

    /**
     * Opens a port.
     *
     * @param host where the server is
     * @param port its port
     */
    public Relay(String host, int port) {
        this.target = new InetSocketAddress(host, port);
        try {
            this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("relay", this::answer);
    }

    /** The port to call. */
    public int port() {
        return door.getLocalPort();
    }

    /** How often somebody has called. */
    public int calls() {
        return calls.get();
    }

    /** From now on, calls reach the server. */
    public void open() {
        open = true;
    }

    /** From now on, nobody answers, and those who are talking are cut off. */
    public void cut() {
        open = false;
        sockets.forEach(Relay::hangUp);
        sockets.clear();
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
    }

    private void answer() {
        while (!door.isClosed()) {
            try {
                Socket caller = door.accept();
                calls.incrementAndGet();
                if (open) {
                    connect(caller);
                } else {
                    hangUp(caller);
                }
            } catch (IOException e) {
                // the door was closed, or the server is gone: whoever called sees it
            }
        }
    }

    private void connect(Socket caller) throws IOException {
        Socket server = new Socket();
        sockets.add(caller);
        sockets.add(server);
        server.connect(target);
        start("relay-up", () -> carry(caller, server));
        start("relay-down", () -> carry(server, caller));
    }

    private static void carry(Socket from, Socket to) {
        try (from;
                to) {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // one of the two has hung up, which the other is told by closing
        }
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void hangUp(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
