package org.keops.automigrate.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
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

    private final Cluster cluster;
    private final String[] settings;
    private final int port;
    private Process process;

    private OwnServer(Cluster cluster, int port, String... settings) {
        this.cluster = cluster;
        this.port = port;
        this.settings = settings;
        this.process = cluster.launch(port, settings);
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
            return new OwnServer(this, FakePeer.freePort(), settings);
        }

        private Process launch(int port, String... settings) {
            List<String> command = new ArrayList<>();
            if ("root".equals(System.getProperty("user.name"))) {
                // the server refuses to run as root; in a user namespace of its own it is not
                command.addAll(List.of("unshare", "-U"));
            }
            command.addAll(List.of(bin.resolve("postgres").toString(), "-D", data.toString(), "-p", "" + port));
            command.addAll(List.of("-k", "", "-h", "127.0.0.1", "-F"));
            Arrays.stream(settings).forEach(setting -> command.addAll(List.of("-c", setting)));
            try {
                return new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(
                                Redirect.appendTo(data.resolve("test.log").toFile()))
                        .start();
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

    /** The same server in the terms of those that are shared; it is not stopped by closing that. */
    public PostgresServer asServer() {
        return GivenServer.at("jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres&password=none");
    }

    /**
     * Sends its first process a signal that ends it, and waits until none of its processes is left.
     *
     * @param name KILL, or QUIT for an immediate shutdown
     */
    public void end(String name) {
        List<ProcessHandle> children = process.descendants().toList();
        signal(name, process.pid());
        process.onExit().join();
        children.forEach(child -> child.onExit().join());
    }

    /** Starts it again after its end, on the same data, the same port, with the same settings. */
    public OwnServer startAgain() {
        process = cluster.launch(port, settings);
        return awaitReady();
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
