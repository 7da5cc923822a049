package org.keops.automigrate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.cli.Tool.Answer;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;

/** Where scripts and passwords may come from on the command line, and archives that were made to do harm. */
class PlacesForScriptsTest {
    private static final String SCRIPT = "-- A\n--\n-- Revision ID: aaaa\n-- Revises:\n\nCREATE TABLE a (i int);\n";

    @TempDir
    Path directory;

    @Test
    void aDirectoryAnArchiveAndTheClassPath() throws IOException {
        Path archive = archive("alembic/versions/aaaa.sql");
        Path folder = Files.createDirectory(directory.resolve("folder"));
        Files.writeString(folder.resolve("aaaa.sql"), SCRIPT);
        assertThat(heads(archive.toString()).out()).isEqualTo("aaaa (head)\n");
        assertThat(heads(folder.toString()).out()).isEqualTo("aaaa (head)\n");
        assertThat(heads("classpath:db/shop").out()).endsWith(" (head)\n");
        assertRefused("classpath:no/such", "no/such");
    }

    @Test
    void anArchiveThatIsCutOff() throws IOException {
        Path archive = archive("aaaa.sql");
        byte[] whole = Files.readAllBytes(archive);
        Files.write(archive, Arrays.copyOf(whole, whole.length - 30));
        assertRefused(archive.toString(), "perhaps it is cut off");
    }

    @Test
    void anArchiveThatIsEncrypted() throws IOException {
        Path archive = archive("aaaa.sql");
        byte[] bytes = Files.readAllBytes(archive);
        bytes[6] |= 1;
        int entry = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("PK\1\2");
        bytes[entry + 8] |= 1;
        Files.write(archive, bytes);
        assertRefused(archive.toString(), "is encrypted");
    }

    @Test
    void anArchiveThatLeadsOut() throws IOException {
        assertRefused(archive("aaaa.sql", "../evil.sql").toString(), "leads out of it: '../evil.sql'");
    }

    @Test
    void anArchiveWithTooManyEntries() throws IOException {
        String[] names = new String[20_001];
        Arrays.setAll(names, i -> i + ".sql");
        assertRefused(archive(names).toString(), "has 20001 entries");
    }

    @Test
    void aPasswordThatIsTyped() throws IOException {
        Path archive = archive("aaaa.sql");
        try (TestDatabase database = PostgresServer.shared().database()) {
            Map<String, String> environment = new Tool().of(database).environment;
            environment.remove("PGPASSWORD");
            StringWriter err = new StringWriter();
            Terminal terminal = new Terminal(
                    new PrintWriter(new StringWriter()),
                    new PrintWriter(err),
                    environment,
                    question -> database.server().password().toCharArray());
            assertThat(Main.run(terminal, "upgrade", "head", "--scripts", archive.toString(), "--password"))
                    .as(err.toString())
                    .isZero();
            assertThat(Main.run(terminal, "current", "--scripts", archive.toString(), "-W"))
                    .isZero();
        }
    }

    private static Answer heads(String place) {
        return new Tool().run("heads", "--scripts", place);
    }

    private static void assertRefused(String place, String says) {
        for (String verb : new String[] {"heads", "check"}) {
            Answer answer = new Tool().run(verb, "--scripts", place);
            assertThat(answer.code()).as(answer.err()).isEqualTo(21);
            assertThat(answer.err()).contains(says).doesNotContain("Exception");
            assertThat(answer.out()).isEmpty();
        }
    }

    private Path archive(String... names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(SCRIPT.getBytes(StandardCharsets.UTF_8));
            }
        }
        return Files.write(directory.resolve("scripts.zip"), bytes.toByteArray());
    }
}
