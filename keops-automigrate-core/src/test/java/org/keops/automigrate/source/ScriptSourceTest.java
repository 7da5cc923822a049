package org.keops.automigrate.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertPath;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import jdk.security.jarsigner.JarSigner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scripts are found in directories, jars and archives, sorted, and once. */
class ScriptSourceTest {
    @TempDir
    Path directory;

    @Test
    void aDirectoryIsListedSortedAndWithoutItsSubdirectories() throws IOException {
        write("b.sql", "b");
        write("a.sql", "a");
        write("notes.txt", "no script");
        write(".#c.sql", "an editor's lock file");
        Files.createDirectory(directory.resolve("sub"));
        write("sub/d.sql", "d");
        assertThat(contents(ScriptSource.of(directory.toString()))).containsExactly("a", "b");
    }

    @Test
    void theEndingKnowsNoCase() throws IOException {
        write("a.SQL", "a");
        write("b.Sql", "b");
        write(".c.SQL", "hidden");
        write("SQL", "no ending");
        assertThat(contents(ScriptSource.of(directory.toString()))).containsExactly("a", "b");
        Path jar = zip("a.jar", "db/v/", "", "db/v/a.SQL", "a");
        assertThat(inClassPath("classpath:db/v", jar)).containsExactly("a");
        assertThat(contents(ScriptSource.of(zip("a.zip", "a.SQL", "a").toString())))
                .containsExactly("a");
    }

    @Test
    void theClassPathIsListedInDirectoriesAndJars() throws IOException {
        Files.createDirectories(directory.resolve("classes/db/v"));
        write("classes/db/v/b.sql", "b");
        Path jar = zip("x y#%.jar", "db/v/", "", "db/v/a.sql", "a", "db/v/deep/c.sql", "c", "db/w/d.sql", "d");
        assertThat(inClassPath("classpath:db/v", directory.resolve("classes"), jar))
                .containsExactly("a", "b");
        assertThat(inClassPath("classpath:/db/v/", directory.resolve("classes"), jar))
                .containsExactly("a", "b");
    }

    /** {@code File.toURL} writes such addresses, and old containers still do: the loader can read them. */
    @Test
    void aJarWhoseAddressIsNoUriIsReadAsItsLoaderReadsIt() throws IOException {
        Path jar = zip("a b.jar", "db/v/", "", "db/v/a.sql", "a");
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {new URL("file:" + jar)}, null)) {
            Thread.currentThread().setContextClassLoader(loader);
            assertThat(String.valueOf(loader.getResource("db/v"))).contains("a b.jar");
            assertThat(contents(ScriptSource.of("classpath:db/v"))).containsExactly("a");
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    /** Which of them counts is known to the loader. */
    @Test
    void anEntryWithVersionsIsReadAsItsLoaderReadsIt() throws IOException {
        String manifest = "Manifest-Version: 1.0\r\nMulti-Release: true\r\n\r\n";
        Path jar = zip(
                "versions.jar",
                "META-INF/MANIFEST.MF",
                manifest,
                "db/v/",
                "",
                "db/v/a.sql",
                "a",
                "META-INF/versions/9/db/v/a.sql",
                "newer");
        assertThat(inClassPath("classpath:db/v", jar)).containsExactly("newer");
    }

    @Test
    void aSignedJarIsVerified() throws Exception {
        Path jar = zip("plain.jar", "META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\n\r\n", "db/v/a.sql", "SELECT 1");
        Path signed = sign(jar);
        try (FileSystem zip = FileSystems.newFileSystem(signed)) {
            Files.writeString(zip.getPath("db/v/b.sql"), "signed by nobody");
        }
        assertThat(read(signed, "a.sql")).isEqualTo("SELECT 1");
        try (FileSystem zip = FileSystems.newFileSystem(signed)) {
            Files.writeString(zip.getPath("db/v/a.sql"), "SELECT 2");
        }
        assertThatThrownBy(() -> read(signed, "a.sql")).isInstanceOf(SecurityException.class);
    }

    private Path sign(Path jar) throws Exception {
        Path keys = directory.resolve("keys");
        String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process made = new ProcessBuilder(
                        tool,
                        "-genkeypair",
                        "-keystore",
                        keys.toString(),
                        "-storepass",
                        "secret",
                        "-alias",
                        "test",
                        "-dname",
                        "CN=test",
                        "-keyalg",
                        "EC")
                .redirectErrorStream(true)
                .start();
        String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(made.waitFor()).as(said).isZero();
        char[] password = "secret".toCharArray();
        KeyStore store = KeyStore.getInstance(keys.toFile(), password);
        CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(List.of(store.getCertificate("test")));
        Path signed = directory.resolve("signed.jar");
        try (ZipFile plain = new ZipFile(jar.toFile());
                OutputStream out = Files.newOutputStream(signed)) {
            new JarSigner.Builder((PrivateKey) store.getKey("test", password), path)
                    .build()
                    .sign(plain, out);
        }
        return signed;
    }

    private static String read(Path jar, String name) throws IOException {
        try (OpenArchives archives = new OpenArchives();
                InputStream content = archives.open(new ScriptFile(name, new InJar(jar.toFile(), "db/v/", name)))) {
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void theSameFileTwiceIsOneScript() throws IOException {
        Path one = zip("one.jar", "db/v/", "", "db/v/a.sql", "a");
        Path two = zip("two.jar", "db/v/", "", "db/v/a.sql", "a");
        assertThat(inClassPath("classpath:db/v", one, two)).containsExactly("a");
    }

    @Test
    void twoFilesOfOneNameAreAnErrorThatNamesBoth() throws IOException {
        Path one = zip("one.jar", "db/v/", "", "db/v/a.sql", "a");
        Path two = zip("two.jar", "db/v/", "", "db/v/a.sql", "another");
        assertThatThrownBy(() -> inClassPath("classpath:db/v", one, two))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("one.jar", "two.jar");
    }

    @Test
    void aZipArchiveIsASourceToo() throws IOException {
        Path atTop = zip("top.zip", "b.sql", "b", "a.sql", "a", "docs/c.sql", "c");
        assertThat(contents(ScriptSource.of(atTop.toString()))).containsExactly("a", "b");
        Path inFolder = zip("folder.zip", "fix-permissions.sql", "x", "alembic/versions/a.sql", "a");
        List<ScriptFile> scripts = ScriptSource.of(inFolder.toString()).list();
        assertThat(scripts).hasSize(1);
        assertThat(scripts.get(0).place()).isEqualTo(inFolder + "!/alembic/versions/a.sql");
    }

    @Test
    void anArchiveThatIsNoneIsAClearError() throws IOException {
        Path broken = directory.resolve("broken.zip");
        Files.writeString(broken, "PK and then nothing");
        assertThatThrownBy(() -> ScriptSource.of(broken.toString()).list())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("broken.zip is not a readable zip archive");
    }

    @Test
    void aSourceOfOnesOwnWorks() throws IOException {
        ScriptSource own = new ScriptSource() {
            @Override
            public List<ScriptFile> list() {
                return List.of(new ScriptFile("here", () -> InputStream.nullInputStream()));
            }

            @Override
            public String describe() {
                return "my own";
            }
        };
        assertThat(contents(own)).containsExactly("");
    }

    private List<String> inClassPath(String location, Path... places) throws IOException {
        URL[] urls = new URL[places.length];
        for (int i = 0; i < places.length; i++) {
            urls[i] = places[i].toUri().toURL();
        }
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader loader = new URLClassLoader(urls, null)) {
            Thread.currentThread().setContextClassLoader(loader);
            return contents(ScriptSource.of(location));
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    private static List<String> contents(ScriptSource source) throws IOException {
        List<String> contents = new ArrayList<>();
        for (ScriptFile script : source.list()) {
            try (InputStream content = script.open()) {
                contents.add(new String(content.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return contents;
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
    }

    private Path zip(String name, String... namesAndContents) throws IOException {
        Path file = directory.resolve(name);
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (int i = 0; i < namesAndContents.length; i += 2) {
                zip.putNextEntry(new ZipEntry(namesAndContents[i]));
                zip.write(namesAndContents[i + 1].getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        return file;
    }
}
