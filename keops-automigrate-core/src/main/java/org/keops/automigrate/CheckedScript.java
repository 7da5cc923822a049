package org.keops.automigrate;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipException;
import org.keops.automigrate.source.ScriptIndex;

/**
 * A script that an index speaks of; at its end, an error if it is another one. No script runs that was not read to its end
 * before, so that one that has changed unnoticed does not run. Used by one thread.
 */
final class CheckedScript extends CheckedInputStream {
    private final String place;
    private final ScriptIndex.Row row;
    private long passed;

    CheckedScript(InputStream script, String place, ScriptIndex.Row row) {
        super(script, new CRC32());
        this.place = place;
        this.row = row;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = unpacked(target, offset, length);
        passed += Math.max(count, 0);
        boolean another = passed < row.size() || getChecksum().getValue() != row.crc();
        if (passed > row.size() || (count < 0 && another)) {
            throw new IOException(place + " is not the script that " + ScriptIndex.NAME
                    + " beside it was written of; write the index anew");
        }
        return count;
    }

    /** What a jar throws that is cut off or damaged names nothing. */
    private int unpacked(byte[] target, int offset, int length) throws IOException {
        try {
            return super.read(target, offset, length);
        } catch (ZipException | EOFException e) {
            String reason = e.getMessage() == null ? "it is cut off" : e.getMessage();
            throw new IOException(place + " is damaged: " + reason, e);
        }
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
