package org.keops.automigrate.cli;

import javax.sql.DataSource;
import org.keops.automigrate.MigratorBuilder;
import picocli.CommandLine.Mixin;

/** A verb that asks a database. */
abstract class DatabaseVerb extends Verb {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli makes it
    ConnectionOptions connection;

    DatabaseVerb(Terminal terminal) {
        super(terminal);
    }

    @Override
    MigratorBuilder configure() {
        return connection.patience(super.configure());
    }

    DataSource dataSource() {
        return connection.dataSource(terminal);
    }
}
