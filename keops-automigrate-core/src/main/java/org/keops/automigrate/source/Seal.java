package org.keops.automigrate.source;

/**
 * A short sum over the scripts of one place, which does not depend on their order: how a boot sees without opening any of
 * them that an index is still theirs. Immutable and thread-safe.
 *
 * @param scripts how many
 * @param sizes over names and sizes
 * @param contents over names, sizes and CRC-32; {@link #NOT_KNOWN} in a directory, whose files would have to be read
 */
record Seal(int scripts, long sizes, long contents) {
    static final long NOT_KNOWN = 0;

    /** Of scripts that may have changed: it is like no other. */
    static final Seal DOUBTFUL = new Seal(-1, 0, NOT_KNOWN);

    /** Whether scripts with this seal are those of an index. */
    boolean fits(Seal index) {
        return scripts == index.scripts
                && sizes == index.sizes
                && (contents == NOT_KNOWN || contents == index.contents);
    }

    /** Adds scripts up. Mutable, for one thread. */
    static final class Sum {
        private int scripts;
        private long sizes;
        private long contents;

        void add(String fileName, long size, long crc) {
            scripts++;
            sizes += mixed(fileName, size);
            contents += mixed(fileName, size * 31 + (crc << 24));
        }

        void add(String fileName, long size) {
            scripts++;
            sizes += mixed(fileName, size);
        }

        /** With contents, if they were added. */
        Seal seal() {
            return new Seal(scripts, sizes, contents);
        }

        private static long mixed(String fileName, long number) {
            long mixed = ((long) fileName.hashCode() << 32) ^ number;
            mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
            mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
            return mixed ^ (mixed >>> 31);
        }
    }
}
