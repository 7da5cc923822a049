package org.keops.automigrate;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.postgres.Pause;

/** The patience with a database that is not there yet: how often to try again, and when to stop. For one boot. */
final class Waiting {
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    private final Duration budget;
    private final long deadline;
    private long pause = FIRST_PAUSE_MILLIS;
    private int tries;
    private boolean interrupted;

    Waiting(Duration budget) {
        this.budget = budget;
        this.deadline = System.nanoTime() + budget.toNanos();
    }

    /** Waits before the next try, if there is to be one; an interrupt ends the waiting. */
    boolean worthAnotherTry(Outcome outcome) {
        tries++;
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (!mayPass(outcome) || left <= 0) {
            return false;
        }
        BootLog.waiting(outcome, tries, budget);
        // up to a fifth more, so that instances that lost their database together do not come back together
        long now = pause + ThreadLocalRandom.current().nextLong(pause / 5 + 1);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        interrupted = !Pause.millis(Math.min(now, left));
        return !interrupted;
    }

    /** Whether it was an interrupt that ended the waiting. */
    boolean interrupted() {
        return interrupted;
    }

    private static boolean mayPass(Outcome outcome) {
        return outcome instanceof Outcome.Offline
                || (outcome instanceof Outcome.Inaccessible inaccessible
                        && inaccessible.reason().mayPass());
    }
}
