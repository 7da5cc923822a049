package org.keops.automigrate.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The {@code .sql} files of a zip archive: those in {@code alembic/versions/} if it has that folder, else those at its
 * top. Nothing is unpacked to disk, so no name in the archive can lead anywhere.
 */
final class ZipScripts implements ScriptSource {
    private static final String FOLDER = "alembic/versions/";

    private final Path archive;

    ZipScripts(Path archive) {
        this.archive = archive;
    }

    @Override
    public List<ScriptFile> list() throws IOException {
        TreeMap<String, ScriptFile> inFolder = new TreeMap<>();
        TreeMap<String, ScriptFile> atTop = new TreeMap<>();
        try (ZipFile zip = open()) {
            for (Enumeration<? extends ZipEntry> entries = zip.entries(); entries.hasMoreElements(); ) {
                String entry = entries.nextElement().getName();
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
    public String describe() {
        return archive.toString();
    }

    private void add(Map<String, ScriptFile> scripts, String entry) throws IOException {
        ScriptFile script = new ScriptFile(archive + "!/" + entry, () -> read(entry));
        if (scripts.put(entry, script) != null) {
            throw new IOException(archive + " holds " + entry + " twice");
        }
    }

    private ZipFile open() throws IOException {
        try {
            return new ZipFile(archive.toFile());
        } catch (ZipException e) {
            throw new IOException(archive + " is not a readable zip archive: " + e.getMessage(), e);
        }
    }

    private InputStream read(String entry) throws IOException {
        ZipFile zip = open();
        try {
            ZipEntry found = zip.getEntry(entry);
            if (found == null) {
                throw new IOException(archive + " does not hold " + entry + " any more");
            }
            return new ArchiveStream(zip.getInputStream(found), zip);
        } catch (IOException | RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    /** An entry's bytes; closing them closes the archive. */
    private static final class ArchiveStream extends FilterInputStream {
        private final ZipFile zip;

        ArchiveStream(InputStream content, ZipFile zip) {
            super(content);
            this.zip = zip;
        }

        @Override
        public void close() throws IOException {
            zip.close();
        }
    }
}
