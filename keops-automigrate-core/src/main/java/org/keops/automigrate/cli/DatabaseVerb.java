package org.keops.automigrate.cli;

import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.BootReport;
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
        return owner.configure(connection.patience(builder, terminal));
    }

    /** Does it, with a bar where somebody looks at one; the bar is gone before the answer is written. */
    BootReport watched(Function<Migrator, BootReport> work) {
        BottomLine bottom = json ? null : terminal.bottom();
        if (bottom == null) {
            return work.apply(migrator());
        }
        try (Bar bar = new Bar(bottom)) {
            return work.apply(configure().onProgress(bar).build());
        }
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
