package org.keops.automigrate.cli;

import java.util.ArrayList;
import java.util.List;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.MigratorBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Up, down, and a stamp, as in Alembic. */
abstract class ChangeVerb extends DatabaseVerb {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli makes it
    private RunOptions running;

    ChangeVerb(Terminal terminal) {
        super(terminal);
    }

    @Override
    MigratorBuilder configure() {
        return running.configure(super.configure());
    }

    /** {@code upgrade}. */
    @Command(name = "upgrade", description = "Apply a target and all it needs.")
    static final class Upgrade extends ChangeVerb {
        @Parameters(
                paramLabel = "TARGET",
                description = "An id, its beginning, a label, head, heads, +1, branch@head, …")
        @SuppressWarnings("NullAway.Init") // picocli demands it
        private String target;

        Upgrade(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() {
            return answer(watched(migrator -> migrator.upgrade(dataSource(), target)));
        }
    }

    /** {@code downgrade}. */
    @Command(name = "downgrade", description = "Take back whatever stands on a target.")
    static final class Downgrade extends ChangeVerb {
        @Parameters(paramLabel = "TARGET", description = "An id, base, -1, branch@base, …")
        @SuppressWarnings("NullAway.Init") // picocli demands it
        private String target;

        Downgrade(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() {
            return answer(watched(migrator -> migrator.downgrade(dataSource(), target)));
        }
    }

    /** {@code stamp}. */
    @Command(name = "stamp", description = "Record revisions, run nothing.")
    static final class Stamp extends DatabaseVerb {
        @Mixin
        @SuppressWarnings("NullAway.Init") // picocli makes it
        private FingerprintOption fingerprints;

        @Parameters(paramLabel = "TARGET", arity = "1..*", description = "What to record; base takes rows away.")
        private List<String> targets = new ArrayList<>();

        @Option(names = "--purge", description = "Take all rows away unread before.")
        private boolean purge;

        Stamp(Terminal terminal) {
            super(terminal);
        }

        @Override
        MigratorBuilder configure() {
            return fingerprints.configure(super.configure());
        }

        @Override
        public Integer call() {
            Migrator migrator = migrator();
            String[] wanted = targets.toArray(String[]::new);
            return answer(purge ? migrator.purgeAndStamp(dataSource(), wanted) : migrator.stamp(dataSource(), wanted));
        }
    }
}
