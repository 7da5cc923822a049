package org.keops.automigrate;

import java.io.FilterInputStream;
import java.io.IOException;
import java.util.zip.CRC32;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptIndex;

/**
 * A script that an index speaks of; at its end, an error if it is another one. Every pending script is read to its end
 * before the first of them runs, so that one that has changed unnoticed runs nothing. Used by one thread.
 */
final class CheckedScript extends FilterInputStream {
    private final ScriptFile file;
    private final ScriptIndex.Row row;
    private final CRC32 sum = new CRC32();
    private long passed;

    CheckedScript(ScriptFile file, ScriptIndex.Row row) throws IOException {
        super(file.open());
        this.file = file;
        this.row = row;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count = super.read(target, offset, length);
        if (count > 0) {
            sum.update(target, offset, count);
            passed += count;
        }
        if (passed > row.size() || (count < 0 && (passed < row.size() || sum.getValue() != row.crc()))) {
            throw new IOException(file.place() + " is not the script that " + ScriptIndex.NAME
                    + " beside it was written of; write the index anew");
        }
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        byte[] scrap = new byte[(int) Math.min(Math.max(count, 0), 1 << 13)];
        return count <= 0 ? 0 : Math.max(0, read(scrap, 0, scrap.length));
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
