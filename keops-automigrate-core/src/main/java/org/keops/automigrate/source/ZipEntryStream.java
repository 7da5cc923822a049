package org.keops.automigrate.source;

import java.io.EOFException;
import java.io.IOException;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The bytes of one entry, no more than a limit, and at the end those that were packed: {@link ZipFile} itself does not
 * compare the check sum. Used by one thread.
 */
final class ZipEntryStream extends CheckedInputStream {
    private final String place;
    private final ZipEntry entry;
    private final long limit;
    private long passed;

    ZipEntryStream(String place, ZipFile zip, ZipEntry entry, long limit) throws IOException {
        super(zip.getInputStream(entry), new CRC32());
        this.place = place;
        this.entry = entry;
        this.limit = limit;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count;
        try {
            count = super.read(target, offset, length);
        } catch (ZipException | EOFException e) {
            throw new IOException(place + " is damaged: " + e.getMessage(), e);
        }
        if (count > 0) {
            passed += count;
            if (passed > limit) {
                throw new IOException(place + " unpacks to more than " + limit + " bytes");
            }
        } else if (count < 0
                && entry.getCrc() >= 0
                && entry.getCrc() != getChecksum().getValue()) {
            throw new IOException(place + " is damaged: its check sum is not that of its bytes");
        }
        return count;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
