package org.keops.automigrate.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.testing.BootMain;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;
import org.postgresql.ds.PGSimpleDataSource;

/** A script may be larger than the heap, on its whole way from the file to the server. */
class BigScriptTest {
    private static final int STATEMENT = 1 << 14;

    @TempDir
    Path directory;

    @Test
    void sixtyFourMegabytesInThirtyTwo() throws Exception {
        runs(64, "-Xmx32m");
    }

    @Test
    @Tag("soak")
    void aGigabyteInSixtyFourMegabytes() throws Exception {
        runs(1024, "-Xmx64m");
    }

    /** Each statement leaves its length, so that the server has little to write. */
    private void runs(int megabytes, String heap) throws Exception {
        int statements = megabytes * (1 << 20) / STATEMENT;
        String text = "x".repeat(STATEMENT);
        try (Writer script = script()) {
            script.append("CREATE TABLE seen (length int);\n");
            for (int i = 0; i < statements; i++) {
                script.append("INSERT INTO seen VALUES (length('").append(text).append("'));\n");
            }
        }
        try (TestDatabase database = PostgresServer.shared().database()) {
            double seconds = ours(database, heap);
            assertThat(database.query("SELECT count(*) || ' ' || sum(length) FROM seen"))
                    .containsExactly(statements + " " + (long) statements * STATEMENT);
            say("%d MiB in %d statements, %s: %.1f s", megabytes, statements, heap, seconds);
        }
    }

    /** Prints how long psql takes for the same file, where there is one. Three times, in turns. */
    @Test
    @Tag("soak")
    void tenMillionRowsOfCopy() throws Exception {
        int rows = Integer.getInteger("copy.rows", 10_000_000);
        try (Writer script = script()) {
            script.append("CREATE TABLE seen (id int, name text, note text);\nCOPY seen FROM STDIN;\n");
            for (int i = 0; i < rows; i++) {
                script.append(Integer.toString(i)).append("\tname of it\t\\N\n");
            }
            script.append("\\.\n");
        }
        for (int round = 0; round < 3; round++) {
            double psql;
            try (TestDatabase database = PostgresServer.shared().database()) {
                psql = psql(database);
            }
            try (TestDatabase database = PostgresServer.shared().database()) {
                double seconds = ours(database, "-Xmx64m");
                assertThat(database.query("SELECT count(*)::text FROM seen")).containsExactly(Integer.toString(rows));
                say("COPY of %,d rows: %.1f s, psql -1 %.1f s, ratio %.2f", rows, seconds, psql, seconds / psql);
            }
        }
    }

    private Writer script() throws IOException {
        Writer script = Files.newBufferedWriter(directory.resolve("a1_big.sql"));
        script.append("-- big\n--\n-- Revision ID: a1\n-- Revises:\n-- Create Date: 2026-01-01 00:00:00\n\n");
        return script;
    }

    /** With the start of the JVM, as psql's is with its own. */
    private double ours(TestDatabase database, String heap) throws Exception {
        return seconds(BootMain.start(database.superuser(), directory, heap));
    }

    private double psql(TestDatabase database) throws Exception {
        PGSimpleDataSource server = database.superuser();
        ProcessBuilder command = new ProcessBuilder(
                "psql",
                "-X",
                "-q",
                "-1",
                "-v",
                "ON_ERROR_STOP=1",
                "-f",
                directory.resolve("a1_big.sql").toString());
        command.environment().put("PGHOST", PostgresServer.shared().host());
        command.environment()
                .put("PGPORT", Integer.toString(PostgresServer.shared().port()));
        command.environment().put("PGDATABASE", database.name());
        command.environment().put("PGUSER", String.valueOf(server.getUser()));
        command.environment().put("PGPASSWORD", String.valueOf(server.getPassword()));
        try {
            return seconds(command.redirectErrorStream(true).start());
        } catch (IOException e) {
            return Double.NaN; // there is no psql here
        }
    }

    private static double seconds(Process process) throws Exception {
        long start = System.nanoTime();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return (System.nanoTime() - start) / 1e9;
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
