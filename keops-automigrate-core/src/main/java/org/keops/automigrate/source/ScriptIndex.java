package org.keops.automigrate.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;

/**
 * What a build has written down of the scripts beside it, so that a boot neither lists them one by one nor opens them: the
 * heads in front, then a row for each script. See {@code docs/decisions/0016-an-index-of-the-scripts.md}.
 *
 * <p>Only the front is read until {@link #rows} is called. Immutable and thread-safe.
 */
public final class ScriptIndex {
    /** The file's name, beside the scripts. */
    public static final String NAME = "revisions.index";

    private static final String SCRIPT = ".sql";
    static final String FORMAT = "keops-automigrate revisions 2";
    private static final int FRONT = 1 << 12;

    private final Function<String, ScriptFile> place;
    private final List<RevisionId> heads;
    private final Seal seal;
    private final long rowsSum;
    private final int frontLength;
    private final @Nullable Seal found;

    private ScriptIndex(
            Function<String, ScriptFile> place,
            List<RevisionId> heads,
            Seal seal,
            long rowsSum,
            int frontLength,
            @Nullable Seal found) {
        this.place = place;
        this.heads = heads;
        this.seal = seal;
        this.rowsSum = rowsSum;
        this.frontLength = frontLength;
        this.found = found;
    }

    /**
     * One script.
     *
     * @param fileName its name
     * @param size its length in bytes
     * @param crc the CRC-32 of its bytes
     * @param fingerprint of what it says in its upgrade section, with the name of its algorithm
     * @param revision what its header says
     * @param sound whether its upgrade section was looked through and can run in a transaction, and the script is still that
     *     one, as far as that can be told without opening it
     */
    public record Row(String fileName, long size, long crc, String fingerprint, Revision revision, boolean sound) {}

    /**
     * Reads the front of the index of a folder of a jar, with the seal of the scripts that lie in it.
     *
     * @return the index; null if the folder has none
     * @throws IOException if it can not be read, or is damaged
     */
    static @Nullable ScriptIndex in(ZipFile jar, String folder, Function<String, ScriptFile> place) throws IOException {
        ZipEntry index = jar.getEntry(folder + NAME);
        if (index == null) {
            return null;
        }
        try (InputStream content = jar.getInputStream(index)) {
            return read(place, content, Seal.of(jar, folder));
        }
    }

    /**
     * Reads the front of an index.
     *
     * @param place a file beside it by its name: the same place later, whatever thread asks
     * @param content its beginning; not closed
     * @param found the scripts that are there, or null where they can not be listed
     * @throws IOException if it can not be read, or is damaged
     */
    static ScriptIndex read(Function<String, ScriptFile> place, InputStream content, @Nullable Seal found)
            throws IOException {
        byte[] bytes = content.readNBytes(FRONT);
        int end = endOfFront(bytes);
        while (end < 0 && bytes.length % FRONT == 0 && bytes.length > 0) {
            byte[] more = content.readNBytes(bytes.length);
            byte[] both = Arrays.copyOf(bytes, bytes.length + more.length);
            System.arraycopy(more, 0, both, bytes.length, more.length);
            if (more.length == 0) {
                break;
            }
            bytes = both;
            end = endOfFront(bytes);
        }
        if (end < 0) {
            throw damaged(place);
        }
        return front(place, bytes, end, found);
    }

    private static int endOfFront(byte[] bytes) {
        for (int i = 1; i < bytes.length; i++) {
            if (bytes[i] == '\n' && bytes[i - 1] == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    private static ScriptIndex front(Function<String, ScriptFile> place, byte[] bytes, int end, @Nullable Seal found)
            throws IOException {
        List<String> lines = split(new String(bytes, 0, end, StandardCharsets.UTF_8), '\n');
        // the last of them is the sum of those before
        if (lines.size() != 7 || !lines.get(0).equals(FORMAT)) {
            throw damaged(place);
        }
        int sumLine = lines.get(4).length() + 2;
        if (!lines.get(4).equals("front " + sum(bytes, 0, end - sumLine))) {
            throw damaged(place);
        }
        try {
            List<String> seal = split(lines.get(2), ' ');
            List<RevisionId> heads = new ArrayList<>();
            for (String head : split(lines.get(1), ' ')) {
                heads.add(new RevisionId(head));
            }
            return new ScriptIndex(
                    place,
                    List.copyOf(heads.subList(1, heads.size())),
                    new Seal(Integer.parseInt(seal.get(1)), hex(seal.get(2)), hex(seal.get(3))),
                    hex(lines.get(3).substring("rows ".length())),
                    end,
                    found);
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw damaged(place);
        }
    }

    /**
     * Whether it was written of the scripts that are there now, as far as that can be seen without opening them. Where they
     * can not be listed, it is believed.
     *
     * @return false if a script was added, taken away or changed since
     */
    public boolean isCurrent() {
        return found == null || found.fits(seal);
    }

    /**
     * The rows of a database to which everything was applied.
     *
     * @return the ids of the effective heads
     */
    public List<RevisionId> heads() {
        return heads;
    }

    /**
     * Where it is.
     *
     * @return what a person would look for
     */
    public String place() {
        return place.apply(NAME).place();
    }

    /**
     * A script that lies beside it.
     *
     * @param row its row
     * @return the script; whether it is there is seen when it is opened
     */
    public ScriptFile script(Row row) {
        return place.apply(row.fileName());
    }

    /**
     * Reads the rest.
     *
     * @return a row for each script, in the order of the file names
     * @throws IOException if it can not be read, or is damaged
     */
    public List<Row> rows() throws IOException {
        byte[] bytes = bytes();
        int length = bytes.length - frontLength;
        if (length < 0 || hex(sum(bytes, frontLength, length)) != rowsSum) {
            throw damaged(place);
        }
        String folder = place().substring(0, place().length() - NAME.length());
        try {
            String text = new String(bytes, frontLength, length, StandardCharsets.UTF_8);
            return IndexText.rows(text, folder, found != null && found.provesContents(seal));
        } catch (IllegalArgumentException e) {
            throw damaged(place);
        }
    }

    /**
     * The whole file, to be compared with one that is made anew.
     *
     * @return its bytes
     * @throws IOException if it can not be read
     */
    public byte[] bytes() throws IOException {
        try (InputStream content = place.apply(NAME).open()) {
            return content.readAllBytes();
        }
    }

    /**
     * Writes an index. The same scripts make the same bytes.
     *
     * @param heads the ids of the effective heads
     * @param rows a row for each script, in the order of the file names
     * @return the bytes of the file
     */
    public static byte[] write(Collection<RevisionId> heads, List<Row> rows) {
        return IndexText.write(heads, rows);
    }

    static List<String> split(String text, char at) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int end = text.indexOf(at); end >= 0; end = text.indexOf(at, from)) {
            parts.add(text.substring(from, end));
            from = end + 1;
        }
        parts.add(text.substring(from));
        return parts;
    }

    static long hex(String text) {
        return Long.parseUnsignedLong(text, 16);
    }

    static String sum(byte[] bytes, int from, int length) {
        CRC32 sum = new CRC32();
        sum.update(bytes, from, length);
        return Long.toHexString(sum.getValue());
    }

    /**
     * Whether a file is a script. Alembic ignores the names that editors give to their lock files; so do we. {@code .SQL} is
     * one as well: who puts it there wants it run, and to pass over it would be to lose a revision in silence.
     */
    static boolean lists(String fileName) {
        int ending = fileName.length() - SCRIPT.length();
        return fileName.regionMatches(true, ending, SCRIPT, 0, SCRIPT.length()) && !fileName.startsWith(".");
    }

    private static IOException damaged(Function<String, ScriptFile> place) {
        return new IOException(place.apply(NAME).place() + " is damaged or of another version; write it anew");
    }
}
