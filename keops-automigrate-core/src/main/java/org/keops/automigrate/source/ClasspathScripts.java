package org.keops.automigrate.source;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.util.Enumeration;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * The {@code .sql} files of one folder of the class path, wherever it occurs there.
 *
 * <p>A place is known by its folder or by the index in it: a jar without entries for its folders, a module and a native
 * image show no folder, and the latter two can not be listed either, so that there the index is also the list. The same
 * file seen twice is one script if its bytes are the same; otherwise it is an error that names both places.
 */
final class ClasspathScripts implements ScriptSource, Function<String, ScriptFile> {
    private static final String JAR = "jar:file:";

    private final String folder;
    /** Who has seen the index, once it was found. */
    private final @Nullable ClassLoader finder;
    /** The index that was found. */
    private final @Nullable URL index;
    /** What is around it, once somebody asks: immutable, and the same for whoever asks. */
    private @Nullable ClasspathFolder around;

    ClasspathScripts(String folder) {
        this(withoutSlashes(folder), null, null);
    }

    private ClasspathScripts(String folder, @Nullable ClassLoader finder, @Nullable URL index) {
        this.folder = folder;
        this.finder = finder;
        this.index = index;
    }

    @Override
    public List<ScriptFile> list() throws IOException {
        return new ClasspathListing(loader(), folder).list();
    }

    /** Several places have several indexes, none of which knows the others' scripts. */
    @Override
    public @Nullable ScriptIndex index() throws IOException {
        String name = join(folder, ScriptIndex.NAME);
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
        URL found = indexes.nextElement();
        if (indexes.hasMoreElements() || isElsewhere(loader, found)) {
            return null;
        }
        return index(found, new ClasspathScripts(folder, loader, found));
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

    private static @Nullable ScriptIndex index(URL index, ClasspathScripts place) throws IOException {
        String url = index.toString();
        if (index.getProtocol().equals("file")) {
            return DirectoryScripts.index(directory(url), place);
        }
        if (isInJar(url)) {
            // what JarURLConnection would do, without it
            try (ZipFile jar = new ZipFile(jar(url))) {
                return ScriptIndex.in(jar, folderOf(entry(url)), place);
            }
        }
        return ClasspathListing.index(index, place);
    }

    /** A file beside the index by its name. In a class of its own, because a boot that finds nothing to do opens none. */
    @Override
    public ScriptFile apply(String name) {
        ClasspathFolder known = around;
        if (known == null) {
            known = ClasspathFolder.of(Objects.requireNonNull(finder), folder, Objects.requireNonNull(index));
            around = known;
        }
        return known.file(name);
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
                                || context.getResource(join(folder, ScriptIndex.NAME)) != null)
                ? context
                : ClasspathScripts.class.getClassLoader();
    }

    static File directory(String url) throws IOException {
        File file = path(url);
        return file.getName().equals(ScriptIndex.NAME) && !file.isDirectory() ? file.getParentFile() : file;
    }

    /** Whether a URL leads into a jar that is a file, and not itself in another. */
    static boolean isInJar(String url) {
        return url.startsWith(JAR) && url.indexOf("!/") == url.lastIndexOf("!/");
    }

    /** The jar that such a URL leads into. */
    static File jar(String url) throws IOException {
        return path(url.substring("jar:".length(), url.indexOf("!/")));
    }

    /** The entry that such a URL names. */
    static String entry(String url) throws IOException {
        return decoded(url.substring(url.indexOf("!/") + 2));
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

    static String join(String folder, String fileName) {
        return folder.isEmpty() ? fileName : folder + "/" + fileName;
    }

    static String folderOf(URL index) {
        return folderOf(index.toString());
    }

    static String folderOf(String index) {
        return index.substring(0, index.length() - ScriptIndex.NAME.length());
    }

    static String withSlash(String folder) {
        return folder.isEmpty() || folder.endsWith("/") ? folder : folder + "/";
    }

    static String withoutSlashes(String path) {
        int from = path.startsWith("/") ? 1 : 0;
        int to = path.endsWith("/") && path.length() > from ? path.length() - 1 : path.length();
        return path.substring(from, to);
    }
}
