package org.keops.automigrate.source;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * The {@code .sql} files of one folder of the class path, wherever it occurs there.
 *
 * <p>A place is known by its folder or by the index in it: a jar without entries for its folders, a module and a native
 * image show no folder, and the latter two can not be listed either, so that there the index is also the list. The same
 * file seen twice is one script if its bytes are the same; otherwise it is an error that names both places.
 */
final class ClasspathScripts implements ScriptSource {
    private static final String JAR = "jar:file:";

    private final String folder;

    ClasspathScripts(String folder) {
        this.folder = withoutSlashes(folder);
    }

    @Override
    public List<ScriptFile> list() throws IOException {
        ClassLoader loader = loader();
        List<URL> places = places(loader);
        if (places.isEmpty()) {
            throw new IOException("there is no folder '" + folder + "' on the class path; a jar has it only if it was"
                    + " written with entries for its folders, or with an index (" + ScriptIndex.NAME + ")");
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
            scripts.add(new Folder(loader, folder, null).file(name));
        }
        return scripts;
    }

    /** Several places have several indexes, none of which knows the others' scripts. */
    @Override
    public @Nullable ScriptIndex index() throws IOException {
        String name = ScriptNames.join(folder, ScriptIndex.NAME);
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        Enumeration<URL> indexes = loader == null ? null : loader.getResources(name);
        if (loader == null || indexes == null || !indexes.hasMoreElements()) {
            // only then the question who sees anything: each costs a walk along the class path
            loader = loader();
            indexes = loader.getResources(name);
        }
        if (!indexes.hasMoreElements()) {
            return null;
        }
        URL index = indexes.nextElement();
        if (indexes.hasMoreElements() || isElsewhere(loader, index)) {
            return null;
        }
        return index(index, new Folder(loader, folder, index));
    }

    private boolean isElsewhere(ClassLoader loader, URL index) throws IOException {
        String beside = folderOf(index);
        for (Enumeration<URL> folders = loader.getResources(folder); folders.hasMoreElements(); ) {
            if (!withSlash(folders.nextElement().toString()).equals(beside)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable ScriptIndex index(URL index, Folder place) throws IOException {
        String url = index.toString();
        if (index.getProtocol().equals("file")) {
            return DirectoryScripts.index(directory(url), place);
        }
        int entry = url.lastIndexOf("!/");
        if (url.startsWith(JAR) && url.indexOf("!/") == entry) {
            // what JarURLConnection would do, without it
            try (ZipFile jar = new ZipFile(path(url.substring("jar:".length(), entry)))) {
                return JarPlace.index(jar, folderOf(decoded(url.substring(entry + 2))), place);
            }
        }
        if (uncached(index) instanceof JarURLConnection connection) {
            try (JarFile jar = connection.getJarFile()) {
                return JarPlace.index(jar, folderOf(connection.getEntryName()), place);
            }
        }
        try (InputStream content = place.file(ScriptIndex.NAME).open()) {
            return ScriptIndex.read(place, content, null);
        }
    }

    @Override
    public String describe() {
        return CLASSPATH + folder;
    }

    /** The thread's loader sees the application; where it sees no scripts, the library's own is asked. */
    private ClassLoader loader() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return context != null
                        && (context.getResource(folder) != null
                                || context.getResource(ScriptNames.join(folder, ScriptIndex.NAME)) != null)
                ? context
                : ClasspathScripts.class.getClassLoader();
    }

    /** Folders, and indexes where there is no folder around them. */
    private List<URL> places(ClassLoader loader) throws IOException {
        List<URL> places = resources(loader, folder);
        Set<String> folders = new TreeSet<>();
        for (URL place : places) {
            folders.add(withSlash(place.toString()));
        }
        for (URL index : resources(loader, ScriptNames.join(folder, ScriptIndex.NAME))) {
            if (folders.add(folderOf(index))) {
                places.add(index);
            }
        }
        return places;
    }

    private static List<URL> resources(ClassLoader loader, String name) throws IOException {
        List<URL> found = new ArrayList<>();
        for (Enumeration<URL> all = loader.getResources(name); all.hasMoreElements(); ) {
            found.add(all.nextElement());
        }
        return found;
    }

    private List<String> namesIn(URL place) throws IOException {
        if (place.getProtocol().equals("file")) {
            return DirectoryScripts.names(directory(place.toString()).toPath());
        }
        if (uncached(place) instanceof JarURLConnection connection) {
            try (JarFile jar = connection.getJarFile()) {
                return JarPlace.names(jar, folder.isEmpty() ? "" : entryFolder(connection));
            }
        }
        if (place.toString().endsWith("/" + ScriptIndex.NAME)) {
            return namesIndexed(place);
        }
        throw new IOException("can not list " + place + ": neither a directory nor a jar; an index (" + ScriptIndex.NAME
                + ") beside the scripts would do");
    }

    private static List<String> namesIndexed(URL place) throws IOException {
        ScriptIndex.Place there =
                name -> new ScriptFile(name, () -> uncached(place).getInputStream());
        List<String> names = new ArrayList<>();
        try (InputStream content = uncached(place).getInputStream()) {
            for (ScriptIndex.Row row : ScriptIndex.read(there, content, null).rows()) {
                names.add(row.fileName());
            }
        }
        return names;
    }

    /** The folder's own entry is behind a nested jar's name, too. */
    private static String entryFolder(JarURLConnection connection) {
        String entry = connection.getEntryName();
        if (entry == null) {
            return "";
        }
        return entry.endsWith("/" + ScriptIndex.NAME) || entry.equals(ScriptIndex.NAME)
                ? folderOf(entry)
                : withSlash(withoutSlashes(entry));
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

    private static URLConnection uncached(URL place) throws IOException {
        URLConnection connection = place.openConnection();
        // a cached JarFile is shared with whoever else reads this jar: closing it would break them
        connection.setUseCaches(false);
        return connection;
    }

    private static File directory(String url) throws IOException {
        File file = path(url);
        return file.getName().equals(ScriptIndex.NAME) && !file.isDirectory() ? file.getParentFile() : file;
    }

    private static File path(String url) throws IOException {
        try {
            return new File(URI.create(url));
        } catch (IllegalArgumentException e) {
            throw new IOException("can not list " + url, e);
        }
    }

    private static String decoded(String entry) throws IOException {
        try {
            return entry.indexOf('%') < 0
                    ? entry
                    : URI.create("file:/" + entry).getPath().substring(1);
        } catch (IllegalArgumentException e) {
            throw new IOException("can not list " + entry, e);
        }
    }

    private static String folderOf(URL index) {
        return folderOf(index.toString());
    }

    private static String folderOf(String index) {
        return index.substring(0, index.length() - ScriptIndex.NAME.length());
    }

    private static String withSlash(String folder) {
        return folder.isEmpty() || folder.endsWith("/") ? folder : folder + "/";
    }

    private static String withoutSlashes(String path) {
        int from = path.startsWith("/") ? 1 : 0;
        int to = path.endsWith("/") && path.length() > from ? path.length() - 1 : path.length();
        return path.substring(from, to);
    }

    /**
     * The folder as one loader sees it, whoever asks for its files later; where there is but one, with a resource in it.
     */
    private record Folder(
            ClassLoader loader, String folder, @Nullable URL neighbour) implements ScriptIndex.Place {
        @Override
        public ScriptFile file(String name) {
            String place = ScriptNames.join(folder, name);
            return neighbour != null && isPlain(name) ? Beside.of(place, neighbour, name) : Resource.of(place, loader);
        }
    }

    private static FileNotFoundException gone(String script) {
        return new FileNotFoundException(script + " is not on the class path any more");
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

    /** A resource beside another: a loader would search all modules of the JDK for each script before it looks there. */
    private record Beside(URL neighbour, String name) implements ScriptFile.Content {
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
