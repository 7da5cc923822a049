package org.keops.automigrate.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.Migrator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bundle}. */
@Command(
        name = "bundle",
        description = "Write one .zip for updating by hand: scripts, index, permissions, instructions.")
final class BundleVerb extends Verb {
    private static final byte[] ARCHIVE = {'P', 'K'};

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli makes it
    private PermissionOptions permissions;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli makes it
    private OwnerOption owner;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            defaultValue = "migration.zip",
            description = "By default ${DEFAULT-VALUE}.")
    private Path output = Path.of("migration.zip");

    BundleVerb(Terminal terminal) {
        super(terminal);
    }

    @Override
    public Integer call() {
        Migrator migrator = owner.configure(permissions.configure(scripts.configure()))
                .build()
                .check();
        boolean replaces = Files.exists(output);
        requireArchive();
        try {
            migrator.bundle(output);
        } catch (IOException e) {
            throw new UsageException(output + " can not be written: " + reason(e));
        }
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("exitCode", ExitCode.OK);
        fields.put("file", output.toString());
        fields.put("revisions", migrator.history(":").size());
        fields.put("replaced", replaces);
        print("Generating " + output + (replaces ? ", in place of the archive that was there" : ""), fields);
        return ExitCode.OK;
    }

    /** A bundle may be made anew, but nothing else is lost to a mistyped name. */
    private void requireArchive() {
        if (!Files.exists(output)) {
            return;
        }
        try (InputStream in = Files.newInputStream(output)) {
            byte[] start = in.readNBytes(ARCHIVE.length);
            if (start.length == 0 || Arrays.equals(start, ARCHIVE)) {
                return;
            }
        } catch (IOException e) {
            throw new UsageException(output + " can not be written: " + reason(e));
        }
        throw new UsageException(output + " is there and is no zip archive; it is left as it is, say another --output");
    }

    private String reason(IOException e) {
        Path directory = Objects.requireNonNull(output.toAbsolutePath().getParent());
        if (Files.isDirectory(output)) {
            return "it is a directory";
        }
        if (!Files.isDirectory(directory)) {
            return "there is no directory " + directory;
        }
        return e instanceof AccessDeniedException ? "permission denied" : String.valueOf(e.getMessage());
    }
}
