package org.keops.automigrate.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A pgbouncer of one's own, where the program is installed. */
public final class Pgbouncer implements AutoCloseable {
    private final Process process;
    private final int port;

    private Pgbouncer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Whether it is on the PATH. */
    public static boolean isInstalled() {
        return program().isPresent();
    }

    /**
     * Starts it.
     *
     * @param directory for its files
     * @param mode session or transaction
     * @param users names and passwords, of clients and to servers
     * @param databases lines of its section of databases
     */
    public static Pgbouncer start(Path directory, String mode, Map<String, String> users, String databases)
            throws IOException {
        return start(directory, mode, users, databases, 1);
    }

    /**
     * Starts it.
     *
     * @param directory for its files
     * @param mode session or transaction
     * @param users names and passwords, of clients and to servers
     * @param databases lines of its section of databases
     * @param queryWaitTimeout how long a client waits for a server, in seconds; shorter than a server's refusal may take,
     *     the client is told of the wait and not of the refusal
     */
    public static Pgbouncer start(
            Path directory, String mode, Map<String, String> users, String databases, int queryWaitTimeout)
            throws IOException {
        return start(directory, mode, users, databases, queryWaitTimeout, 1);
    }

    /**
     * Starts it.
     *
     * @param directory for its files
     * @param mode session or transaction
     * @param users names and passwords, of clients and to servers
     * @param databases lines of its section of databases
     * @param queryWaitTimeout how long a client waits for a server, in seconds
     * @param sessions how many sessions of the server it shares out
     */
    public static Pgbouncer start(
            Path directory,
            String mode,
            Map<String, String> users,
            String databases,
            int queryWaitTimeout,
            int sessions)
            throws IOException {
        int port = FakePeer.freePort();
        StringBuilder list = new StringBuilder();
        users.forEach((user, password) -> list.append('"' + user + "\" \"" + password + "\"\n"));
        // it gives up being root, and reads them again then
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path auth = Files.writeString(directory.resolve("users-" + mode + ".txt"), list);
        Path configuration = Files.writeString(directory.resolve(mode + ".ini"), """
                [databases]
                %s
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = scram-sha-256
                auth_file = %s
                pool_mode = %s
                default_pool_size = %d
                query_wait_timeout = %d
                server_login_retry = 1
                ignore_startup_parameters = extra_float_digits
                """.formatted(
                        databases, port, auth, mode, sessions, queryWaitTimeout));
        List<String> command = new ArrayList<>(List.of(program().orElseThrow().toString()));
        if ("root".equals(System.getProperty("user.name"))) {
            command.addAll(List.of("-u", "nobody"));
        }
        command.add(configuration.toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(mode + ".log").toFile())
                .start();
        Pgbouncer pooler = new Pgbouncer(process, port);
        Conditions.await("pgbouncer answers", pooler::answers);
        return pooler;
    }

    public int port() {
        return port;
    }

    public String url(String database, String user, String password) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=" + user + "&password=" + password;
    }

    /** Pauses all its databases. */
    public void pause() {
        OwnServer.signal("USR1", process.pid());
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    private boolean answers() {
        try {
            Style.PLAIN.of(url("nowhere", "nobody", "")).getConnection().close();
            return true;
        } catch (SQLException e) {
            return !"08001".equals(e.getSQLState());
        }
    }

    private static Optional<Path> program() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .map(place -> Path.of(place, "pgbouncer"))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
