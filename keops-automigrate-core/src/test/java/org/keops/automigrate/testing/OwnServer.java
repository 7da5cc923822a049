package org.keops.automigrate.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * A server that a test may stop, freeze and misconfigure, on a data directory of its own, from the embedded binaries.
 *
 * <p>The superuser {@code postgres} needs no password, whatever pg_hba.conf says of others.
 */
public final class OwnServer implements AutoCloseable {
    private static final String TRUSTED = "host all postgres 127.0.0.1/32 trust\n";

    private final Process process;
    private final int port;

    private OwnServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * A data directory that nobody uses, to start servers on or to copy.
     *
     * @param data the directory
     * @param bin where the server's programs are
     */
    public record Cluster(Path data, Path bin) {

        /**
         * Makes one.
         *
         * @param directory where; made if missing
         * @param hba pg_hba.conf
         * @param statements run once by the superuser
         * @return the cluster, shut down
         */
        public static Cluster create(Path directory, String hba, String... statements) {
            try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                    .setDataDirectory(directory)
                    .setCleanDataDirectory(false)
                    .start()) {
                PostgresServer.run(
                        postgres.getPostgresDatabase(),
                        // up to PostgreSQL 13 it is not the default
                        Stream.concat(Stream.of("SET password_encryption = 'scram-sha-256'"), Arrays.stream(statements))
                                .toArray(String[]::new));
                Path bin = Path.of(TestDatabase.query(
                                postgres.getPostgresDatabase(), "SELECT setting FROM pg_config WHERE name = 'BINDIR'")
                        .get(0));
                Files.writeString(directory.resolve("pg_hba.conf"), TRUSTED + hba);
                return new Cluster(directory, bin);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Copies it. */
        public Cluster copy(Path target) {
            try (Stream<Path> files = Files.walk(data)) {
                for (Path file : (Iterable<Path>) files::iterator) {
                    Path copy = target.resolve(data.relativize(file));
                    Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
                }
                return new Cluster(target, bin);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Leaves an empty file in it, such as {@code standby.signal}. */
        public Cluster with(String file) {
            try {
                Files.createFile(data.resolve(file));
                return this;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /**
         * Starts a server on it.
         *
         * @param settings as {@code name=value}
         * @return the server, which need not be ready
         */
        public OwnServer start(String... settings) {
            int port = FakePeer.closedPort();
            List<String> command = new ArrayList<>();
            if ("root".equals(System.getProperty("user.name"))) {
                // the server refuses to run as root; in a user namespace of its own it is not
                command.addAll(List.of("unshare", "-U"));
            }
            command.addAll(List.of(bin.resolve("postgres").toString(), "-D", data.toString(), "-p", "" + port));
            command.addAll(List.of("-k", "", "-h", "127.0.0.1", "-F"));
            Arrays.stream(settings).forEach(setting -> command.addAll(List.of("-c", setting)));
            try {
                Process process = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(data.resolve("test.log").toFile())
                        .start();
                return new OwnServer(process, port);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    public int port() {
        return port;
    }

    public String url(String database, String user, String password) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=" + user + "&password=" + password;
    }

    public String superuserUrl() {
        return url("postgres", "postgres", "");
    }

    /** Waits until it lets the superuser in. */
    public OwnServer awaitReady() {
        Conditions.await("the server is ready", () -> "".equals(refusal()));
        return this;
    }

    /** Waits until it refuses the superuser with this SQLSTATE. */
    public OwnServer awaitRefusal(String state) {
        Conditions.await("the server refuses with " + state, () -> state.equals(refusal()));
        return this;
    }

    /** Runs statements as the superuser. */
    public void execute(String database, String... statements) {
        PostgresServer.run(Style.PLAIN.of(url(database, "postgres", "")), statements);
    }

    /** Asks it to shut down; it waits for the sessions that it has. */
    public void shutDownSmartly() {
        signal("TERM", process.pid());
    }

    /**
     * Sends a signal to one of its processes.
     *
     * @param name such as STOP
     * @param pid the process
     */
    public static void signal(String name, long pid) {
        try {
            new ProcessBuilder("kill", "-" + name, "" + pid).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops it at once. */
    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
    }

    private String refusal() {
        try {
            Style.PLAIN.of(superuserUrl()).getConnection().close();
            return "";
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }
}
