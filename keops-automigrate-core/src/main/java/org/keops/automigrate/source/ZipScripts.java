package org.keops.automigrate.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * The {@code .sql} files of a zip archive: those in {@code alembic/versions/} if it has that folder, else those at its
 * top. Nothing is unpacked to disk, so no name in the archive can lead anywhere; an archive with such names is refused all
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
        TreeMap<String, ScriptFile> inFolder = new TreeMap<>();
        TreeMap<String, ScriptFile> atTop = new TreeMap<>();
        try (ZipFile zip = open()) {
            if (zip.size() > MOST_ENTRIES) {
                throw new IOException(
                        archive + " has " + zip.size() + " entries, more than the " + MOST_ENTRIES + " that are read");
            }
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                String entry = entries.nextElement().getName();
                requireInside(entry);
                boolean isInFolder = entry.startsWith(FOLDER);
                String name = isInFolder ? entry.substring(FOLDER.length()) : entry;
                if (ScriptNames.isScript(name) && name.indexOf('/') < 0) {
                    add(isInFolder ? inFolder : atTop, entry);
                }
            }
        }
        return new ArrayList<>((inFolder.isEmpty() ? atTop : inFolder).values());
    }

    @Override
    public @Nullable ScriptIndex index() throws IOException {
        if (!Files.exists(archive)) {
            return null;
        }
        try (ZipFile zip = open()) {
            return JarPlace.index(zip, FOLDER, name -> file(FOLDER + name));
        }
    }

    @Override
    public String describe() {
        return archive.toString();
    }

    private void requireInside(String entry) throws IOException {
        boolean absolute = entry.startsWith("/") || (entry.length() > 1 && entry.charAt(1) == ':');
        if (absolute || entry.indexOf('\\') >= 0 || ("/" + entry + "/").contains("/../")) {
            throw new IOException(archive + " holds an entry that leads out of it: '" + entry + "'");
        }
    }

    private void add(Map<String, ScriptFile> scripts, String entry) throws IOException {
        if (scripts.put(entry, file(entry)) != null) {
            throw new IOException(archive + " holds " + entry + " twice");
        }
    }

    private ScriptFile file(String entry) {
        return new ScriptFile(archive + "!/" + entry, () -> read(entry));
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

    private InputStream read(String entry) throws IOException {
        ZipFile zip = open();
        try {
            ZipEntry found = zip.getEntry(entry);
            if (found == null) {
                throw new IOException(archive + " does not hold " + entry + " any more");
            }
            return new ZipEntryStream(archive + "!/" + entry, zip, found, longestScript);
        } catch (IOException | RuntimeException e) {
            zip.close();
            throw e;
        }
    }
}
