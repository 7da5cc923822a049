package org.keops.automigrate.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.MigratorBuilder;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.SslMode;
import picocli.CommandLine.Option;

/**
 * Which database, as whom. Three ways: {@code --url} and {@code --user}; PostgreSQL's {@code PG…} variables; KEOPS's own. A
 * password is never an argument: {@code ps} would show it. Filled by picocli.
 */
final class ConnectionOptions {
    private static final int HIGHEST_PORT = 65_535;
    private static final int USUAL_PORT = 5432;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description =
                    "jdbc:postgresql://host:port/database, without a password. By default the environment says it:"
                            + " PGHOST, PGPORT, PGDATABASE, PGUSER, PGSSLMODE, or KEOPS_DB_HOST, KEOPS_DB_PORT, KEOPS_DB_NAME.")
    private @Nullable String url;

    @Option(
            names = "--user",
            paramLabel = "ROLE",
            description =
                    "The role that migrates, not the application's; by default PGUSER, or the one who is logged in.")
    private @Nullable String user;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "The password is the first line of this file. By default it is PGPASSWORD or POSTGRESPASSWORD"
                    + " of the environment, or what ~/.pgpass says.")
    private @Nullable Path passwordFile;

    @Option(
            names = {"-W", "--password"},
            description = "Ask for the password.")
    private boolean ask;

    @Option(
            names = "--connect-within",
            paramLabel = "SECONDS",
            description = "How long one attempt to connect may take; by default PGCONNECT_TIMEOUT, or 10.")
    private @Nullable Integer connectWithin;

    @Option(
            names = "--wait-for-database",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "How long to keep trying while it is offline; by default one attempt.")
    private int waitForDatabase;

    @Option(
            names = "--wait-for-lock",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long to wait for another instance that is migrating; by default ${DEFAULT-VALUE}.")
    private int waitForLock;

    @Option(
            names = "--wait-for-tables",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long to try for the locks of tables that somebody uses; by default ${DEFAULT-VALUE}.")
    private int waitForTables;

    @Option(
            names = "--deadline",
            paramLabel = "SECONDS",
            defaultValue = "1800",
            description = "How long all of it may take; what still runs then is cancelled and rolled back. By default"
                    + " ${DEFAULT-VALUE}.")
    private int deadline;

    MigratorBuilder patience(MigratorBuilder builder, Terminal terminal) {
        Integer bound = connectWithin == null ? connectTimeout(terminal) : connectWithin;
        if (bound != null) {
            builder.connectWithin(Duration.ofSeconds(bound));
        }
        return builder.waitForDatabase(Duration.ofSeconds(waitForDatabase))
                .waitForLock(Duration.ofSeconds(waitForLock))
                .waitForTables(Duration.ofSeconds(waitForTables))
                .deadline(Duration.ofSeconds(deadline));
    }

    /** As libpq reads it: what is not above zero is no bound; ours stays then. */
    private static @Nullable Integer connectTimeout(Terminal terminal) {
        String seconds = terminal.variable("PGCONNECT_TIMEOUT");
        if (seconds == null) {
            return null;
        }
        if (!seconds.strip().matches("-?[0-9]{1,7}")) {
            throw new UsageException("PGCONNECT_TIMEOUT is not a number of seconds: " + seconds);
        }
        int bound = Integer.parseInt(seconds.strip());
        return bound > 0 ? bound : null;
    }

    /** Which database, for a person: no parameter of the URL. */
    String place(Terminal terminal) {
        PGSimpleDataSource database = dataSource(terminal);
        StringBuilder hosts = new StringBuilder();
        String[] names = database.getServerNames();
        int[] ports = database.getPortNumbers();
        for (int i = 0; i < names.length; i++) {
            int port = ports.length > i && ports[i] > 0 ? ports[i] : USUAL_PORT;
            hosts.append(i == 0 ? "" : ",").append(names[i]).append(':').append(port);
        }
        return "jdbc:postgresql://" + hosts + "/" + database.getDatabaseName();
    }

    PGSimpleDataSource dataSource(Terminal terminal) {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setApplicationName("keops-automigrate");
        if (url != null) {
            given(dataSource, url, terminal);
        } else if (terminal.variable("PGHOST") != null || terminal.variable("PGDATABASE") != null) {
            fromPg(dataSource, terminal);
        } else if (terminal.variable("KEOPS_DB_HOST") != null) {
            fromKeops(dataSource, terminal);
        } else {
            throw new UsageException(
                    "no database given: --url and --user, or the variables PGHOST, PGDATABASE, PGUSER, or KEOPS_DB_HOST,"
                            + " KEOPS_DB_PORT, KEOPS_DB_NAME and POSTGRESPASSWORD");
        }
        if (user != null) {
            dataSource.setUser(user);
        }
        String password = password(terminal);
        if (password != null) {
            dataSource.setPassword(password);
        }
        return dataSource;
    }

    private static void given(PGSimpleDataSource dataSource, String url, Terminal terminal) {
        int query = url.indexOf('?');
        if (query >= 0 && url.substring(query).matches("(?i).*[?&](ssl)?password=.*")) {
            throw new UsageException("the URL holds a password, which everybody can see with ps; see --password-file");
        }
        String jdbc = url.startsWith("postgresql://") || url.startsWith("postgres://") ? "jdbc:" + url : url;
        jdbc = jdbc.replaceFirst("^jdbc:postgres://", "jdbc:postgresql://");
        int at = jdbc.indexOf('@');
        int path = jdbc.indexOf('/', "jdbc:postgresql://".length());
        if (at >= 0 && (path < 0 || at < path)) {
            throw new UsageException("the URL holds a user or a password; give --user, and see --password-file");
        }
        String fallback = terminal.variable("PGUSER");
        if (fallback != null) {
            dataSource.setUser(fallback);
        }
        try {
            dataSource.setUrl(jdbc);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--url is not of the form jdbc:postgresql://host:port/database");
        }
        requireSslMode(dataSource.getSslMode(), "sslmode in --url");
    }

    /** The driver takes a mode that it does not know for a server that can not be reached. */
    private static void requireSslMode(@Nullable String mode, String where) {
        if (mode != null && Stream.of(SslMode.VALUES).noneMatch(one -> one.value.equalsIgnoreCase(mode))) {
            String known = Stream.of(SslMode.VALUES).map(one -> one.value).collect(Collectors.joining(", "));
            throw new UsageException(where + " is none of " + known + ": " + mode);
        }
    }

    private static void fromPg(PGSimpleDataSource dataSource, Terminal terminal) {
        String host = terminal.variable("PGHOST");
        String name = terminal.variable("PGUSER");
        String database = terminal.variable("PGDATABASE");
        place(dataSource, host == null ? "localhost" : host, "PGHOST", terminal.variable("PGPORT"), "PGPORT");
        dataSource.setUser(name == null ? System.getProperty("user.name") : name);
        dataSource.setDatabaseName(database == null ? dataSource.getUser() : database);
        String mode = terminal.variable("PGSSLMODE");
        if (mode != null) {
            dataSource.setSslMode(mode);
            requireSslMode(mode, "PGSSLMODE");
        }
        String root = terminal.variable("PGSSLROOTCERT");
        if (root != null) {
            dataSource.setSslRootCert(root);
        }
    }

    /** As KEOPS's boot script: all four, and the role is postgres. */
    private static void fromKeops(PGSimpleDataSource dataSource, Terminal terminal) {
        String host = terminal.variable("KEOPS_DB_HOST");
        String database = terminal.variable("KEOPS_DB_NAME");
        if (host == null || database == null) {
            throw new UsageException("KEOPS_DB_HOST is set, but KEOPS_DB_NAME is not");
        }
        place(dataSource, host, "KEOPS_DB_HOST", terminal.variable("KEOPS_DB_PORT"), "KEOPS_DB_PORT");
        dataSource.setDatabaseName(database);
        dataSource.setUser("postgres");
    }

    private static void place(
            PGSimpleDataSource dataSource,
            String host,
            String hostVariable,
            @Nullable String port,
            String portVariable) {
        if (host.startsWith("/") || host.startsWith("@")) {
            throw new UsageException(hostVariable + " is the directory of a socket, " + host
                    + ", but Java's driver speaks TCP only: name a host, as localhost, where the server has to listen");
        }
        dataSource.setServerNames(new String[] {host});
        if (port != null) {
            dataSource.setPortNumbers(new int[] {port(port, portVariable)});
        }
    }

    private static int port(String port, String variable) {
        int number = port.strip().matches("[0-9]{1,5}") ? Integer.parseInt(port.strip()) : 0;
        if (number < 1 || number > HIGHEST_PORT) {
            throw new UsageException(variable + " is not a port, 1 to " + HIGHEST_PORT + ": " + port);
        }
        return number;
    }

    private @Nullable String password(Terminal terminal) {
        if (passwordFile != null) {
            return firstLine(passwordFile);
        }
        if (ask) {
            return asked(terminal);
        }
        String password = terminal.variable("PGPASSWORD");
        return password == null ? terminal.variable("POSTGRESPASSWORD") : password;
    }

    private static String asked(Terminal terminal) {
        Terminal.Prompt prompt = terminal.prompt();
        if (prompt == null) {
            throw new UsageException("--password asks on a terminal, and there is none; see --password-file");
        }
        char[] typed = prompt.read("Password: ");
        return typed == null ? "" : new String(typed);
    }

    private static String firstLine(Path file) {
        try (var lines = Files.lines(file)) {
            return lines.findFirst().orElse("");
        } catch (IOException | UncheckedIOException e) {
            throw new UsageException("the password file " + file + " can not be read");
        }
    }
}
