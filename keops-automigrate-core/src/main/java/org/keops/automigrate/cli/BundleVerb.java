package org.keops.automigrate.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
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
        try {
            migrator.bundle(output);
        } catch (IOException e) {
            throw new UsageException(output + " can not be written: " + e.getMessage());
        }
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("exitCode", ExitCode.OK);
        fields.put("file", output.toString());
        fields.put("revisions", migrator.history(":").size());
        print("Generating " + output, fields);
        return ExitCode.OK;
    }
}
