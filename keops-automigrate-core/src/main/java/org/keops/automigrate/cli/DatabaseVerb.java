package org.keops.automigrate.cli;

import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.CurrentRevisions;
import org.keops.automigrate.model.Outcome;
import picocli.CommandLine.Mixin;

/** A verb that asks a database. */
abstract class DatabaseVerb extends Verb {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli makes it
    ConnectionOptions connection;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli makes it
    private OwnerOption owner;

    DatabaseVerb(Terminal terminal) {
        super(terminal);
    }

    @Override
    MigratorBuilder configure() {
        return reaching(super.configure());
    }

    /** Says how the database is reached, and as whom. */
    MigratorBuilder reaching(MigratorBuilder builder) {
        return owner.configure(connection.patience(builder));
    }

    DataSource dataSource() {
        return connection.dataSource(terminal);
    }

    /** Why nothing more can be said of a database: its state, or rows that no script has; null if there is no reason. */
    static @Nullable Outcome obstacle(CurrentRevisions current) {
        Outcome obstacle = obstacle(current.state());
        return obstacle == null && !current.unknown().isEmpty()
                ? new Outcome.Ahead(current.unknown(), false)
                : obstacle;
    }
}
