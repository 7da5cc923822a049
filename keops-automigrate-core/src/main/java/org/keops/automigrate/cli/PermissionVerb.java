package org.keops.automigrate.cli;

import org.keops.automigrate.MigratorBuilder;
import picocli.CommandLine.Mixin;

/** A verb that looks after the application's permissions. */
abstract class PermissionVerb extends DatabaseVerb {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli makes it
    PermissionOptions permissions;

    PermissionVerb(Terminal terminal) {
        super(terminal);
    }

    @Override
    MigratorBuilder configure() {
        return reaching(permissions.configure(scripts.configure()));
    }
}
