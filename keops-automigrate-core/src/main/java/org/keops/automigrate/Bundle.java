package org.keops.automigrate;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.keops.automigrate.drawing.Drawing;
import org.keops.automigrate.model.DrawingFormat;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.permissions.PermissionScript;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptIndex;

/**
 * The archive for updating by hand: the scripts, an index, the permissions, one page of instructions. The same scripts
 * make the same bytes. For one archive.
 */
final class Bundle {
    private static final String FOLDER = "alembic/versions/";
    /** The earliest time that a zip archive can hold: no time of ours makes two builds differ. */
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private final Configuration configuration;
    private final Listing listing;

    Bundle(Configuration configuration, Listing listing) {
        this.configuration = configuration;
        this.listing = listing;
    }

    /** Writes beside the archive first, so that nobody ever sees half of it. */
    void write(Path archive) throws IOException {
        configuration
                .scripts()
                .bodies()
                .requireScripts(configuration.scripts().graph().revisions());
        Path directory = archive.toAbsolutePath().getParent();
        Path half = Files.createTempFile(directory, "bundle", ".part");
        try {
            try (OutputStream out = Files.newOutputStream(half)) {
                write(out);
            }
            Files.move(half, archive, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(half);
        }
    }

    private void write(OutputStream out) throws IOException {
        Map<String, Revision> scripts = new LinkedHashMap<>();
        for (Revision revision : configuration.scripts().graph().revisions()) {
            String name = fileName(revision);
            scripts.put(scripts.containsKey(name) ? revision.id() + ".sql" : name, revision);
        }
        try (ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8)) {
            entry(zip, "README.txt", readme());
            entry(zip, "index.txt", index(scripts));
            entry(zip, "history.svg", draw(DrawingFormat.SVG));
            if (!configuration.permissions().isNone()) {
                entry(
                        zip,
                        "fix-permissions.sql",
                        PermissionScript.of(
                                configuration.permissions(),
                                configuration.ownerRole(),
                                configuration.versionTable().table()));
            }
            start(zip, FOLDER + ScriptIndex.NAME);
            zip.write(scriptIndex(scripts));
            zip.closeEntry();
            for (Map.Entry<String, Revision> script : scripts.entrySet()) {
                start(zip, FOLDER + script.getKey());
                try (InputStream body = configuration.scripts().bodies().open(script.getValue())) {
                    body.transferTo(zip);
                }
                zip.closeEntry();
            }
        }
    }

    private byte[] scriptIndex(Map<String, Revision> scripts) throws IOException {
        List<ScriptIndex.Row> rows = new ArrayList<>();
        for (Map.Entry<String, Revision> script : new TreeMap<>(scripts).entrySet()) {
            Revision revision = script.getValue();
            ScriptFile file = new ScriptFile(
                    script.getKey(), () -> configuration.scripts().bodies().open(revision));
            rows.add(RevisionsIndex.row(script.getKey(), file, revision));
        }
        return ScriptIndex.write(configuration.scripts().graph().effectiveHeads(), rows);
    }

    private static String fileName(Revision revision) {
        return Scripts.fileName(revision.script().file());
    }

    private String draw(DrawingFormat format) {
        return new Drawing(listing.history(":", Set.of()), Set.of()).write(format);
    }

    private String index(Map<String, Revision> scripts) {
        StringBuilder text = new StringBuilder("The revisions, newest first:\n\n").append(draw(DrawingFormat.TEXT));
        text.append("\nTheir files:\n\n");
        scripts.forEach((name, revision) -> text.append(revision.id())
                .append("  ")
                .append(FOLDER)
                .append(name)
                .append('\n'));
        return text.toString();
    }

    private String readme() {
        List<String> heads =
                listing.heads().stream().map(ListedRevision::shortLine).toList();
        String target = heads.size() == 1 ? "head" : "heads";
        return """
                Updating the database by hand
                =============================

                This archive holds %d revisions, up to %s.
                index.txt lists them, history.svg is a picture of them.

                It takes Java 17 and the file keops-automigrate-core-VERSION-cli.jar. Below, MIGRATE stands for
                    java -jar keops-automigrate-core-VERSION-cli.jar
                and each command needs to know where the database is: by the options
                    --url jdbc:postgresql://HOST:PORT/DATABASE --user ROLE --password
                or by the variables PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD. ROLE is the one that owns the
                tables, not the application's.

                1. Back up:           pg_dump -Fc DATABASE > before.dump
                2. Where is it?       MIGRATE current --scripts THIS.zip
                   Nothing is shown for a database without a version. Record the revision that its tables are at, once:
                                      MIGRATE stamp REVISION --scripts THIS.zip
                3. Upgrade:           MIGRATE upgrade %s --scripts THIS.zip
                   All revisions are one transaction; where one fails, the message says what is rolled back.
                   To read the SQL before, or to run it with psql:
                                      MIGRATE sql REVISION:%s --scripts THIS.zip > upgrade.sql
                4. Permissions:       MIGRATE fix-permissions --scripts THIS.zip
                   or, with psql:     psql -v ON_ERROR_STOP=1 -1 -d DATABASE -f fix-permissions.sql
                5. Is it done?        MIGRATE check --heads --scripts THIS.zip

                Back:                 MIGRATE downgrade REVISION --scripts THIS.zip
                """.formatted(
                        configuration.scripts().graph().revisions().size(), String.join(", ", heads), target, target);
    }

    private static void entry(ZipOutputStream zip, String name, String text) throws IOException {
        start(zip, name);
        zip.write(text.getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
    }

    private static void start(ZipOutputStream zip, String name) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(TIME);
        zip.putNextEntry(entry);
    }
}
