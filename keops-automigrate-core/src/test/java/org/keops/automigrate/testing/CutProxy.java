package org.keops.automigrate.testing;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Stands between a client and a server, knows where one message of PostgreSQL's protocol ends and the next begins, counts
 * them in each direction over all connections, and breaks the line at one of them. The rows of one result count as one
 * message. Without TLS.
 */
public final class CutProxy implements AutoCloseable {
    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_REQUEST = 80877104;

    private final ServerSocket listener;
    private final PostgresServer server;
    private final Cut cut;
    private final Map<Direction, AtomicInteger> counts =
            Map.of(Direction.TO_SERVER, new AtomicInteger(), Direction.TO_CLIENT, new AtomicInteger());
    private final AtomicInteger connections = new AtomicInteger();
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch resumed = new CountDownLatch(1);
    private final Queue<Line> lines = new ConcurrentLinkedQueue<>();

    private CutProxy(ServerSocket listener, PostgresServer server, Cut cut) {
        this.listener = listener;
        this.server = server;
        this.cut = cut;
    }

    /** Which way a message goes. */
    public enum Direction {
        TO_SERVER,
        TO_CLIENT
    }

    /** Where the line breaks. */
    public enum Place {
        BEFORE(0),
        /** Half of its bytes have passed. */
        INSIDE(0.5),
        AFTER(1);

        private final double passed;

        Place(double passed) {
            this.passed = passed;
        }
    }

    /** How the line breaks. */
    public enum Way {
        /** Both sides see an orderly end; what was sent before arrives. */
        CLOSE,
        /** Both sides see a reset, which overtakes what was sent before. */
        RESET,
        /** As CLOSE, and nobody can connect any more. */
        GONE,
        /** Nothing passes until {@link #resume} or {@link #close}. */
        STALL
    }

    /**
     * A fault.
     *
     * @param direction which messages are counted
     * @param message which one, from 1
     * @param place where
     * @param way how
     */
    public record Cut(Direction direction, int message, Place place, Way way) {
        /** No fault: the messages are only counted. */
        public static final Cut NONE = new Cut(Direction.TO_SERVER, 0, Place.BEFORE, Way.CLOSE);
    }

    /**
     * Listens.
     *
     * @param server the server behind it
     * @param cut where the line breaks
     * @return the proxy; close it
     */
    public static CutProxy before(PostgresServer server, Cut cut) {
        try {
            CutProxy proxy = new CutProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), server, cut);
            daemon(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The superuser's data source of a database, through this proxy. */
    public PGSimpleDataSource superuser(TestDatabase database) {
        PGSimpleDataSource dataSource = database.superuser();
        dataSource.setServerNames(new String[] {"127.0.0.1"});
        dataSource.setPortNumbers(new int[] {listener.getLocalPort()});
        return dataSource;
    }

    /** How many messages went that way. */
    public int messages(Direction direction) {
        return counts.get(direction).get();
    }

    /** How many connections were made. */
    public int connections() {
        return connections.get();
    }

    /** Whether the message came at which the line was to break. */
    public boolean hasCut() {
        return reached.getCount() == 0;
    }

    /** Lets pass what has been stalled. */
    public void resume() {
        resumed.countDown();
    }

    /** Stops listening; what is still open sees a reset. */
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        lines.forEach(Line::reset);
        resume();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                connect(listener.accept());
            } catch (IOException e) {
                // it is closed
                return;
            }
        }
    }

    private void connect(Socket client) throws IOException {
        connections.incrementAndGet();
        try {
            Line line = new Line(client, new Socket(server.host(), server.port()));
            lines.add(line);
            daemon(() -> line.carry(Direction.TO_SERVER));
            daemon(() -> line.carry(Direction.TO_CLIENT));
        } catch (IOException e) {
            // the server is down, and that is what the client is to see
            client.close();
        }
    }

    private boolean isHere(Direction direction) {
        return counts.get(direction).incrementAndGet() == cut.message() && direction == cut.direction();
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "cut-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    /** One connection. */
    private final class Line {
        private final Socket client;
        private final Socket behind;
        private final AtomicInteger ended = new AtomicInteger();
        private boolean started;
        private boolean rows;
        private volatile boolean bareAnswer;
        private volatile boolean broken;

        Line(Socket client, Socket behind) throws IOException {
            this.client = client;
            this.behind = behind;
            client.setTcpNoDelay(true);
            behind.setTcpNoDelay(true);
        }

        void carry(Direction direction) {
            boolean up = direction == Direction.TO_SERVER;
            Socket from = up ? client : behind;
            Socket to = up ? behind : client;
            try {
                DataInputStream in = new DataInputStream(new BufferedInputStream(from.getInputStream()));
                for (byte[] message = next(in, up); message != null; message = next(in, up)) {
                    pass(message, direction, to);
                }
            } catch (IOException e) {
                // one side has gone: that is the end of this direction
                end(to);
                return;
            }
            end(to);
        }

        private void pass(byte[] message, Direction direction, Socket to) throws IOException {
            if (!isFurtherRow(message, direction) && isHere(direction)) {
                int half = (int) (message.length * cut.place().passed);
                write(to, message, 0, half);
                cut();
                write(to, message, half, message.length);
            } else {
                write(to, message, 0, message.length);
            }
        }

        private boolean isFurtherRow(byte[] message, Direction direction) {
            if (direction == Direction.TO_SERVER) {
                return false;
            }
            boolean further = rows;
            rows = message.length > 1 && message[0] == 'D';
            return further && rows;
        }

        /** Behind a break it goes nowhere; it is read all the same, so that nobody has to wait to get rid of it. */
        private void write(Socket to, byte[] message, int start, int end) {
            if (hasCut() && cut.way() == Way.STALL) {
                awaitResumption();
            }
            if (start == end || broken) {
                return;
            }
            try {
                to.getOutputStream().write(message, start, end - start);
            } catch (IOException e) {
                broken = true;
            }
        }

        /** The other direction goes on until its own end. */
        private void end(Socket to) {
            try {
                if (!to.isOutputShutdown()) {
                    to.shutdownOutput();
                }
                if (ended.incrementAndGet() == 2) {
                    client.close();
                    behind.close();
                }
            } catch (IOException e) {
                reset();
            }
        }

        private void cut() throws IOException {
            broken = cut.way() != Way.STALL;
            // first: as soon as the client sees the break it may be gone
            reached.countDown();
            if (cut.way() == Way.RESET) {
                reset();
            } else if (broken) {
                if (cut.way() == Way.GONE) {
                    listener.close();
                }
                behind.shutdownOutput();
                client.shutdownOutput();
            }
        }

        /** A message with all its bytes, or null at the end. */
        private byte[] next(DataInputStream in, boolean up) throws IOException {
            if (up && !started) {
                return startUp(in);
            }
            int type = in.read();
            if (type < 0) {
                return null;
            }
            if (!up && bareAnswer) {
                bareAnswer = false;
                return new byte[] {(byte) type};
            }
            int length = in.readInt();
            byte[] body = in.readNBytes(length - 4);
            return ByteBuffer.allocate(1 + length)
                    .put((byte) type)
                    .putInt(length)
                    .put(body)
                    .array();
        }

        /** What comes first has no type, and may ask for encryption, which is answered by a bare byte. */
        private byte[] startUp(DataInputStream in) throws IOException {
            int first = in.read();
            if (first < 0) {
                return null;
            }
            byte[] rest = in.readNBytes(3);
            int length = ByteBuffer.allocate(4).put((byte) first).put(rest).getInt(0);
            byte[] body = in.readNBytes(length - 4);
            int code = ByteBuffer.wrap(body).getInt();
            bareAnswer = code == SSL_REQUEST || code == GSS_REQUEST;
            started = !bareAnswer;
            return ByteBuffer.allocate(length).putInt(length).put(body).array();
        }

        private void awaitResumption() {
            try {
                resumed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void reset() {
            broken = true;
            try (client;
                    behind) {
                client.setSoLinger(true, 0);
                behind.setSoLinger(true, 0);
            } catch (IOException e) {
                // closed already
                return;
            }
        }
    }
}
