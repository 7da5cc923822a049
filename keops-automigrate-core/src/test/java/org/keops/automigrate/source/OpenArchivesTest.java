package org.keops.automigrate.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.testing.OpenFiles;

/** Archives are opened once, and closed with whoever opened them. */
class OpenArchivesTest {
    @TempDir
    Path directory;

    @BeforeEach
    void requireThatTheSystemTells() {
        assumeTrue(OpenFiles.areKnown());
    }

    @Test
    void eachArchiveIsOpenedOnceAndAllAreClosed() throws IOException {
        List<ScriptFile> scripts = new ArrayList<>(listed("one.zip"));
        scripts.addAll(listed("two.zip"));
        try (OpenArchives archives = new OpenArchives()) {
            for (ScriptFile script : scripts) {
                assertThat(read(archives.open(script))).isEqualTo("SELECT 1;");
            }
            assertThat(OpenFiles.below(directory)).hasSize(2);
            Files.delete(directory.resolve("one.zip"));
            assertThat(read(archives.open(scripts.get(0)))).isEqualTo("SELECT 1;");
        }
        assertThat(OpenFiles.below(directory)).isEmpty();
    }

    @Test
    void aStreamThatNobodyClosedEndsWithTheArchive() throws IOException {
        InputStream content;
        try (OpenArchives archives = new OpenArchives()) {
            content = archives.open(listed("one.zip").get(0));
        }
        assertThat(OpenFiles.below(directory)).isEmpty();
        assertThatThrownBy(() -> read(content)).isInstanceOf(IOException.class);
    }

    @Test
    void onceItIsClosedItOpensNoArchive() throws IOException {
        List<ScriptFile> scripts = listed("one.zip");
        OpenArchives archives = new OpenArchives();
        archives.close();
        assertThatThrownBy(() -> archives.open(scripts.get(0))).isInstanceOf(IllegalStateException.class);
        assertThat(OpenFiles.below(directory)).isEmpty();
    }

    @Test
    void threadsShareOne() throws Exception {
        List<ScriptFile> scripts = listed("one.zip");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 100; round++) {
                try (OpenArchives archives = new OpenArchives()) {
                    requireAll(threads.invokeAll(List.of(
                            reading(archives, scripts), reading(archives, scripts), reading(archives, scripts))));
                }
                assertThat(OpenFiles.below(directory)).isEmpty();
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void aScriptByItselfTakesItsArchiveWithIt() throws IOException {
        List<ScriptFile> scripts = listed("one.zip");
        try (InputStream content = scripts.get(0).open()) {
            assertThat(OpenFiles.below(directory)).hasSize(1);
            assertThat(content.readAllBytes()).hasSize(9);
        }
        assertThat(OpenFiles.below(directory)).isEmpty();
        zip("one.zip", "other.sql");
        assertThatThrownBy(() -> scripts.get(0).open()).hasMessageContaining("a.sql any more");
        assertThat(OpenFiles.below(directory)).isEmpty();
    }

    private static Callable<String> reading(OpenArchives archives, List<ScriptFile> scripts) {
        return () -> {
            String all = "";
            for (ScriptFile script : scripts) {
                all += read(archives.open(script));
            }
            return all;
        };
    }

    private static void requireAll(List<Future<String>> read) throws InterruptedException, ExecutionException {
        for (Future<String> one : read) {
            assertThat(one.get()).isEqualTo("SELECT 1;SELECT 1;");
        }
    }

    private static String read(InputStream content) throws IOException {
        try (content) {
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private List<ScriptFile> listed(String name) throws IOException {
        zip(name, "a.sql", "b.sql");
        return new ZipScripts(directory.resolve(name)).list();
    }

    private void zip(String name, String... scripts) throws IOException {
        try (OutputStream out = Files.newOutputStream(directory.resolve(name));
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (String script : scripts) {
                zip.putNextEntry(new ZipEntry(script));
                zip.write("SELECT 1;".getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
