package org.keops.automigrate.source;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * A script in a jar of the class path that is a file: read out of it as a loader would, which for each script searches all
 * modules of the JDK and the class path, and opens connections.
 *
 * @param archive the jar
 * @param folder the folder in it; empty or with a slash behind it
 * @param name the name of the file in that folder
 */
record InJar(File archive, String folder, String name) implements Packed {

    /** What lies beside an index, which is found here, too; null if that is not in such a jar. */
    static @Nullable InJar of(URL index) {
        File archive = archive(index);
        try {
            return archive == null
                    ? null
                    : new InJar(
                            archive,
                            ClasspathScripts.folderOf(ClasspathScripts.entry(index.toString())),
                            ScriptIndex.NAME);
        } catch (IOException e) {
            return null; // whatever it is, its loader knows
        }
    }

    /** The jar that a URL leads into; null if it is no such jar, or if the URL is none that names a file. */
    static @Nullable File archive(URL place) {
        String url = place.toString();
        try {
            return ClasspathScripts.isInJar(url) ? ClasspathScripts.jar(url) : null;
        } catch (IOException e) {
            return null; // not every loader writes URIs; its own connections read what it writes
        }
    }

    InJar beside(String other) {
        return new InJar(archive, folder, other);
    }

    /** A signed one is verified, as a loader does. */
    @Override
    public ZipFile openArchive() throws IOException {
        return new JarFile(archive);
    }

    @Override
    public InputStream read(ZipFile jar) throws IOException {
        ZipEntry entry = jar.getEntry(folder + name);
        if (entry == null) {
            throw ClasspathFolder.gone(name);
        }
        return jar.getInputStream(entry);
    }
}
