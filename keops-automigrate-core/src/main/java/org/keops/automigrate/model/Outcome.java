package org.keops.automigrate.model;

import java.util.List;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** How a boot ended; one of the ten of {@code docs/decision-table.md}, or refused by a policy. Immutable and thread-safe. */
public sealed interface Outcome {

    /**
     * Which of the numbered scenarios this is.
     *
     * @return the scenario
     */
    Scenario scenario();

    /**
     * Whether the schema is known to be what this build needs, or the policies say that the application may run anyway.
     *
     * @return false where {@link BootReport#orElseThrow()} throws
     */
    boolean acceptable();

    /**
     * The outcome in one clause, for the log.
     *
     * @return what was found and what was done
     */
    String describe();

    /**
     * 1: nobody answered; nothing was attempted.
     *
     * @param detail what was seen
     */
    record Offline(String detail) implements Outcome {
        @Override
        public Scenario scenario() {
            return Scenario.OFFLINE;
        }

        @Override
        public boolean acceptable() {
            return false;
        }

        @Override
        public String describe() {
            return "database offline, nothing attempted: " + detail;
        }
    }

    /**
     * 2: the credentials were rejected; nothing was attempted, and it was not tried again.
     *
     * @param detail what was seen
     */
    record CredentialsRejected(String detail) implements Outcome {
        @Override
        public Scenario scenario() {
            return Scenario.CREDENTIALS_REJECTED;
        }

        @Override
        public boolean acceptable() {
            return false;
        }

        @Override
        public String describe() {
            return "credentials rejected, nothing attempted: " + detail;
        }
    }

    /**
     * 3: no version was recorded; the latest was stamped.
     *
     * @param revisions the revisions recorded now
     */
    record Stamped(SortedSet<RevisionId> revisions) implements Outcome {
        @Override
        public Scenario scenario() {
            return Scenario.UNVERSIONED;
        }

        @Override
        public boolean acceptable() {
            return true;
        }

        @Override
        public String describe() {
            return "no version recorded, schema assumed current, stamped " + RevisionId.show(revisions);
        }
    }

    /**
     * 4: at the latest version; only the permissions may have been repaired.
     *
     * @param revisions the recorded revisions
     * @param broughtBy the other instance that was at work when this one came, or null if it was at head already
     */
    record AtHead(SortedSet<RevisionId> revisions, @Nullable String broughtBy) implements Outcome {

        /**
         * At head already.
         *
         * @param revisions the recorded revisions
         */
        public AtHead(SortedSet<RevisionId> revisions) {
            this(revisions, null);
        }

        @Override
        public Scenario scenario() {
            return Scenario.AT_HEAD;
        }

        @Override
        public boolean acceptable() {
            return true;
        }

        @Override
        public String describe() {
            return "at head " + RevisionId.show(revisions)
                    + (broughtBy == null ? "" : ", brought there by another instance: " + broughtBy);
        }
    }

    /**
     * 5: was behind; upgraded.
     *
     * @param from the revisions recorded before, empty for base
     * @param to the revisions recorded now
     * @param revisions how many revisions were applied
     */
    record Upgraded(SortedSet<RevisionId> from, SortedSet<RevisionId> to, int revisions) implements Outcome {
        @Override
        public Scenario scenario() {
            return Scenario.BEHIND;
        }

        @Override
        public boolean acceptable() {
            return true;
        }

        @Override
        public String describe() {
            return "upgraded " + RevisionId.show(from) + " -> " + RevisionId.show(to) + " (" + revisions
                    + (revisions == 1 ? " revision)" : " revisions)");
        }
    }

    /**
     * 6: the database records revisions that this build does not know; nothing was touched.
     *
     * @param unknown the revisions that are not among the scripts
     * @param refused whether the policy refuses to run so
     */
    record Ahead(SortedSet<RevisionId> unknown, boolean refused) implements Outcome {
        @Override
        public Scenario scenario() {
            return Scenario.AHEAD;
        }

        @Override
        public boolean acceptable() {
            return !refused;
        }

        @Override
        public String describe() {
            return "database is ahead of this build, nothing touched: it records " + RevisionId.show(unknown)
                    + ", not among the scripts" + (refused ? "; refused" : "");
        }
    }

    /**
     * 7: reachable, yet not usable; nothing was attempted.
     *
     * @param reason the kind of obstacle
     * @param detail what was seen and what to do
     */
    record Inaccessible(Obstacle reason, String detail) implements Outcome {
        @Override
        public Scenario scenario() {
            return Scenario.INACCESSIBLE;
        }

        @Override
        public boolean acceptable() {
            return false;
        }

        @Override
        public String describe() {
            return "database inaccessible (" + reason + "), nothing attempted: " + detail;
        }
    }

    /**
     * 8: it was tried and it failed.
     *
     * @param failure what failed, where, and what is committed
     * @param problems what the text of the scripts tells, of all of them before any ran; or, where an index had vouched for them,
     *     of one before that one ran. Empty where something else failed
     */
    record Failed(Failure failure, List<Problem> problems) implements Outcome {

        /**
         * Copies the list.
         *
         * @param failure the component of this name
         * @param problems the component of this name
         */
        public Failed {
            problems = List.copyOf(problems);
        }

        /**
         * It failed while it ran.
         *
         * @param failure what failed, where, and what is committed
         */
        public Failed(Failure failure) {
            this(failure, List.of());
        }

        @Override
        public Scenario scenario() {
            return Scenario.FAILED;
        }

        @Override
        public boolean acceptable() {
            return false;
        }

        @Override
        public String describe() {
            return "failed: " + failure;
        }
    }

    /**
     * 9: another instance still held the migration lock when our patience ended; nothing was attempted.
     *
     * @param holder who holds it
     */
    record LockNotObtained(String holder) implements Outcome {
        @Override
        public Scenario scenario() {
            return Scenario.LOCKED;
        }

        @Override
        public boolean acceptable() {
            return false;
        }

        @Override
        public String describe() {
            return "migration lock not obtained in time, nothing attempted: held by " + holder;
        }
    }

    /**
     * 10: somebody asked for an end, by an interrupt of the thread or by {@code close()}; what ran was cancelled and rolled
     * back.
     *
     * @param detail what it was doing and what became of it
     * @param failure what was rolled back and what is committed, or null where nothing was attempted
     */
    record Interrupted(String detail, @Nullable Failure failure) implements Outcome {
        @Override
        public Scenario scenario() {
            return Scenario.INTERRUPTED;
        }

        @Override
        public boolean acceptable() {
            return false;
        }

        @Override
        public String describe() {
            return "interrupted, " + detail;
        }
    }

    /**
     * 3, by policy {@link WhenUnversioned#refuse()}: no version is recorded; nothing was touched.
     */
    record UnversionedRefused() implements Outcome {
        @Override
        public Scenario scenario() {
            return Scenario.UNVERSIONED;
        }

        @Override
        public boolean acceptable() {
            return false;
        }

        @Override
        public String describe() {
            return "no version recorded, refused by policy, nothing touched: stamp the revision that the schema is at";
        }
    }

    /** How something ended that an operator asked for by name; an upgrade ends as that of a boot does. */
    sealed interface ByHand extends Outcome {

        @Override
        default Scenario scenario() {
            return Scenario.BY_HAND;
        }

        @Override
        default boolean acceptable() {
            return true;
        }
    }

    /**
     * Nothing had to be applied, taken back or recorded.
     *
     * @param revisions the recorded revisions
     */
    record Unchanged(SortedSet<RevisionId> revisions) implements ByHand {
        @Override
        public String describe() {
            return "nothing to apply or record, at " + RevisionId.show(revisions);
        }
    }

    /**
     * Only the permissions were looked after.
     *
     * @param revisions the recorded revisions
     */
    record PermissionsOnly(SortedSet<RevisionId> revisions) implements ByHand {
        @Override
        public String describe() {
            return "permissions looked after, at " + RevisionId.show(revisions);
        }
    }

    /**
     * Revisions were taken back.
     *
     * @param from the revisions recorded before
     * @param to the revisions recorded now, empty for base
     * @param revisions how many revisions were taken back
     */
    record Downgraded(SortedSet<RevisionId> from, SortedSet<RevisionId> to, int revisions) implements ByHand {
        @Override
        public String describe() {
            return "downgraded " + RevisionId.show(from) + " -> " + RevisionId.show(to) + " (" + revisions
                    + (revisions == 1 ? " revision)" : " revisions)");
        }
    }

    /**
     * Revisions were recorded without running anything.
     *
     * @param from the revisions recorded before
     * @param to the revisions recorded now, empty for base
     */
    record Recorded(SortedSet<RevisionId> from, SortedSet<RevisionId> to) implements ByHand {
        @Override
        public String describe() {
            return "stamped " + RevisionId.show(from) + " -> " + RevisionId.show(to) + ", nothing run";
        }
    }
}
