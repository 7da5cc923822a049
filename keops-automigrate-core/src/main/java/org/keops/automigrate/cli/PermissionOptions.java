package org.keops.automigrate.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.PermissionPolicy;
import picocli.CommandLine.Option;

/** Whose permissions on what. Filled by picocli. */
final class PermissionOptions {
    private static final String KEOPS = "keopsdb";

    @Option(
            names = "--application-role",
            paramLabel = "ROLE",
            description = "The role that the application connects as; by default keopsdb.")
    private @Nullable String role;

    @Option(
            names = "--schema",
            paramLabel = "NAME",
            description = "The application's schema; may be given several times; by default keopsdb.")
    private List<String> schemas = new ArrayList<>();

    @Option(
            names = "--policy",
            paramLabel = "POLICY",
            description = "What the role is to be able to do: keops (the default), read-write or read-only.")
    private @Nullable String policy;

    /** Whether the user has said anything of permissions. */
    boolean given() {
        return role != null || !schemas.isEmpty() || policy != null;
    }

    MigratorBuilder configure(MigratorBuilder builder) {
        return builder.permissions(policy(
                policy == null ? "keops" : policy,
                role == null ? KEOPS : role,
                schemas.isEmpty() ? List.of(KEOPS) : schemas));
    }

    private static PermissionPolicy policy(String name, String role, List<String> schemas) {
        return switch (name) {
            case "keops" ->
                schemas.stream()
                        .map(schema -> PermissionPolicy.keops(role, schema))
                        .reduce(PermissionPolicy.none(), PermissionPolicy::and);
            case "read-write" -> PermissionPolicy.readWrite(role, schemas.toArray(String[]::new));
            case "read-only" -> PermissionPolicy.readOnly(role, schemas.toArray(String[]::new));
            default -> throw new UsageException("--policy is keops, read-write or read-only, not '" + name + "'");
        };
    }
}
