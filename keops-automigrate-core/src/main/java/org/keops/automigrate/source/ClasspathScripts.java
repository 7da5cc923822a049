package org.keops.automigrate.source;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * The {@code .sql} files of one folder of the class path, wherever it occurs there.
 *
 * <p>The same file seen twice is one script if its bytes are the same; otherwise it is an error that names both places.
 */
final class ClasspathScripts implements ScriptSource {
    private final String folder;

    ClasspathScripts(String folder) {
        this.folder = withoutSlashes(folder);
    }

    @Override
    public List<ScriptFile> list() throws IOException {
        ClassLoader loader = loader();
        List<URL> places = resources(loader, folder);
        if (places.isEmpty()) {
            throw new IOException("there is no folder '" + folder
                    + "' on the class path; a jar has it only if it was written with entries for its folders");
        }
        Set<String> names = new TreeSet<>();
        for (URL place : places) {
            for (String name : namesIn(place)) {
                if (ScriptNames.isScript(name) && !names.add(name)) {
                    requireSame(resources(loader, ScriptNames.join(folder, name)));
                }
            }
        }
        List<ScriptFile> scripts = new ArrayList<>(names.size());
        for (String name : names) {
            String place = ScriptNames.join(folder, name);
            scripts.add(new ScriptFile(place, () -> open(loader, place)));
        }
        return scripts;
    }

    @Override
    public String describe() {
        return CLASSPATH + folder;
    }

    /** The thread's loader sees the application; where it sees no scripts, the library's own is asked. */
    private ClassLoader loader() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return context != null && context.getResource(folder) != null
                ? context
                : ClasspathScripts.class.getClassLoader();
    }

    private static List<URL> resources(ClassLoader loader, String name) throws IOException {
        return Collections.list(loader.getResources(name));
    }

    private static List<String> namesIn(URL place) throws IOException {
        if (place.getProtocol().equals("file")) {
            return DirectoryScripts.names(asPath(place));
        }
        if (uncached(place) instanceof JarURLConnection jar) {
            return namesIn(jar);
        }
        throw new IOException("can not list " + place + ": neither a directory nor a jar");
    }

    private static List<String> namesIn(JarURLConnection connection) throws IOException {
        List<String> names = new ArrayList<>();
        try (JarFile jar = connection.getJarFile()) {
            String entryName = connection.getEntryName();
            String prefix = entryName == null ? "" : withoutSlashes(entryName) + "/";
            for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
                String entry = entries.nextElement().getName();
                if (entry.startsWith(prefix) && entry.indexOf('/', prefix.length()) < 0) {
                    names.add(entry.substring(prefix.length()));
                }
            }
        }
        return names;
    }

    private static void requireSame(List<URL> copies) throws IOException {
        byte[] first = read(copies.get(0));
        for (URL copy : copies) {
            if (!Arrays.equals(first, read(copy))) {
                throw new IOException("two different scripts have one name: " + copies.get(0) + " and " + copy);
            }
        }
    }

    private static byte[] read(URL file) throws IOException {
        try (InputStream content = uncached(file).getInputStream()) {
            return content.readAllBytes();
        }
    }

    private static InputStream open(ClassLoader loader, String place) throws IOException {
        InputStream content = loader.getResourceAsStream(place);
        if (content == null) {
            throw new FileNotFoundException(place + " is not on the class path any more");
        }
        return content;
    }

    private static URLConnection uncached(URL place) throws IOException {
        URLConnection connection = place.openConnection();
        // a cached JarFile is shared with whoever else reads this jar: closing it would break them
        connection.setUseCaches(false);
        return connection;
    }

    private static Path asPath(URL place) throws IOException {
        try {
            return Path.of(new URI(place.toString()));
        } catch (URISyntaxException e) {
            throw new IOException("can not list " + place, e);
        }
    }

    private static String withoutSlashes(String path) {
        int from = path.startsWith("/") ? 1 : 0;
        int to = path.endsWith("/") && path.length() > from ? path.length() - 1 : path.length();
        return path.substring(from, to);
    }
}
