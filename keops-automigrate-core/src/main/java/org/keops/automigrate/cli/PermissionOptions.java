package org.keops.automigrate.cli;

import org.jspecify.annotations.Nullable;
import org.keops.automigrate.MigratorBuilder;
import picocli.CommandLine.Option;

/** Whose permissions on what. Filled by picocli. */
final class PermissionOptions {
    @Option(
            names = "--application-role",
            paramLabel = "ROLE",
            description = "The role that the application connects as; by default keopsdb.")
    private @Nullable String role;

    @Option(names = "--schema", paramLabel = "NAME", description = "The application's schema; by default keopsdb.")
    private @Nullable String schema;

    MigratorBuilder configure(MigratorBuilder builder) {
        if (role != null) {
            builder.applicationRole(role);
        }
        if (schema != null) {
            builder.schema(schema);
        }
        return builder;
    }
}
