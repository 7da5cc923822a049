package org.keops.automigrate.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where revision scripts come from: the class path, a directory, a zip archive, or an implementation of your own.
 *
 * <p>Implementations are used while a migrator is built and, for the bodies of pending scripts, while it runs, then on a
 * thread of the migrator's own: they have to be thread-safe where a migrator runs more than once at a time. What they throw
 * is shown, a URL in it without user and password.
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
     * Finds the index that a build has written of the scripts, {@value ScriptIndex#NAME} beside them. Sources of your own
     * have none.
     *
     * @return the index, or null if there is none that speaks of all scripts of the source
     * @throws IOException if there is one that can not be read, or is damaged
     */
    @SuppressWarnings("exports") // who compiles against this module does without the annotation
    default @Nullable ScriptIndex index() throws IOException {
        return null;
    }

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
     * @throws java.nio.file.InvalidPathException if it can not be the name of a file on this system
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
