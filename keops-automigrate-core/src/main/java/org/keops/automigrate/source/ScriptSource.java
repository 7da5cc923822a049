package org.keops.automigrate.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Where revision scripts come from: the class path, a directory, a zip archive, or an implementation of your own.
 *
 * <p>Implementations are used while a migrator is built and, for the bodies of pending scripts, while it runs.
 */
public interface ScriptSource {

    /** What a location on the class path begins with. */
    String CLASSPATH = "classpath:";

    /**
     * Lists the scripts, sorted by file name.
     *
     * @return the scripts; empty if the place exists but holds none
     * @throws IOException if the place does not exist or can not be read, with a message that names it
     */
    List<ScriptFile> list() throws IOException;

    /**
     * Names the place for messages.
     *
     * @return what the user configured
     */
    String describe();

    /**
     * Understands a location as a user writes it.
     *
     * @param location {@code classpath:some/folder}, a directory, or a {@code .zip} archive
     * @return the source; whether it exists is seen when it is listed
     */
    static ScriptSource of(String location) {
        if (location.startsWith(CLASSPATH)) {
            return new ClasspathScripts(location.substring(CLASSPATH.length()));
        }
        Path path = Path.of(location);
        boolean archive = location.toLowerCase(Locale.ROOT).endsWith(".zip") && !Files.isDirectory(path);
        return archive ? new ZipScripts(path) : new DirectoryScripts(path);
    }
}
