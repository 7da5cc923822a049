package org.keops.automigrate.cli;

import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.WhenChanged;
import picocli.CommandLine.Option;

/** Whether scripts that were changed after they were applied are looked for. Filled by picocli. */
final class FingerprintOption {
    @Option(
            names = "--fingerprints",
            paramLabel = "POLICY",
            defaultValue = "off",
            description =
                    "What to do about a script that was changed after it was applied: off (the default) records and"
                            + " compares nothing, warn, refuse.")
    private String policy = "off";

    MigratorBuilder configure(MigratorBuilder builder) {
        return switch (policy) {
            case "off" -> builder;
            case "warn" -> builder.fingerprints(WhenChanged.WARN);
            case "refuse" -> builder.fingerprints(WhenChanged.REFUSE);
            default -> throw new UsageException("--fingerprints is off, warn or refuse, not '" + policy + "'");
        };
    }
}
