package org.keops.automigrate.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;

/** Archives as they should be, and those that were made to do harm. */
class ZipScriptsTest {
    @TempDir
    Path directory;

    @Test
    void theFolderGoesBeforeTheTop() throws IOException {
        assertThat(places(zip("alembic/versions/b.sql", "alembic/versions/a.sql", "fix-permissions.sql", "README.txt")))
                .containsExactly("!/alembic/versions/a.sql", "!/alembic/versions/b.sql");
        assertThat(places(zip("b.sql", "a.sql", "deeper/c.sql"))).containsExactly("!/a.sql", "!/b.sql");
    }

    @Test
    void aFolderAroundThemIsNoMatter() throws IOException {
        assertThat(places(zip("versions/a.sql", "versions/b.sql", "README.txt")))
                .containsExactly("!/versions/a.sql", "!/versions/b.sql");
        assertThat(places(zip("m/alembic/versions/a.sql", "m/fix-permissions.sql", "__MACOSX/._a.sql")))
                .containsExactly("!/m/alembic/versions/a.sql");
        assertRefused(zip("one/a.sql", "two/b.sql"), "has scripts in several folders ('one/', 'two/')");
    }

    @Test
    void backslashesOfOtherSystemsSeparateToo() throws IOException {
        Path archive = zip("alembic\\versions\\a.sql", "fix-permissions.sql");
        assertThat(places(archive)).containsExactly("!/alembic\\versions\\a.sql");
        assertThat(read(new ZipScripts(archive))).isEmpty();
        assertRefused(zip("a\\b.sql", "a/b.sql"), "holds a/b.sql twice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../evil.sql",
                "alembic/versions/../../evil.sql",
                "/etc/evil.sql",
                "alembic\\versions\\..\\..\\evil.sql",
                "\\evil.sql",
                "C:/evil.sql",
                "harmless/.."
            })
    void aNameThatLeadsOutIsRefused(String name) throws IOException {
        assertRefused(zip("a.sql", name), "leads out of it: '" + name + "'");
    }

    @Test
    void tooManyEntriesAreRefused() throws IOException {
        String[] names = new String[20_001];
        Arrays.setAll(names, i -> i + ".sql");
        assertRefused(zip(names), "has 20001 entries");
    }

    @Test
    void aScriptThatUnpacksWithoutEndIsRefusedWhileItIsRead() throws IOException {
        Path archive = directory.resolve("bomb.zip");
        Files.write(archive, packed("a.sql", new byte[1 << 20]));
        assertThat(Files.size(archive)).isLessThan(1 << 12);
        assertThat(read(new ZipScripts(archive, 1 << 20))).hasSize(1 << 20);
        assertThatIOException()
                .isThrownBy(() -> read(new ZipScripts(archive, (1 << 20) - 1)))
                .withMessageContaining("a.sql unpacks to more than 1048575 bytes");
    }

    @Test
    void oneThatIsCutOffIsRefusedWhereverItIsCut() throws IOException {
        byte[] whole = packed("a.sql", "SELECT 1;".getBytes(StandardCharsets.UTF_8));
        Path archive = directory.resolve("cut.zip");
        for (int length = 0; length < whole.length; length++) {
            Files.write(archive, Arrays.copyOf(whole, length));
            assertRefused(archive, "is not a readable zip archive, perhaps it is cut off");
        }
    }

    @Test
    void anEncryptedOneIsRefused() throws IOException {
        byte[] bytes = packed("a.sql", "SELECT 1;".getBytes(StandardCharsets.UTF_8));
        bytes[6] |= 1; // the flag in the entry's own head
        int directoryEntry = indexOf(bytes, new byte[] {'P', 'K', 1, 2});
        bytes[directoryEntry + 8] |= 1; // and in the archive's directory
        Path archive = directory.resolve("secret.zip");
        Files.write(archive, bytes);
        assertRefused(archive, "is encrypted");
    }

    @Test
    void aDamagedScriptIsNoticed() throws IOException {
        byte[] body = new byte[4096];
        new Random(7).nextBytes(body);
        byte[] bytes = packed("a.sql", body);
        bytes[2000] ^= 1;
        Path archive = directory.resolve("damaged.zip");
        Files.write(archive, bytes);
        assertThatIOException()
                .isThrownBy(() -> read(new ZipScripts(archive)))
                .withMessageContaining("a.sql is damaged");
    }

    /** Behind its header nothing is looked at before it is to run: one that was applied long ago stops no boot. */
    @Test
    void damageBehindTheHeaderIsNotLookedFor() throws IOException {
        String script = "-- first\n\n-- Revision ID: a1\n-- Revises:\n\nSELECT 1;\n";
        byte[] bytes = packed("a.sql", script.getBytes(StandardCharsets.UTF_8));
        bytes[indexOf(bytes, new byte[] {'P', 'K', 7, 8}) + 4] ^= 1; // the checksum behind the data
        bytes[indexOf(bytes, new byte[] {'P', 'K', 1, 2}) + 16] ^= 1; // and in the archive's directory
        Path archive = Files.write(directory.resolve("behind.zip"), bytes);
        Migrator migrator = AutoMigrator.configure().scripts(archive.toString()).build();
        assertThat(migrator.heads()).hasSize(1);
        assertThatThrownBy(migrator::check).hasMessageContaining("a.sql");
    }

    @Test
    void whatIsNoArchiveOrNotThereIsSaid() throws IOException {
        assertRefused(Files.writeString(directory.resolve("text.zip"), "hello"), "is not a readable zip archive");
        assertRefused(directory.resolve("missing.zip"), "does not exist");
    }

    private static void assertRefused(Path archive, String says) {
        assertThatIOException()
                .isThrownBy(() -> new ZipScripts(archive).list())
                .withMessageContaining(archive.toString())
                .withMessageContaining(says);
    }

    private static List<String> places(Path archive) throws IOException {
        return new ZipScripts(archive)
                .list().stream()
                        .map(script ->
                                script.place().substring(archive.toString().length()))
                        .toList();
    }

    private static byte[] read(ZipScripts scripts) throws IOException {
        try (var in = scripts.list().get(0).open()) {
            return in.readAllBytes();
        }
    }

    private Path zip(String... names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
            }
        }
        return Files.write(directory.resolve("scripts.zip"), bytes.toByteArray());
    }

    private static byte[] packed(String name, byte[] body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(body);
        }
        return bytes.toByteArray();
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int i = 0; i < bytes.length; i++) {
            if (Arrays.equals(Arrays.copyOfRange(bytes, i, i + wanted.length), wanted)) {
                return i;
            }
        }
        return -1;
    }
}
