package org.keops.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import liquibase.Contexts;
import liquibase.Liquibase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.DirectoryResourceAccessor;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.AutoMigrator;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * How long the readers of a table wait while a tool adds a column to it and has to wait itself, for a transaction that has
 * read the table before. Everybody in turns, on the same server, with the same statement. For one run.
 */
final class Bystanders {
    private static final int READERS = 6;
    private static final String DDL = "ALTER TABLE item ADD COLUMN more int;\n";
    private static final String NOBODY = "nobody upgrades";
    private static final String PLAIN = "the statement alone";

    private final Server server;
    private final Path directory;
    private final @Nullable String python;
    private final int seconds = Integer.getInteger("benchmarks.bystanders", 4);
    private final Map<String, List<Long>> waits = new LinkedHashMap<>();

    Bystanders(Server server, Path work, @Nullable String python) {
        this.server = server;
        this.directory = work.resolve("bystanders");
        this.python = python;
    }

    /** What brings the column. */
    private interface Upgrade {
        void on(PGSimpleDataSource dataSource) throws Exception;
    }

    /** Measures everybody once for each round, and tells all rounds together. */
    String run(int rounds) throws Exception {
        scripts();
        Map<String, Upgrade> contestants = contestants();
        for (int round = 0; round < rounds; round++) {
            for (Map.Entry<String, Upgrade> contestant : contestants.entrySet()) {
                System.err.println("bystanders, round " + (round + 1) + ", " + contestant.getKey());
                waits.computeIfAbsent(contestant.getKey(), name -> new ArrayList<>())
                        .addAll(measure(contestant.getValue()));
            }
        }
        StringBuilder table = new StringBuilder("| ms | reads | p50 | p99 | max |\n|---|---|---|---|---|\n");
        waits.forEach((name, nanos) -> table.append(row(name, nanos)));
        return table.toString();
    }

    int seconds() {
        return seconds;
    }

    private Map<String, Upgrade> contestants() {
        Map<String, Upgrade> all = new LinkedHashMap<>();
        all.put(NOBODY, dataSource -> {});
        all.put(PLAIN, Bystanders::plain);
        all.put(
                Contestants.OURS,
                dataSource -> AutoMigrator.configure()
                        .scripts(directory.resolve("ours").toString())
                        .leavePermissionsAlone()
                        .waitForTables(Duration.ofMinutes(5))
                        .run(dataSource)
                        .orElseThrow());
        all.put(
                Contestants.FLYWAY,
                dataSource -> Flyway.configure()
                        .dataSource(dataSource)
                        .locations("filesystem:" + directory.resolve("flyway"))
                        .baselineOnMigrate(true)
                        .baselineVersion("0")
                        .load()
                        .migrate());
        all.put(Contestants.LIQUIBASE, this::liquibase);
        if (python != null) {
            all.put(Contestants.ALEMBIC, this::alembic);
        }
        return all;
    }

    private static void plain(DataSource dataSource) throws Exception {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(DDL);
        }
    }

    private void liquibase(DataSource dataSource) throws Exception {
        try (Connection connection = dataSource.getConnection();
                DirectoryResourceAccessor files = new DirectoryResourceAccessor(directory.resolve("liquibase"));
                Liquibase liquibase = new Liquibase("change.sql", files, new JdbcConnection(connection))) {
            liquibase.update(new Contexts());
        }
    }

    private void alembic(PGSimpleDataSource dataSource) throws Exception {
        String url = "postgresql://postgres@localhost:" + server.port() + "/" + dataSource.getDatabaseName();
        Process process = new ProcessBuilder(
                        String.valueOf(python),
                        "-I", // nothing of the working directory
                        "-c",
                        "import sys\nfrom alembic import command\nfrom alembic.config import Config\n"
                                + "config = Config()\nconfig.set_main_option('script_location', sys.argv[1])\n"
                                + "config.set_main_option('url', sys.argv[2])\ncommand.upgrade(config, 'head')\n",
                        directory.resolve("alembic").toString(),
                        url)
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("alembic: " + said);
        }
    }

    private void scripts() throws IOException {
        write("ours/a.sql", "-- a\n--\n-- Revision ID: a\n-- Revises:\n\nSELECT 1;\n");
        write("ours/b.sql", "-- b\n--\n-- Revision ID: b\n-- Revises: a\n\n" + DDL);
        write("flyway/V1__b.sql", DDL);
        write("liquibase/change.sql", "--liquibase formatted sql\n--changeset somebody:b\n" + DDL);
        write("alembic/versions/a.py", "revision = 'a'\ndown_revision = None\ndef upgrade():\n    pass\n");
        write(
                "alembic/versions/b.py",
                "from alembic import op\nrevision = 'b'\ndown_revision = 'a'\ndef upgrade():\n    op.execute('''" + DDL
                        + "''')\n");
        write("alembic/env.py", """
                from alembic import context
                import sqlalchemy
                engine = sqlalchemy.create_engine(context.config.get_main_option('url'))
                with engine.connect() as connection:
                    context.configure(connection=connection)
                    with context.begin_transaction():
                        context.run_migrations()
                """);
    }

    private void write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private List<Long> measure(Upgrade upgrade) throws Exception {
        String database = server.database();
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(server.url(database));
        ExecutorService threads = Executors.newFixedThreadPool(READERS + 1);
        AtomicBoolean counts = new AtomicBoolean();
        AtomicBoolean end = new AtomicBoolean();
        try (Connection before = dataSource.getConnection()) {
            server.execute(
                    database,
                    "CREATE TABLE item (i int)",
                    "INSERT INTO item SELECT generate_series(1, 100)",
                    "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
                    "INSERT INTO alembic_version VALUES ('a')");
            before.setAutoCommit(false);
            before.createStatement().execute("SELECT * FROM item");
            List<Future<List<Long>>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                readers.add(threads.submit(() -> read(dataSource, counts, end)));
            }
            Future<?> upgrading = threads.submit(() -> {
                upgrade.on(dataSource);
                return null;
            });
            // some need longer than others until they come to it
            while (!upgrading.isDone() && !waits(before)) {
                TimeUnit.MILLISECONDS.sleep(5);
            }
            counts.set(true);
            // how long that transaction lasts from now on is what is measured
            TimeUnit.SECONDS.sleep(seconds);
            before.rollback();
            upgrading.get();
            TimeUnit.MILLISECONDS.sleep(500);
            end.set(true);
            List<Long> all = new ArrayList<>();
            for (Future<List<Long>> reader : readers) {
                all.addAll(reader.get());
            }
            return all;
        } finally {
            end.set(true);
            threads.shutdown();
            server.drop(database);
        }
    }

    /** Whether somebody waits for the table. */
    private static boolean waits(Connection connection) throws Exception {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT count(*) FROM pg_locks WHERE relation = 'item'::regclass AND NOT granted")) {
            row.next();
            return row.getInt(1) > 0;
        }
    }

    private static List<Long> read(DataSource dataSource, AtomicBoolean counts, AtomicBoolean end) throws Exception {
        List<Long> nanos = new ArrayList<>();
        try (Connection connection = dataSource.getConnection();
                PreparedStatement read = connection.prepareStatement("SELECT count(*) FROM item")) {
            while (!end.get()) {
                long start = System.nanoTime();
                try (ResultSet row = read.executeQuery()) {
                    row.next();
                }
                if (counts.get()) {
                    nanos.add(System.nanoTime() - start);
                }
                TimeUnit.MILLISECONDS.sleep(10);
            }
        }
        return nanos;
    }

    private static String row(String name, List<Long> nanos) {
        long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "| %s | %d | %.1f | %.1f | %.1f |%n",
                name,
                sorted.length,
                at(sorted, 0.50),
                at(sorted, 0.99),
                at(sorted, 1));
    }

    private static double at(long[] sorted, double share) {
        return sorted[(int) Math.min(sorted.length - 1L, Math.round(share * sorted.length))] / 1e6;
    }
}
