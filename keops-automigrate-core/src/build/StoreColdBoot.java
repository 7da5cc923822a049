import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Writes a jar anew in which some entries are stored and the others compressed, in the same order and with the same times: a
 * boot that finds nothing to do in a process that has just begun pays for each class that it has to inflate. Run by the build:
 * {@code java StoreColdBoot.java jar list}. See docs/decisions/0024-what-a-boot-loads-is-stored.md.
 */
final class StoreColdBoot {
    private StoreColdBoot() {}

    public static void main(String[] arguments) throws IOException {
        Path jar = Path.of(arguments[0]);
        Set<String> stored = new HashSet<>(Files.readAllLines(Path.of(arguments[1])));
        Path written = jar.resolveSibling(jar.getFileName() + ".written");
        try (ZipFile from = new ZipFile(jar.toFile());
                ZipOutputStream to = new ZipOutputStream(Files.newOutputStream(written))) {
            to.setComment(from.getComment());
            for (Enumeration<? extends ZipEntry> all = from.entries(); all.hasMoreElements(); ) {
                ZipEntry entry = all.nextElement();
                byte[] content = from.getInputStream(entry).readAllBytes();
                to.putNextEntry(copied(entry, content, entry.isDirectory() || stored.remove(entry.getName())));
                to.write(content);
            }
        }
        if (!stored.isEmpty()) {
            throw new IOException("not in the jar: " + stored);
        }
        Files.move(written, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    private static ZipEntry copied(ZipEntry entry, byte[] content, boolean stored) {
        ZipEntry copy = new ZipEntry(entry.getName());
        copy.setTimeLocal(entry.getTimeLocal());
        copy.setExtra(entry.getExtra());
        copy.setComment(entry.getComment());
        if (stored) {
            CRC32 sum = new CRC32();
            sum.update(content);
            copy.setMethod(ZipEntry.STORED);
            copy.setSize(content.length);
            copy.setCrc(sum.getValue());
        }
        return copy;
    }
}
