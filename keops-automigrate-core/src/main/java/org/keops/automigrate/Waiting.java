package org.keops.automigrate;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.postgres.session.Pause;

/** The patience with a database that is not there yet: how often to try again, and when to stop. For one boot. */
final class Waiting {
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;
    private static final long FIRST_WORD_NANOS = Duration.ofMinutes(1).toNanos();

    private final long start;
    private final Duration budget;
    private final long deadline;
    private long wordAfter = FIRST_WORD_NANOS;
    private long pause = FIRST_PAUSE_MILLIS;
    private int tries;
    private boolean interrupted;

    /** With a budget that counts from a moment of {@link System#nanoTime}. */
    Waiting(Duration budget, long start) {
        this.start = start;
        this.budget = budget;
        this.deadline = start + budget.toNanos();
    }

    /** Waits before the next try, if there is to be one; an interrupt ends the waiting. */
    boolean worthAnotherTry(Outcome outcome) {
        tries++;
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (!mayPass(outcome) || left <= 0) {
            return false;
        }
        tell(outcome);
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

    /** One line when it begins to wait, then after one minute, two, four: a database may be away for days. */
    private void tell(Outcome outcome) {
        long waited = System.nanoTime() - start;
        if (tries == 1) {
            WorkLog.waiting(outcome, budget);
        } else if (waited >= wordAfter) {
            wordAfter = 2 * waited;
            WorkLog.stillWaiting(outcome, tries, Duration.ofNanos(waited));
        }
    }

    private static boolean mayPass(Outcome outcome) {
        // first what nearly every boot is, for which no class of the others need be loaded
        if (outcome.acceptable()) {
            return false;
        }
        return outcome instanceof Outcome.Offline
                || (outcome instanceof Outcome.Inaccessible inaccessible
                        && inaccessible.reason().mayPass());
    }
}
