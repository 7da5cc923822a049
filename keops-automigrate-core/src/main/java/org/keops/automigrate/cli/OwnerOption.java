package org.keops.automigrate.cli;

import org.jspecify.annotations.Nullable;
import org.keops.automigrate.MigratorBuilder;
import picocli.CommandLine.Option;

/** Whose the objects are. Filled by picocli. */
final class OwnerOption {
    @Option(
            names = "--owner-role",
            paramLabel = "ROLE",
            description = "The role to act as (SET ROLE), so that what revisions make is its own.")
    private @Nullable String role;

    MigratorBuilder configure(MigratorBuilder builder) {
        return role == null ? builder : builder.ownerRole(role);
    }
}
