package org.keops.automigrate.script;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Looks through COPY data, eight bytes at a time: there may be gigabytes of it. Used by one thread. */
final class DataLines {
    private static final long EACH_BYTE = 0x0101010101010101L;
    private static final long LINE_FEEDS = '\n' * EACH_BYTE;
    private static final long BACKSLASHES = '\\' * EACH_BYTE;
    private static final long LOW_BITS = 0x7F * EACH_BYTE;

    private int count;

    /** How many line feeds were passed. */
    int count() {
        return count;
    }

    /** Goes to where the data may end, which is behind a line feed and before a backslash, or to the end of the bytes. */
    int pass(byte[] bytes, int from, int to) {
        count = 0;
        int i = from;
        ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (i + Long.BYTES < to) { // the byte behind a word is looked at, too
            long feeds = equal(words.getLong(i), LINE_FEEDS);
            if (feeds != 0) {
                if ((feeds & equal(words.getLong(i + 1), BACKSLASHES)) != 0) {
                    break;
                }
                count += Long.bitCount(feeds);
            }
            i += Long.BYTES;
        }
        return passByByte(bytes, i, to);
    }

    private int passByByte(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            if (bytes[i++] == '\n') {
                count++;
                if (i < to && bytes[i] == '\\') {
                    return i;
                }
            }
        }
        return i;
    }

    /** The highest bit of each byte that is the same in both. */
    private static long equal(long word, long pattern) {
        long different = word ^ pattern;
        return ~(((different & LOW_BITS) + LOW_BITS) | different | LOW_BITS);
    }
}
