package org.keops.automigrate.source;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.function.Function;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/** One folder of a jar, known from the jar's own directory: whether it has entries for folders does not matter. Stateless. */
final class JarPlace {

    private JarPlace() {}

    /** The index of a folder, with the seal of the scripts that lie in it; null if it has none. */
    static @Nullable ScriptIndex index(ZipFile jar, String folder, Function<String, ScriptFile> place)
            throws IOException {
        ZipEntry index = jar.getEntry(folder + ScriptIndex.NAME);
        if (index == null) {
            return null;
        }
        try (InputStream content = jar.getInputStream(index)) {
            return ScriptIndex.read(place, content, seal(jar, folder));
        }
    }

    private static Seal seal(ZipFile jar, String folder) {
        Seal sum = new Seal();
        for (Enumeration<? extends ZipEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
            ZipEntry entry = entries.nextElement();
            String name = nameIn(folder, entry.getName());
            if (name != null && ScriptIndex.lists(name)) {
                sum.add(name, entry.getSize(), entry.getCrc());
            }
        }
        return sum;
    }

    /** The names of the files of a folder. */
    static List<String> names(ZipFile jar, String folder) {
        List<String> names = new ArrayList<>();
        for (Enumeration<? extends ZipEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
            String name = nameIn(folder, entries.nextElement().getName());
            if (name != null) {
                names.add(name);
            }
        }
        return names;
    }

    private static @Nullable String nameIn(String folder, String entry) {
        return entry.startsWith(folder) && entry.indexOf('/', folder.length()) < 0
                ? entry.substring(folder.length())
                : null;
    }
}
