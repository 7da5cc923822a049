package org.keops.automigrate;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.UnsoundScriptsException;
import org.keops.automigrate.script.Dialect;
import org.keops.automigrate.script.Fingerprint;
import org.keops.automigrate.script.ScriptCheck;
import org.keops.automigrate.script.ScriptSyntaxException;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptIndex;
import org.keops.automigrate.source.ScriptSource;

/**
 * Writes the index of a directory of scripts when an application is built, so that its boots need not look at each of
 * them, and find them wherever the build puts them. Stateless.
 *
 * <p>With Maven, after the resources were copied: {@code java -cp … org.keops.automigrate.RevisionsIndex
 * target/classes/alembic/versions}. An index that is not of its scripts any more is noticed at boot and not used, and is an
 * error of {@link Migrator#check()}.
 */
public final class RevisionsIndex {

    private RevisionsIndex() {}

    /**
     * Writes the index of each directory that is named.
     *
     * @param directories directories with scripts
     * @throws IOException if a script can not be read or an index not be written
     * @throws UnsoundScriptsException with everything that is wrong with the scripts of the first directory that has any
     */
    public static void main(String[] directories) throws IOException {
        if (directories.length == 0) {
            throw new IllegalArgumentException("name the directories whose scripts are to be indexed");
        }
        for (String directory : directories) {
            write(Path.of(directory));
        }
    }

    /**
     * Writes {@value ScriptIndex#NAME} into a directory of scripts. The same scripts make the same bytes.
     *
     * @param directory the directory
     * @return the file
     * @throws IOException if a script can not be read or the index not be written
     * @throws UnsoundScriptsException with everything that is wrong with the scripts, if anything is
     */
    public static Path write(Path directory) throws IOException {
        byte[] index = of(Scripts.scan(List.of(ScriptSource.of(directory.toString())), InJava.none()));
        Path file = directory.resolve(ScriptIndex.NAME);
        Path half = directory.resolve(ScriptIndex.NAME + ".part");
        Files.write(half, index);
        return Files.move(half, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The index of scripts under their own names. */
    static byte[] of(Scripts scripts) throws IOException {
        List<ScriptIndex.Row> rows = new ArrayList<>();
        for (Revision revision : scripts.graph().revisions()) {
            ScriptFile file = scripts.files().get(revision.id());
            if (file == null) {
                throw new IOException("no script of revision " + revision.id());
            }
            rows.add(row(Scripts.fileName(file.place()), file, revision));
        }
        return ScriptIndex.write(scripts.graph().effectiveHeads(), rows);
    }

    /** The row of one script under a name. */
    static ScriptIndex.Row row(String fileName, ScriptFile file, Revision revision) throws IOException {
        CRC32 sum = new CRC32();
        long size = 0;
        byte[] buffer = new byte[1 << 13];
        try (InputStream content = file.open()) {
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                sum.update(buffer, 0, count);
                size += count;
            }
        }
        return new ScriptIndex.Row(
                fileName, size, sum.getValue(), fingerprint(file), revision, isSound(file, revision));
    }

    /** Whether its upgrade can run in a transaction on every server, as far as can be told. */
    private static boolean isSound(ScriptFile file, Revision revision) throws IOException {
        ScriptCheck check = ScriptCheck.of(revision, any -> file.open(), Section.UPGRADE, Dialect.STRICTEST);
        return check.problems().isEmpty() && !check.refusesTransaction();
    }

    /** What can not be understood can not run either, which is for {@link Migrator#check()} to say. */
    private static String fingerprint(ScriptFile file) throws IOException {
        try {
            return Fingerprint.of(file.open(), file.place(), Section.UPGRADE, true)
                    .toString();
        } catch (ScriptSyntaxException e) {
            return "none";
        }
    }
}
