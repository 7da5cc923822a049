package org.keops.automigrate.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The files that this process has open, where the system tells. Stateless. */
public final class OpenFiles {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private OpenFiles() {}

    /**
     * Whether the system tells.
     *
     * @return whether it is Linux, or like it
     */
    public static boolean areKnown() {
        return Files.isDirectory(DESCRIPTORS);
    }

    /**
     * The open files below a directory, deleted ones included; one that is open twice is named twice.
     *
     * @param directory the directory
     * @return their names
     * @throws IOException if the system does not tell
     */
    public static List<String> below(Path directory) throws IOException {
        String below = directory.toRealPath() + "/";
        List<String> open = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(DESCRIPTORS)) {
            for (Path descriptor : descriptors.toList()) {
                String file = name(descriptor);
                if (file.startsWith(below)) {
                    open.add(file);
                }
            }
        }
        return open;
    }

    private static String name(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }
}
