package org.keops.automigrate.source;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * What lies in one folder of the class path, as one loader sees it: needed where no index vouches for the scripts.
 *
 * @param loader the loader
 * @param folder the folder, without a slash before or behind it
 */
record ClasspathListing(ClassLoader loader, String folder) {

    List<ScriptFile> list() throws IOException {
        List<URL> places = places();
        if (places.isEmpty()) {
            throw new IOException("there is no folder '" + folder + "' on the class path; a jar has it only if it was"
                    + " written with entries for its folders, or with an index (" + ScriptIndex.NAME + ")");
        }
        Map<String, ClasspathFolder> names = new TreeMap<>();
        for (URL place : places) {
            ClasspathFolder there = new ClasspathFolder(loader, folder, null, inJar(place));
            for (String name : namesIn(place)) {
                if (ScriptIndex.lists(name) && names.putIfAbsent(name, there) != null) {
                    requireSame(resources(ClasspathScripts.join(folder, name)));
                }
            }
        }
        List<ScriptFile> scripts = new ArrayList<>(names.size());
        for (Map.Entry<String, ClasspathFolder> file : names.entrySet()) {
            scripts.add(file.getValue().file(file.getKey()));
        }
        return scripts;
    }

    /** Folders, and indexes where there is no folder around them. */
    private List<URL> places() throws IOException {
        List<URL> places = resources(folder);
        Set<String> folders = new TreeSet<>();
        for (URL place : places) {
            folders.add(ClasspathScripts.withSlash(place.toString()));
        }
        for (URL index : resources(ClasspathScripts.join(folder, ScriptIndex.NAME))) {
            if (folders.add(ClasspathScripts.folderOf(index))) {
                places.add(index);
            }
        }
        return places;
    }

    private List<URL> resources(String name) throws IOException {
        List<URL> found = new ArrayList<>();
        for (Enumeration<URL> all = loader.getResources(name); all.hasMoreElements(); ) {
            found.add(all.nextElement());
        }
        return found;
    }

    private List<String> namesIn(URL place) throws IOException {
        if (place.getProtocol().equals("file")) {
            return DirectoryScripts.names(
                    ClasspathScripts.directory(place.toString()).toPath());
        }
        if (uncached(place) instanceof JarURLConnection connection) {
            try (JarFile jar = connection.getJarFile()) {
                return names(jar, entryFolder(connection));
            }
        }
        if (place.toString().endsWith("/" + ScriptIndex.NAME)) {
            return namesIndexed(place);
        }
        throw new IOException("can not list " + place + ": neither a directory nor a jar; an index (" + ScriptIndex.NAME
                + ") beside the scripts would do");
    }

    private static List<String> names(JarFile jar, String folder) {
        List<String> names = new ArrayList<>();
        for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
            String name = Seal.nameIn(folder, entries.nextElement().getName());
            if (name != null) {
                names.add(name);
            }
        }
        return names;
    }

    /** Any file of a place in a jar that is a file; else null, and where an entry has versions, of which the loader knows. */
    private @Nullable InJar inJar(URL place) throws IOException {
        File archive = InJar.archive(place);
        if (archive != null && uncached(place) instanceof JarURLConnection connection) {
            try (JarFile jar = connection.getJarFile()) {
                return jar.isMultiRelease() ? null : new InJar(archive, entryFolder(connection), "");
            }
        }
        return null;
    }

    private static List<String> namesIndexed(URL place) throws IOException {
        Function<String, ScriptFile> there =
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
    private String entryFolder(JarURLConnection connection) {
        String entry = connection.getEntryName();
        if (entry == null || folder.isEmpty()) {
            return "";
        }
        return entry.endsWith("/" + ScriptIndex.NAME) || entry.equals(ScriptIndex.NAME)
                ? ClasspathScripts.folderOf(entry)
                : ClasspathScripts.withSlash(ClasspathScripts.withoutSlashes(entry));
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

    /** The index of a jar that is itself in a jar, of a module or of a native image. */
    static @Nullable ScriptIndex index(URL index, Function<String, ScriptFile> place) throws IOException {
        if (uncached(index) instanceof JarURLConnection connection) {
            try (JarFile jar = connection.getJarFile()) {
                return ScriptIndex.in(jar, ClasspathScripts.folderOf(connection.getEntryName()), place);
            }
        }
        try (InputStream content = place.apply(ScriptIndex.NAME).open()) {
            return ScriptIndex.read(place, content, null);
        }
    }
}
