package org.keops.automigrate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A real PostgreSQL server, in one of three ways: embedded binaries (the default), Docker
 * ({@code -Dpostgres.server=docker}), or one that runs already ({@code -Dpostgres.server=jdbc:postgresql://…}, the URL
 * of a superuser).
 *
 * <p>Every role needs its password, so that wrong ones are rejected.
 */
public abstract class PostgresServer implements AutoCloseable {
    /** The password of the superuser of servers that are started here. */
    protected static final String SUPERUSER_PASSWORD = "super/secret@%: 1";

    private static final AtomicInteger COUNTER = new AtomicInteger();

    private static volatile @Nullable PostgresServer running;

    private final String host;
    private final int port;
    private final String superuser;
    private final String password;

    PostgresServer(String host, int port, String superuser, String password) {
        this.host = host;
        this.port = port;
        this.superuser = superuser;
        this.password = password;
    }

    /**
     * The server of this JVM, started at the first call and stopped with the JVM.
     *
     * @return the server
     */
    public static PostgresServer shared() {
        return Shared.SERVER;
    }

    /** The server of this JVM if somebody has asked for it already, or null. */
    static @Nullable PostgresServer running() {
        return running;
    }

    /**
     * Starts a server of one's own.
     *
     * @return the server; close it
     */
    public static PostgresServer start() {
        String kind = System.getProperty("postgres.server", "embedded");
        if (kind.equals("docker")) {
            return DockerServer.launch();
        }
        return kind.startsWith("jdbc:") ? GivenServer.at(kind) : EmbeddedServer.launch();
    }

    /** Stops the server, unless it ran before. */
    @Override
    public abstract void close();

    public final String host() {
        return host;
    }

    public final int port() {
        return port;
    }

    public final String superuser() {
        return superuser;
    }

    public final String password() {
        return password;
    }

    /**
     * A plain data source.
     *
     * @param database the database
     * @param user the role
     * @param password its password
     * @return the driver's own data source, without a pool
     */
    public final PGSimpleDataSource dataSource(String database, String user, String password) {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setServerNames(new String[] {host});
        dataSource.setPortNumbers(new int[] {port});
        dataSource.setDatabaseName(database);
        dataSource.setUser(user);
        dataSource.setPassword(password);
        return dataSource;
    }

    /**
     * A data source of the superuser.
     *
     * @param database the database
     * @return the driver's own data source, without a pool
     */
    public final PGSimpleDataSource superuser(String database) {
        return dataSource(database, superuser, password);
    }

    /**
     * Makes an empty database.
     *
     * @return the database; close it to drop it
     */
    public final TestDatabase database() {
        return databaseLike("template1");
    }

    /**
     * Makes a copy of a database, in milliseconds.
     *
     * @param template the database to copy; nobody may be connected to it
     * @return the copy; close it to drop it
     */
    public final TestDatabase databaseLike(String template) {
        String name = "test_" + ProcessHandle.current().pid() + "_" + COUNTER.incrementAndGet();
        execute("postgres", "CREATE DATABASE " + name + " TEMPLATE \"" + template + "\"");
        return new TestDatabase(this, name);
    }

    /**
     * Makes a login role unless it exists.
     *
     * @param role the role's name, fit to stand in double quotes
     * @param password its password
     */
    public final void role(String role, String password) {
        execute(
                "postgres",
                "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '" + role + "') THEN CREATE ROLE \""
                        + role + "\" LOGIN PASSWORD '" + password + "'; END IF; END $$");
    }

    /**
     * Runs statements as the superuser.
     *
     * @param database where
     * @param statements what
     */
    public final void execute(String database, String... statements) {
        run(superuser(database), statements);
    }

    static void run(DataSource dataSource, String... statements) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static UncheckedIOException failed(IOException e) {
        return new UncheckedIOException("the server does not start", e);
    }

    /** Started when it is first asked for. */
    private static final class Shared {
        static final PostgresServer SERVER = start();

        static {
            Runtime.getRuntime().addShutdownHook(new Thread(SERVER::close));
            running = SERVER;
        }
    }
}
