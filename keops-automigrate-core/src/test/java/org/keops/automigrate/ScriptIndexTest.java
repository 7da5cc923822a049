package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.function.Supplier;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.source.ScriptIndex;
import org.keops.automigrate.source.ScriptSource;
import org.keops.automigrate.testing.Scripts;

/** An index is believed while it is of the scripts that are there, wherever they are, and never a moment longer. */
class ScriptIndexTest {
    private static final List<RevisionId> HEAD = List.of(new RevisionId("c3"));

    @TempDir
    Path root;

    private Path folder;
    private Scripts scripts;

    @BeforeEach
    void write() throws IOException {
        folder = Files.createDirectories(root.resolve("db/v"));
        scripts = new Scripts(folder)
                .add("a1", "", "-- Branch Labels: main", "SELECT 'ü';")
                .add("b2", "a1", "-- Transactional: no", "SELECT 2;")
                .add("c3", "b2", "-- Depends On: a1", "SELECT 3;\n-- downgrade\nSELECT 4;");
        age();
        RevisionsIndex.write(folder);
    }

    @Test
    void itSaysWhatTheHeadersSay() throws IOException {
        ScriptCatalog believing = catalog();
        Files.delete(folder.resolve(ScriptIndex.NAME));
        ScriptCatalog reading = catalog();
        assertThat(believing.graph().revisions()).isEqualTo(reading.graph().revisions());
        assertThat(believing.graph().branchLabels()).isEqualTo(reading.graph().branchLabels());
        for (Revision revision : reading.graph().revisions()) {
            assertThat(bytes(believing, revision)).isEqualTo(bytes(reading, revision));
        }
    }

    @Test
    void theSameScriptsMakeTheSameBytes() throws IOException {
        byte[] first = Files.readAllBytes(folder.resolve(ScriptIndex.NAME));
        RevisionsIndex.write(folder);
        assertThat(Files.readAllBytes(folder.resolve(ScriptIndex.NAME))).isEqualTo(first);
    }

    @Test
    void aBootAtHeadOpensNoScript() throws IOException {
        forge("c3.sql");
        ScriptCatalog catalog = catalog();
        assertThat(catalog.isAtHeads(HEAD)).isTrue();
        assertThat(catalog.isAtHeads(List.of(new RevisionId("b2")))).isFalse();
        assertThat(catalog.isAtHeads(List.of(new RevisionId("b2"), new RevisionId("c3"))))
                .isFalse();
        assertThatThrownBy(() -> bytes(catalog, catalog.graph().revisions().get(2)))
                .hasMessageContaining("c3.sql is not the script that revisions.index beside it was written of");
    }

    @Test
    void aScriptThatWasAddedIsSeen() throws IOException {
        scripts.add("d4", "c3", "SELECT 5;");
        age();
        assertThat(catalog().isAtHeads(HEAD)).isFalse();
        assertThat(catalog().isAtHeads(List.of(new RevisionId("d4")))).isTrue();
    }

    @Test
    void aScriptThatWasTakenAwayIsSeen() throws IOException {
        Files.delete(folder.resolve("c3.sql"));
        assertThat(catalog().isAtHeads(List.of(new RevisionId("b2")))).isTrue();
    }

    @Test
    void aScriptThatWasRenamedIsSeen() throws IOException {
        Files.move(folder.resolve("c3.sql"), folder.resolve("c3_renamed.sql"));
        assertThat(catalog().graph().revisions()).hasSize(3);
        assertThat(catalog().graph().revisions().get(2).script().file()).endsWith("c3_renamed.sql");
    }

    @Test
    void aHeaderThatWasChangedInPlaceIsSeen() throws IOException {
        String text = Files.readString(folder.resolve("c3.sql"));
        Files.writeString(folder.resolve("c3.sql"), text.replace("Revision ID: c3", "Revision ID: c4"));
        assertThat(catalog().isAtHeads(List.of(new RevisionId("c4")))).isTrue();
    }

    @Test
    void aHeaderThatWasChangedInAJarIsSeenWhateverItsTime() throws IOException {
        String text = Files.readString(folder.resolve("c3.sql"));
        Files.writeString(folder.resolve("c3.sql"), text.replace("Revision ID: c3", "Revision ID: c4"));
        age();
        Path jar = jar(true);
        assertThat(on(new URLClassLoader(urls(jar), null), ScriptIndexTest::classPath)
                        .isAtHeads(List.of(new RevisionId("c4"))))
                .isTrue();
    }

    @Test
    void aDamagedIndexIsNotBelieved() throws IOException {
        Path file = folder.resolve(ScriptIndex.NAME);
        byte[] sound = Files.readAllBytes(file);
        scripts.add("d4", "c3", "SELECT 5;");
        age();
        RevisionsIndex.write(folder);
        byte[] bytes = Files.readAllBytes(file);
        for (int i = 0; i < bytes.length; i += i < 200 ? 1 : 17) {
            byte[] damaged = bytes.clone();
            damaged[i] ^= 1;
            Files.write(file, damaged);
            assertThat(catalog().isAtHeads(List.of(new RevisionId("d4")))).isTrue();
            assertThat(catalog().graph().revisions()).hasSize(4);
        }
        for (int length = 0; length < bytes.length; length += 97) {
            Files.write(file, java.util.Arrays.copyOf(bytes, length));
            assertThat(catalog().isAtHeads(HEAD)).isFalse();
            assertThat(catalog().graph().revisions()).hasSize(4);
        }
        Files.write(file, sound);
        assertThat(catalog().isAtHeads(HEAD)).isFalse();
    }

    @Test
    void checkRefusesAnIndexOfOtherScripts() throws IOException {
        Migrator migrator = AutoMigrator.configure().scripts(folder.toString()).build();
        migrator.check();
        scripts.add("c3", "b2", "-- Depends On: a1", "SELECT 33;");
        assertThatThrownBy(() -> AutoMigrator.configure()
                        .scripts(folder.toString())
                        .build()
                        .check())
                .isInstanceOf(UnsoundScriptsException.class)
                .hasMessageContaining("revisions.index")
                .hasMessageContaining("write it anew");
    }

    @Test
    void unsoundScriptsGetNoIndex() throws IOException {
        scripts.add("x9", "nowhere", "SELECT 1;");
        byte[] before = Files.readAllBytes(folder.resolve(ScriptIndex.NAME));
        assertThatThrownBy(() -> RevisionsIndex.main(new String[] {folder.toString()}))
                .isInstanceOf(UnsoundScriptsException.class);
        assertThat(Files.readAllBytes(folder.resolve(ScriptIndex.NAME))).isEqualTo(before);
    }

    @Test
    void scriptsAreFoundWhereverTheyAre() throws IOException {
        List<Revision> expected = on(new URLClassLoader(urls(root), null), ScriptIndexTest::classPath)
                .graph()
                .revisions();
        assertThat(expected).hasSize(3);
        for (boolean withFolders : new boolean[] {true, false}) {
            URLClassLoader loader = new URLClassLoader(urls(jar(withFolders)), null);
            assertThat(on(loader, ScriptIndexTest::classPath).isAtHeads(HEAD)).isTrue();
            assertThat(on(loader, ScriptIndexTest::classPath).graph().revisions())
                    .isEqualTo(expected);
            assertThat(on(loader, ScriptIndexTest::scanned).graph().revisions()).isEqualTo(expected);
        }
        assertThat(on(new Unlistable(), ScriptIndexTest::classPath).isAtHeads(HEAD))
                .isTrue();
        assertThat(on(new Unlistable(), ScriptIndexTest::classPath).graph().revisions())
                .isEqualTo(expected);
        assertThat(on(new Unlistable(), ScriptIndexTest::scanned).graph().revisions())
                .isEqualTo(expected);
    }

    @Test
    void whereNothingCanBeListedAChangedScriptIsNotRun() throws IOException {
        forge("c3.sql");
        ScriptCatalog catalog = on(new Unlistable(), ScriptIndexTest::classPath);
        Revision last = on(new Unlistable(), catalog::graph).revisions().get(2);
        assertThatThrownBy(() -> bytes(catalog, last)).hasMessageContaining("write the index anew");
    }

    @Test
    void twoPlacesAreReadRatherThanBelieved() throws IOException {
        Path other = root.resolve("other");
        new Scripts(Files.createDirectories(other.resolve("db/v"))).add("d4", "c3", "SELECT 5;");
        ScriptCatalog catalog = on(new URLClassLoader(urls(root, other), null), ScriptIndexTest::classPath);
        assertThat(catalog.isAtHeads(HEAD)).isFalse();
        assertThat(catalog.isAtHeads(List.of(new RevisionId("d4")))).isTrue();
    }

    @Test
    void aBundleHasAnIndex() throws IOException {
        Path archive = root.resolve("bundle.zip");
        AutoMigrator.configure().scripts(folder.toString()).build().bundle(archive);
        ScriptSource source = ScriptSource.of(archive.toString());
        assertThat(source.index())
                .isNotNull()
                .returns(true, ScriptIndex::isCurrent)
                .returns(HEAD, ScriptIndex::heads);
        AutoMigrator.configure().scripts(source).build().check();
    }

    private ScriptCatalog catalog() {
        return read(ScriptSource.of(folder.toString()));
    }

    private static ScriptCatalog classPath() {
        return read(ScriptSource.of("classpath:db/v"));
    }

    /** Two sources: no index speaks of both. */
    private static ScriptCatalog scanned() {
        return read(ScriptSource.of("classpath:db/v"), ScriptSource.of("classpath:db/v"));
    }

    private static ScriptCatalog read(ScriptSource... sources) {
        ScriptCatalog catalog = new ScriptCatalog(List.of(sources), List.of());
        catalog.read();
        return catalog;
    }

    private static byte[] bytes(ScriptCatalog catalog, Revision revision) throws IOException {
        try (InputStream content = catalog.bodies().open(revision)) {
            return content.readAllBytes();
        }
    }

    /** Other bytes of the same length, as old as those before. */
    private void forge(String name) throws IOException {
        Files.write(
                folder.resolve(name),
                "x".repeat((int) Files.size(folder.resolve(name))).getBytes(StandardCharsets.UTF_8));
        age();
    }

    private void age() throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file :
                    files.filter(name -> name.toString().endsWith(".sql")).toList()) {
                Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000_000L));
            }
        }
    }

    private Path jar(boolean withFolders) throws IOException {
        Path jar = Files.createTempFile(root, "scripts # %", ".jar");
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out);
                var files = Files.list(folder)) {
            if (withFolders) {
                zip.putNextEntry(new ZipEntry("db/"));
                zip.putNextEntry(new ZipEntry("db/v/"));
            }
            for (Path file : files.toList()) {
                zip.putNextEntry(new ZipEntry("db/v/" + file.getFileName()));
                Files.copy(file, zip);
            }
        }
        return jar;
    }

    private static URL[] urls(Path... places) throws IOException {
        URL[] urls = new URL[places.length];
        for (int i = 0; i < places.length; i++) {
            urls[i] = places[i].toUri().toURL();
        }
        return urls;
    }

    private static <T> T on(ClassLoader loader, Supplier<T> task) {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(loader);
        try {
            T result = task.get();
            if (result instanceof ScriptCatalog catalog) {
                catalog.graph();
            }
            return result;
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    /** What a module or a native image is like: a file by its name, and no way to list them. */
    private final class Unlistable extends ClassLoader {
        Unlistable() {
            super(null);
        }

        @Override
        protected @Nullable URL findResource(String name) {
            Path file = root.resolve(name);
            return Files.isRegularFile(file) ? opaque(file) : null;
        }

        @Override
        protected Enumeration<URL> findResources(String name) {
            URL found = findResource(name);
            return found == null ? Collections.emptyEnumeration() : Collections.enumeration(List.of(found));
        }

        private URL opaque(Path file) {
            try {
                return new URL("resource", "", -1, "/" + root.relativize(file), new URLStreamHandler() {
                    @Override
                    protected URLConnection openConnection(URL url) {
                        return new URLConnection(url) {
                            @Override
                            public void connect() {}

                            @Override
                            public InputStream getInputStream() throws IOException {
                                return Files.newInputStream(file);
                            }
                        };
                    }
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
