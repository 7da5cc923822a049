package org.keops.automigrate.source;

import java.io.File;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipFile;

/** A script in an archive, which is opened for this one, or once for many ({@link OpenArchives}). */
interface Packed extends ScriptFile.Content {

    /** The archive. Not compared by what else is in a record: the first time that is done in a process is dear. */
    File archive();

    ZipFile openArchive() throws IOException;

    /** Its bytes; closing them leaves the archive open. */
    InputStream read(ZipFile archive) throws IOException;

    @Override
    default InputStream open() throws IOException {
        ZipFile own = openArchive();
        try {
            return new Alone(read(own), own);
        } catch (IOException | RuntimeException e) {
            own.close();
            throw e;
        }
    }

    /** What goes with its archive. */
    final class Alone extends FilterInputStream {
        private final ZipFile archive;

        private Alone(InputStream content, ZipFile archive) {
            super(content);
            this.archive = archive;
        }

        @Override
        public void close() throws IOException {
            archive.close();
        }
    }
}
