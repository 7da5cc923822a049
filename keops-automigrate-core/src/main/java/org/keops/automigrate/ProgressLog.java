package org.keops.automigrate;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Progress;

/** Writes a line for a statement that takes long: after ten seconds, and then each time it has taken twice as long. */
final class ProgressLog implements Consumer<Progress> {
    private static final Duration FIRST = Duration.ofSeconds(10);

    private @Nullable Location statement;
    private Duration next = FIRST;

    @Override
    public void accept(Progress progress) {
        if (!progress.statement().equals(statement)) {
            statement = progress.statement();
            next = FIRST;
        }
        if (progress.elapsed().compareTo(next) >= 0) {
            next = next.multipliedBy(2);
            WorkLog.still(progress);
        }
    }
}
