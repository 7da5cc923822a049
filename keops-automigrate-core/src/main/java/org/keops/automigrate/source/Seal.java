package org.keops.automigrate.source;

import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * A short sum over the scripts of one place, which does not depend on their order: how a boot sees without opening any of
 * them that an index is still theirs. Mutable while it is added up, for one thread.
 */
final class Seal {
    /** In a directory, whose files would have to be read. */
    private static final long NOT_KNOWN = 0;

    private int scripts;
    /** Over names and sizes. */
    private long sizes;
    /** Over names, sizes and CRC-32. */
    private long contents;

    /** Of the scripts in a folder of a jar, from the jar's own directory, whether or not it has an entry for the folder. */
    static Seal of(ZipFile jar, String folder) {
        Seal sum = new Seal();
        for (Enumeration<? extends ZipEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
            ZipEntry entry = entries.nextElement();
            String name = nameIn(folder, entry.getName());
            if (name != null && ScriptIndex.lists(name)) {
                sum.add(name, entry.getSize(), entry.getCrc());
            }
        }
        return sum;
    }

    /** The name of an entry that lies right in a folder; null if it does not. */
    static @Nullable String nameIn(String folder, String entry) {
        return entry.startsWith(folder) && entry.indexOf('/', folder.length()) < 0
                ? entry.substring(folder.length())
                : null;
    }

    /** Of no script. */
    Seal() {
        this(0, 0, NOT_KNOWN);
    }

    Seal(int scripts, long sizes, long contents) {
        this.scripts = scripts;
        this.sizes = sizes;
        this.contents = contents;
    }

    /** Of scripts that may have changed: it is like no other. */
    static Seal doubtful() {
        return new Seal(-1, 0, NOT_KNOWN);
    }

    void add(String fileName, long size, long crc) {
        add(fileName, size);
        contents += mixed(fileName, size * 31 + (crc << 24));
    }

    void add(String fileName, long size) {
        scripts++;
        sizes += mixed(fileName, size);
    }

    /** Whether scripts with this seal are those of an index. */
    boolean fits(Seal index) {
        return scripts == index.scripts
                && sizes == index.sizes
                && (contents == NOT_KNOWN || contents == index.contents);
    }

    /** The same, where it is the contents that were compared. */
    boolean provesContents(Seal index) {
        return contents != NOT_KNOWN && fits(index);
    }

    int scripts() {
        return scripts;
    }

    /** As it is written in an index. */
    String show() {
        return scripts + " " + Long.toHexString(sizes) + " " + Long.toHexString(contents);
    }

    private static long mixed(String fileName, long number) {
        long mixed = ((long) fileName.hashCode() << 32) ^ number;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
