package org.keops.automigrate.testing;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Where servers of tests keep their data: in memory, where the system offers enough of it as a directory, and among all
 * temporary files otherwise. To make a database is to make three hundred files, and to drop it; on a disk that is most of what
 * many a test costs. Nothing is to outlive such a server.
 */
public final class InMemory implements TempDirFactory {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final long ENOUGH = 1L << 30;
    private static final String PREFIX = "keops-automigrate-test";

    /**
     * Makes one.
     *
     * @return a new directory; who asks for it deletes it
     * @throws IOException if there is no room anywhere
     */
    public static Path directory() throws IOException {
        if (!Files.isWritable(SHARED_MEMORY)
                || Files.getFileStore(SHARED_MEMORY).getUsableSpace() < ENOUGH) {
            return Files.createTempDirectory(PREFIX);
        }
        deleteOld();
        return Files.createTempDirectory(SHARED_MEMORY, PREFIX);
    }

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
        return directory();
    }

    /** A process that is killed deletes nothing, and memory is dearer than a disk. */
    private static void deleteOld() throws IOException {
        Instant yesterday = Instant.now().minus(Duration.ofDays(1));
        try (DirectoryStream<Path> all = Files.newDirectoryStream(SHARED_MEMORY, PREFIX + "*")) {
            for (Path one : all) {
                if (Files.getLastModifiedTime(one).toInstant().isBefore(yesterday)) {
                    delete(one);
                }
            }
        }
    }

    private static void delete(Path directory) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> files = Files.walk(directory)) {
            deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : deepestFirst) {
            Files.deleteIfExists(file);
        }
    }
}
