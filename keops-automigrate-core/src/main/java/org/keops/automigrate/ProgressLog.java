package org.keops.automigrate;

import java.time.Duration;
import java.util.function.Consumer;
import org.keops.automigrate.model.Progress;

/** Writes a line for a statement that takes long: after ten seconds, and then each time it has taken twice as long. */
final class ProgressLog implements Consumer<Progress> {
    private static final Duration FIRST = Duration.ofSeconds(10);

    private Duration next = FIRST;

    @Override
    public void accept(Progress progress) {
        if (progress.elapsed().compareTo(FIRST) < 0) {
            // told of every statement when it begins
            next = FIRST;
        } else if (progress.elapsed().compareTo(next) >= 0) {
            next = next.multipliedBy(2);
            WorkLog.still(progress);
        }
    }
}
