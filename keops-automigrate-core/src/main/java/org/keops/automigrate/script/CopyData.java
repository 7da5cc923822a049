package org.keops.automigrate.script;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.keops.automigrate.model.Location;

/**
 * The lines behind a {@code COPY … FROM STDIN}, up to the line {@code \.}, which ends them in every format, as it does for
 * psql ({@code handleCopyIn} in src/bin/psql/copy.c). The bytes are the server's business: nothing is decoded.
 *
 * <p>Not thread-safe, but for how far it is.
 */
@SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
public final class CopyData extends InputStream {
    private static final int CHUNK = 1 << 16;

    private final ByteWindow window;
    private final Location statement;
    private final DataLines lines = new DataLines();
    private long byteOffset;
    /** Written by the one that reads, for others to look at. */
    private volatile long bytesRead;

    private volatile long linesRead;
    private boolean atLineStart = true;
    private boolean ended;

    private CopyData(ByteWindow window, Location statement) {
        this.window = window;
        this.statement = statement;
    }

    /** Steps to the line behind the statement, whose semicolon has just been read. */
    static CopyData after(ByteWindow window, Location statement, boolean semicolon) throws IOException {
        CopyData data = new CopyData(window, statement);
        if (!semicolon) {
            throw data.unended();
        }
        data.skipRestOfLine();
        return data;
    }

    private void skipRestOfLine() throws IOException {
        boolean comment = false;
        for (int c = window.peek(0); c != '\n' && c != '\r'; c = window.peek(0)) {
            if (c == -1) {
                throw unended();
            }
            comment |= c == '-' && window.peek(1) == '-';
            if (!comment && c != ' ' && c != '\t' && c != '\f' && c != 0x0B) {
                throw new ScriptSyntaxException(
                        window.locate(window.offset()),
                        "the data of COPY ... FROM STDIN starts on the next line; nothing but a comment may stand here");
            }
            window.at++;
        }
        boolean pair = window.peek(0) == '\r' && window.peek(1) == '\n'; // first: it may move the bytes
        window.at += pair ? 2 : 1;
        window.pass(window.offset());
        byteOffset = window.offset();
    }

    /** Where the data start, in bytes from the start of the script. */
    long byteOffset() {
        return byteOffset;
    }

    /** Steps over what has not been read. */
    void finish() throws IOException {
        byte[] scrap = new byte[CHUNK];
        while (!ended) {
            read(scrap, 0, scrap.length);
        }
    }

    /**
     * How far it is read.
     *
     * @return bytes of data
     */
    public long bytesRead() {
        return bytesRead;
    }

    /**
     * How far it is read.
     *
     * @return ends of lines; a line is a row, unless it stands in quotes
     */
    public long linesRead() {
        return linesRead;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) == -1 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        int done = 0;
        while (done < length && !ended) {
            if (window.at == window.limit) {
                if (done > 0) {
                    break; // what is there now, rather than wait for more
                }
                if (!window.more()) {
                    throw unended();
                }
            }
            if (!atLineStart || window.bytes[window.at] != '\\' || !skipEndOfData()) {
                done += readLines(target, offset + done, length - done);
            }
        }
        return done == 0 && length > 0 ? -1 : done;
    }

    /** Lines and parts of lines, up to where the next one might be the last: in one go, for there may be millions. */
    private int readLines(byte[] target, int offset, int room) {
        byte[] bytes = window.bytes;
        int from = window.at;
        int end = lines.pass(bytes, from, Math.min(window.limit, from + room));
        int count = end - from;
        atLineStart = bytes[end - 1] == '\n';
        System.arraycopy(bytes, from, target, offset, count);
        window.passData(count, lines.count());
        bytesRead += count;
        linesRead += lines.count();
        return count;
    }

    /** Steps over {@code \.} and the end of its line, if that is what stands here. */
    private boolean skipEndOfData() throws IOException {
        if (window.peek(1) != '.') {
            return false;
        }
        int next = window.peek(2);
        boolean pair = next == '\r' && window.peek(3) == '\n';
        if (next != -1 && next != '\n' && !pair) {
            return false;
        }
        window.passData(pair ? 4 : next == -1 ? 2 : 3, 1);
        ended = true;
        return true;
    }

    private ScriptSyntaxException unended() {
        return new ScriptSyntaxException(
                statement, "the data of this COPY ... FROM STDIN is not ended by a line \\. anywhere in the script");
    }
}
