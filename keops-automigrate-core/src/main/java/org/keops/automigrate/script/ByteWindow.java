package org.keops.automigrate.script;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.keops.automigrate.model.Location;

/**
 * The part of a script that is in memory, sliding over the input.
 *
 * <pre>
 *      base                                        offsets in the script (long)
 *       0        mark      token      at     limit     indexes into bytes (int)
 *       |---------|==========|=========|.......|
 *        may go    statement   token     unread
 * </pre>
 *
 * <p>PostgreSQL's lexer works on bytes, and every rule of it that matters here treats the bytes of a non-ASCII character
 * alike; so does this one, and only what becomes a statement is decoded. Line and column are counted over every byte
 * that is passed, once, and that is also where malformed text is found. Not thread-safe.
 */
final class ByteWindow {
    /** No offset is wanted. */
    static final long NONE = Long.MAX_VALUE;

    /** PostgreSQL takes no longer message ({@code PQ_LARGE_MESSAGE_LIMIT}), so no longer statement can be run. */
    private static final int LONGEST = 1 << 30;

    private static final int LARGE = 1 << 20;

    /** Most scripts are small, and there may be thousands of them; for others it grows up to a chunk. */
    private static final int FIRST = 1 << 10;

    private final InputStream in;
    private final String file;
    private final int chunk;

    byte[] bytes;
    int at;
    int limit;
    long base;
    /** Where the statement that is being read starts. */
    long mark = NONE;
    /** Where the token that is being read starts. */
    long token = NONE;

    /** Line and column, from 1, of the byte at {@link #passed}. */
    int line = 1;

    int column = 1;
    private long passed;
    private boolean afterCarriageReturn;
    private boolean drained;

    ByteWindow(InputStream in, String file, int chunk) {
        this.in = in;
        this.file = file;
        this.chunk = chunk;
        this.bytes = new byte[Math.min(chunk, FIRST)];
    }

    /** A window over text that is in memory already. */
    ByteWindow(byte[] all) {
        this.in = InputStream.nullInputStream();
        this.file = "";
        this.chunk = all.length;
        this.bytes = all;
        this.limit = all.length;
        this.drained = true;
    }

    /** The offset in the script of the next byte. */
    long offset() {
        return base + at;
    }

    /** Where in {@link #bytes} the token starts, which was or is being read. */
    int tokenIndex() {
        return (int) (token - base);
    }

    /** The token just read. */
    String tokenText() {
        int from = tokenIndex();
        return new String(bytes, from, at - from, StandardCharsets.UTF_8);
    }

    /** What is in memory from the mark on, up to a length in bytes. */
    String textFromMark(int most) {
        int from = (int) (mark - base);
        return new String(bytes, from, Math.min(most, limit - from), StandardCharsets.UTF_8);
    }

    /** Wants nothing of what was read any more. */
    void forget() {
        mark = NONE;
        token = NONE;
    }

    /** Gives the memory back; nothing can be read afterwards. */
    void release() {
        bytes = new byte[0];
    }

    /**
     * Reads as much as there is room for: most scripts are in memory as a whole then, and known to be, so that whoever goes
     * through them reads no more.
     */
    void begin() throws IOException {
        while (!drained && limit < bytes.length) {
            read();
        }
    }

    /** Steps over a byte order mark, which is not text, if the script starts with one. */
    void skipByteOrderMark() throws IOException {
        if (peek(0) == 0xEF && peek(1) == 0xBB && peek(2) == 0xBF) {
            at += 3;
            passed = 3;
        }
    }

    /** The byte so many places ahead, or -1 where there is none. */
    int peek(int ahead) throws IOException {
        return at + ahead < limit || ahead(ahead + 1) > ahead ? bytes[at + ahead] & 0xFF : -1;
    }

    /** How many bytes from here on are in memory, up to so many; fewer only where the script has no more. */
    int ahead(int most) throws IOException {
        while (limit - at < most && more()) {
            // until there is enough
        }
        return Math.min(most, limit - at);
    }

    /** Reads more input behind what is there. Moves the bytes, so indexes held outside are void after it. */
    boolean more() throws IOException {
        return !drained && fill();
    }

    private boolean fill() throws IOException {
        if (limit == bytes.length) {
            makeRoom();
        }
        int before = limit;
        while (!drained && limit == before) {
            read();
        }
        return limit > before;
    }

    private void read() throws IOException {
        int count = in.read(bytes, limit, bytes.length - limit);
        drained = count < 0;
        limit += Math.max(0, count);
    }

    private void makeRoom() {
        long wanted = Math.min(offset(), Math.min(mark, token));
        pass(wanted);
        int gone = (int) (Math.min(passed, wanted) - base); // less than wanted within a character that is not complete
        int kept = limit - gone;
        if (gone >= bytes.length / 2 || kept == 0) {
            // one huge statement must not leave its buffer to all that follow
            boolean huge = bytes.length > LARGE && kept < chunk;
            byte[] target = huge ? new byte[2 * chunk] : bytes.length < chunk ? new byte[larger()] : bytes;
            System.arraycopy(bytes, gone, target, 0, kept);
            bytes = target;
            base += gone;
            at -= gone;
            limit = kept;
        } else if (bytes.length >= LONGEST) {
            throw new ScriptSyntaxException(
                    location(), "this statement is longer than 1 GiB, which is the most that PostgreSQL takes");
        } else {
            bytes = Arrays.copyOf(bytes, larger());
        }
    }

    private int larger() {
        return bytes.length < chunk ? Math.min(chunk, 4 * bytes.length) : 2 * bytes.length;
    }

    /** The place up to which {@link #pass} has counted: that of the first byte that is not passed. */
    Location location() {
        return new Location(file, line, column);
    }

    /** The place of an offset behind everything that was passed. */
    Location locate(long offset) {
        pass(offset);
        return location();
    }

    /** Counts lines and columns up to an offset; stops early only before a character that is not complete yet. */
    void pass(long offset) {
        int end = (int) (offset - base);
        int i = (int) (passed - base);
        int startOfRun = i;
        while (i < end) {
            if (bytes[i] > '\r') { // plain ASCII, by far the most
                i++;
                continue;
            }
            column += i - startOfRun;
            int length = passSpecial(i);
            if (length == Utf8.TRUNCATED) {
                passed = base + i;
                return;
            }
            i += length;
            startOfRun = i;
        }
        column += Math.max(0, i - startOfRun);
        passed = Math.max(passed, base + i);
    }

    private int passSpecial(int i) {
        byte b = bytes[i];
        boolean lineFeedOfPair = afterCarriageReturn && b == '\n' && column == 1;
        afterCarriageReturn = b == '\r';
        if (b == '\n' || b == '\r') {
            if (!lineFeedOfPair) {
                line++;
                column = 1;
            }
            return 1;
        }
        if (b == 0) {
            throw new ScriptSyntaxException(location(), "there is a NUL byte here, which no PostgreSQL text may hold");
        }
        int length = b > 0 ? 1 : Utf8.length(bytes, i, limit);
        if (length == Utf8.MALFORMED || (length == Utf8.TRUNCATED && drained)) {
            throw new ScriptSyntaxException(location(), "the text is not UTF-8 from here on; save the script as UTF-8");
        }
        column += length == Utf8.TRUNCATED ? 0 : 1; // it is counted when the rest of it is there
        return length;
    }

    /** Steps over bytes that are no text of the script but COPY data, which ends {@code lines} lines. */
    void passData(int count, int lines) {
        at += count;
        passed = base + at;
        line += lines;
        column = 1;
        afterCarriageReturn = false;
    }
}
