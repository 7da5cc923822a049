package org.keops.automigrate.cli;

import java.util.function.Function;
import javax.sql.DataSource;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.BootReport;
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
}
