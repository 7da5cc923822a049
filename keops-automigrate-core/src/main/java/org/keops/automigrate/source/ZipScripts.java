package org.keops.automigrate.source;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * The {@code .sql} files of a zip archive: those in {@code alembic/versions/} if it has that folder, else those at its
 * top, else those of the one folder that has any. Nothing is unpacked to disk, so no name in the archive can lead anywhere; an archive with such names is refused all
 * the same, because it was made to do harm.
 */
final class ZipScripts implements ScriptSource {
    private static final String FOLDER = "alembic/versions/";
    private static final int MOST_ENTRIES = 20_000;
    private static final long LONGEST_SCRIPT = 1L << 30;

    private final Path archive;
    private final long longestScript;

    ZipScripts(Path archive) {
        this(archive, LONGEST_SCRIPT);
    }

    /** For an archive whose scripts have at most so many bytes when they are unpacked. */
    ZipScripts(Path archive, long longestScript) {
        this.archive = archive;
        this.longestScript = longestScript;
    }

    @Override
    public List<ScriptFile> list() throws IOException {
        TreeMap<String, TreeMap<String, ScriptFile>> folders = new TreeMap<>();
        try (ZipFile zip = open()) {
            if (zip.size() > MOST_ENTRIES) {
                throw new IOException(
                        archive + " has " + zip.size() + " entries, more than the " + MOST_ENTRIES + " that are read");
            }
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                String entry = entries.nextElement().getName();
                String path = entry.replace('\\', '/'); // some systems write it so
                requireInside(entry, path);
                int name = path.lastIndexOf('/') + 1;
                if (ScriptIndex.lists(path.substring(name))) {
                    var folder = folders.computeIfAbsent(path.substring(0, name), any -> new TreeMap<>());
                    if (folder.put(path, file(entry)) != null) {
                        throw new IOException(archive + " holds " + path + " twice");
                    }
                }
            }
        }
        return new ArrayList<>(
                folders.getOrDefault(folder(folders.keySet()), new TreeMap<>()).values());
    }

    /** Which folder the revisions are in. */
    private String folder(Set<String> folders) throws IOException {
        if (folders.isEmpty() || folders.contains(FOLDER) || folders.contains("")) {
            return folders.contains(FOLDER) ? FOLDER : "";
        }
        List<String> likely =
                folders.stream().filter(folder -> folder.endsWith("/" + FOLDER)).toList();
        List<String> candidates = likely.isEmpty() ? List.copyOf(folders) : likely;
        if (candidates.size() > 1) {
            throw new IOException(archive + " has scripts in several folders ('" + String.join("', '", candidates)
                    + "'), and none at its top or in " + FOLDER);
        }
        return candidates.get(0);
    }

    @Override
    public @Nullable ScriptIndex index() throws IOException {
        if (!Files.exists(archive)) {
            return null;
        }
        try (ZipFile zip = open()) {
            return ScriptIndex.in(zip, FOLDER, name -> file(FOLDER + name));
        }
    }

    @Override
    public String describe() {
        return archive.toString();
    }

    private void requireInside(String entry, String path) throws IOException {
        boolean absolute = path.startsWith("/") || (path.length() > 1 && path.charAt(1) == ':');
        if (absolute || ("/" + path + "/").contains("/../")) {
            throw new IOException(archive + " holds an entry that leads out of it: '" + entry + "'");
        }
    }

    private ScriptFile file(String entry) {
        return new ScriptFile(archive + "!/" + entry, new InZip(this, archive.toFile(), entry));
    }

    private record InZip(ZipScripts scripts, File archive, String entry) implements Packed {
        @Override
        public ZipFile openArchive() throws IOException {
            return scripts.open();
        }

        @Override
        public InputStream read(ZipFile zip) throws IOException {
            return scripts.read(zip, entry);
        }
    }

    private ZipFile open() throws IOException {
        if (!Files.exists(archive)) {
            throw new IOException(archive + " does not exist");
        }
        try {
            return new ZipFile(archive.toFile());
        } catch (ZipException e) {
            String reason = String.valueOf(e.getMessage());
            throw new IOException(
                    reason.contains("encrypted")
                            ? archive + " is encrypted; scripts have to be readable"
                            : archive + " is not a readable zip archive, perhaps it is cut off: " + reason,
                    e);
        }
    }

    private InputStream read(ZipFile zip, String entry) throws IOException {
        ZipEntry found = zip.getEntry(entry);
        if (found == null) {
            throw new IOException(archive + " does not hold " + entry + " any more");
        }
        return new ZipEntryStream(archive + "!/" + entry, zip, found, longestScript);
    }
}
