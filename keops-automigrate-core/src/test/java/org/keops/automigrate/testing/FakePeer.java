package org.keops.automigrate.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Somebody who listens on a port of this machine and is not a PostgreSQL server, or only pretends to be one. */
public final class FakePeer implements AutoCloseable {
    private static final int SSL_REQUEST = 80877103;
    private static final Queue<Socket> CLOSED = new ConcurrentLinkedQueue<>();

    private final ServerSocket listener;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

    private FakePeer(ServerSocket listener) {
        this.listener = listener;
    }

    /** What it does with a connection; when it returns, the connection is closed. */
    public interface Talk {
        void with(Socket socket) throws IOException;
    }

    /**
     * Listens.
     *
     * @param talk what to do with each connection, each on a thread of its own
     * @return the peer; close it
     */
    public static FakePeer that(Talk talk) {
        try {
            FakePeer peer = new FakePeer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
            daemon(() -> peer.accept(talk));
            return peer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A port on which nobody listens as long as this JVM lives: it is taken by a socket that does not. */
    public static int closedPort() {
        Socket socket = new Socket();
        CLOSED.add(socket);
        try {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A port for a server that is to be started. */
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Takes all and says nothing, until the client or this peer closes. */
    public static void silent(Socket socket) throws IOException {
        socket.getInputStream().transferTo(OutputStream.nullOutputStream());
    }

    /** Answers with what is said to be an error message of a megabyte, a byte at a time. */
    public static void drip(Socket socket) throws IOException {
        say(socket, new byte[] {'E', 0, 16, 0, 0});
        while (true) {
            say(socket, new byte[1]);
            LockSupport.parkNanos(20_000_000);
        }
    }

    /**
     * Stands between a client and a server.
     *
     * @param dripping whether what the server says comes a byte at a time
     */
    public static void between(Socket client, PostgresServer server, BooleanSupplier dripping) throws IOException {
        try (Socket behind = new Socket(server.host(), server.port())) {
            daemon(() -> talk(
                    socket -> {
                        socket.getInputStream().transferTo(behind.getOutputStream());
                        behind.shutdownOutput();
                    },
                    client));
            InputStream in = behind.getInputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (dripping.getAsBoolean()) {
                    LockSupport.parkNanos(2_000_000_000);
                }
                client.getOutputStream().write(next);
            }
        }
    }

    /**
     * Stands between a client and a server of this machine, and passes on other words than the client's; where they are no SQL,
     * the server refuses them.
     *
     * @param port where the server listens
     * @param words what the client says
     * @param others as long
     */
    public static Talk misquoting(int port, String words, String others) {
        return client -> {
            try (Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
                daemon(() -> talk(socket -> server.getInputStream().transferTo(socket.getOutputStream()), client));
                byte[] buffer = new byte[1 << 16];
                for (int count = client.getInputStream().read(buffer);
                        count >= 0;
                        count = client.getInputStream().read(buffer)) {
                    String said = new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
                    server.getOutputStream().write(said.replace(words, others).getBytes(StandardCharsets.ISO_8859_1));
                }
            }
        };
    }

    /** Hangs up with a reset. */
    public static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Speaks first, in another protocol, then listens. */
    public static Talk greets(String greeting) {
        return greets(greeting, FakePeer::silent);
    }

    /** Speaks first, in another protocol, then does something else. */
    public static Talk greets(String greeting, Talk then) {
        return socket -> {
            say(socket, greeting.getBytes(StandardCharsets.ISO_8859_1));
            then.with(socket);
        };
    }

    /** Waits for some bytes, answers in another protocol, hangs up. */
    public static Talk replies(String reply) {
        return socket -> {
            socket.getInputStream().read(new byte[1024]);
            say(socket, reply.getBytes(StandardCharsets.ISO_8859_1));
        };
    }

    /** Agrees to TLS, then does something else. */
    public static Talk agreesToTls(Talk then) {
        return socket -> {
            socket.getInputStream().readNBytes(8);
            say(socket, new byte[] {'S'});
            then.with(socket);
        };
    }

    /** Declines TLS, reads the start-up packet, then does something else. */
    public static Talk afterStartUp(Talk then) {
        return socket -> {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            while (startUp(in) == SSL_REQUEST) {
                say(socket, new byte[] {'N'});
            }
            then.with(socket);
        };
    }

    /** Asks for the password in clear text, reads it, then does something else. */
    public static Talk afterPassword(Talk then) {
        return afterStartUp(socket -> {
            say(socket, frame('R', ByteBuffer.allocate(4).putInt(3).array()));
            nextFrame(socket.getInputStream());
            then.with(socket);
        });
    }

    /** Lets everybody in, waits for the first query, then does something else. */
    public static Talk atFirstQuery(Talk then) {
        return afterStartUp(socket -> {
            say(socket, frame('R', new byte[4]));
            for (String parameter : new String[] {
                "server_version\00017.0",
                "client_encoding\000UTF8",
                "server_encoding\000UTF8",
                "DateStyle\000ISO, MDY",
                "integer_datetimes\000on",
                "standard_conforming_strings\000on",
                "TimeZone\000UTC"
            }) {
                say(socket, frame('S', text(parameter)));
            }
            say(socket, frame('K', new byte[8]));
            say(socket, frame('Z', new byte[] {'I'}));
            nextFrame(socket.getInputStream());
            then.with(socket);
        });
    }

    /**
     * Sends an ErrorResponse and hangs up.
     *
     * @param routine the function in PostgreSQL's source, or empty as pgbouncer does
     */
    public static Talk error(String severity, String state, String message, String routine) {
        return socket -> {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            String[] fields = {"S" + severity, "V" + severity, "C" + state, "M" + message, "R" + routine};
            for (String field : fields) {
                if (field.length() > 1) {
                    body.write(text(field));
                }
            }
            body.write(0);
            say(socket, frame('E', body.toByteArray()));
        };
    }

    /** Sends one frame of the protocol. */
    public static Talk frame(char type) {
        return socket -> say(socket, frame(type, new byte[0]));
    }

    /** Stops listening and hangs up on everybody. */
    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept(Talk talk) {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                sockets.add(socket);
                daemon(() -> talk(talk, socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void talk(Talk talk, Socket socket) {
        try (socket) {
            talk.with(socket);
        } catch (IOException e) {
            // the other side has gone: that is the end of the talk
            return;
        }
    }

    private static int startUp(DataInputStream in) throws IOException {
        int length = in.readInt();
        int code = in.readInt();
        in.readNBytes(length - 8);
        return code;
    }

    private static void nextFrame(InputStream in) throws IOException {
        DataInputStream data = new DataInputStream(in);
        data.readByte();
        data.readNBytes(data.readInt() - 4);
    }

    private static byte[] frame(char type, byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(4 + body.length)
                .put(body)
                .array();
    }

    private static byte[] text(String text) {
        return (text + '\0').getBytes(StandardCharsets.UTF_8);
    }

    private static void say(Socket socket, byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "fake-peer");
        thread.setDaemon(true);
        thread.start();
    }
}
