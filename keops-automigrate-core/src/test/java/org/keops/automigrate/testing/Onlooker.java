package org.keops.automigrate.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Looks on while all tests run, as others may: at the names of threads, as a thread dump shows them, and at the sessions of the
 * library, as {@code pg_stat_activity} shows them to everybody who may see it. What it sees it writes down once; {@code CanaryIT}
 * reads it. Of statements only the library's own count: what a script says is the script's.
 */
public final class Onlooker implements BeforeAllCallback {
    /** Where it writes, a file for each process. */
    public static final Path NOTES = Path.of("target", "seen-by-others");

    private static final AtomicBoolean LOOKS = new AtomicBoolean();
    private static final long EVERY_MILLIS = 100;

    /** Each of the library's own statements names the catalog or is one of these few. */
    private static final String SESSIONS = """
            SELECT 'application name: ' || application_name FROM pg_stat_activity
             WHERE application_name LIKE '%keops-automigrate%'
            UNION SELECT 'statement: ' || regexp_replace(query, '\\s+', ' ', 'g') FROM pg_stat_activity
             WHERE pid <> pg_backend_pid() AND (query LIKE '%pg_catalog.%' OR query ~ '^(COMMENT ON|SET) ')
            """;

    private final Set<String> seen = new HashSet<>();

    @Override
    public void beforeAll(ExtensionContext context) {
        if (LOOKS.compareAndSet(false, true)) {
            begin();
            Thread thread = new Thread(this::look, "onlooker");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void begin() {
        try {
            Files.createDirectories(NOTES);
            if (System.getProperty("cli.jar") == null) {
                // not the second process of a build: what an earlier build has seen is over
                try (Stream<Path> old = Files.list(NOTES)) {
                    for (Path file : old.toList()) {
                        Files.deleteIfExists(file);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void look() {
        while (true) {
            PostgresServer server = PostgresServer.running();
            if (server == null) {
                lookAtThreads();
                pause();
                continue;
            }
            PGSimpleDataSource dataSource = server.superuser("postgres");
            dataSource.setApplicationName("onlooker");
            try (Connection connection = dataSource.getConnection();
                    Statement statement = connection.createStatement()) {
                while (true) {
                    lookAtThreads();
                    try (ResultSet rows = statement.executeQuery(SESSIONS)) {
                        while (rows.next()) {
                            note(rows.getString(1));
                        }
                    }
                    pause();
                }
            } catch (SQLException e) {
                pause();
            }
        }
    }

    private void lookAtThreads() {
        Thread[] threads = new Thread[Thread.activeCount() + 100];
        int count = Thread.enumerate(threads);
        for (int i = 0; i < count; i++) {
            note("thread: " + threads[i].getName());
        }
    }

    private static void pause() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(EVERY_MILLIS));
    }

    private void note(String what) {
        if (!seen.add(what)) {
            return;
        }
        Path file = NOTES.resolve(ProcessHandle.current().pid() + ".txt");
        try {
            Files.write(file, List.of(what), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
