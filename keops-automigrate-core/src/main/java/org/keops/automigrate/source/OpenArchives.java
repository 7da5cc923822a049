package org.keops.automigrate.source;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.ZipFile;

/**
 * Opens many scripts, and each archive that they lie in once: it stays open until {@link #close}, and so may what was opened
 * out of it. Scripts that lie in no archive are opened as {@link ScriptFile#open} does. Thread-safe.
 */
public final class OpenArchives implements AutoCloseable {
    private final Map<File, ZipFile> open = new HashMap<>();
    private boolean closed;

    /** With none open yet. */
    public OpenArchives() {}

    /**
     * Opens a script.
     *
     * @param script the script
     * @return its bytes from the beginning; the caller closes the stream, at the latest {@link #close} does
     * @throws IOException if it can not be read
     * @throws IllegalStateException if this was closed
     */
    public InputStream open(ScriptFile script) throws IOException {
        return script.content() instanceof Packed packed ? packed.read(archive(packed)) : script.open();
    }

    private synchronized ZipFile archive(Packed packed) throws IOException {
        if (closed) {
            throw new IllegalStateException("nobody would close " + packed.archive());
        }
        ZipFile known = open.get(packed.archive());
        if (known == null) {
            known = packed.openArchive();
            open.put(packed.archive(), known);
        }
        return known;
    }

    /** Closes the archives; what is read of them by then ends with an error. May be called again. */
    @Override
    public synchronized void close() {
        closed = true;
        for (ZipFile archive : open.values()) {
            try {
                archive.close();
            } catch (IOException e) {
                // it was only read; the others are still to be closed
            }
        }
        open.clear();
    }
}
