package org.keops.automigrate.source;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import org.jspecify.annotations.Nullable;

/**
 * A folder of the class path as one loader sees it, whoever asks for its files later.
 *
 * @param loader the loader
 * @param folder the folder, without a slash before or behind it
 * @param neighbour where the folder is in one place only, a resource in it
 * @param inJar the same where it is in a jar that is a file
 */
record ClasspathFolder(
        ClassLoader loader,
        String folder,
        @Nullable URL neighbour,
        @Nullable InJar inJar) {

    /** The folder of an index that is in one place only. */
    static ClasspathFolder of(ClassLoader loader, String folder, URL index) {
        return new ClasspathFolder(loader, folder, index, InJar.of(index));
    }

    /** A file of the folder by its name. */
    ScriptFile file(String name) {
        String place = ClasspathScripts.join(folder, name);
        if (inJar != null) {
            return new ScriptFile(place, inJar.beside(name));
        }
        return neighbour != null && isPlain(name) ? Beside.of(place, neighbour, name) : Resource.of(place, loader);
    }

    /** Whether a name means the same in a URL. */
    private static boolean isPlain(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
            if (!letter && (c < '0' || c > '9') && c != '_' && c != '-' && (c != '.' || i == 0)) {
                return false;
            }
        }
        return true;
    }

    static FileNotFoundException gone(String script) {
        return new FileNotFoundException(script + " is not on the class path any more");
    }

    /** A resource beside another: a loader would search all modules of the JDK for each script before it looks there. */
    private record Beside(URL neighbour, String name) implements ScriptFile.Content {
        /** Here, because whoever hands it on as content loads that, too. */
        static ScriptFile of(String place, URL neighbour, String name) {
            return new ScriptFile(place, new Beside(neighbour, name));
        }

        @Override
        public InputStream open() throws IOException {
            try {
                return new URL(neighbour, name).openStream();
            } catch (FileNotFoundException e) {
                throw gone(name);
            }
        }
    }

    /** A resource by its name, wherever it is; a record, because the first lambda of a process costs more. */
    private record Resource(ClassLoader loader, String place) implements ScriptFile.Content {
        static ScriptFile of(String place, ClassLoader loader) {
            return new ScriptFile(place, new Resource(loader, place));
        }

        @Override
        public InputStream open() throws IOException {
            InputStream content = loader.getResourceAsStream(place);
            if (content == null) {
                throw gone(place);
            }
            return content;
        }
    }
}
