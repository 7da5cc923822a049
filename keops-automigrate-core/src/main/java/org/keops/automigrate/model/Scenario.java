package org.keops.automigrate.model;

/** What a boot can find, numbered as in {@code docs/decision-table.md}. */
public enum Scenario {
    /** Whatever it was: an operator asked for something by name, and got it. */
    BY_HAND(0),
    /** Nobody answered. */
    OFFLINE(1),
    /** The server refused the user or the password. */
    CREDENTIALS_REJECTED(2),
    /** No Alembic version is recorded: there is no version table, or an empty one. */
    UNVERSIONED(3),
    /** The recorded revisions are the latest. */
    AT_HEAD(4),
    /** There are revisions that the recorded ones do not include. */
    BEHIND(5),
    /** A recorded revision is not among the scripts: a newer build was here. */
    AHEAD(6),
    /** Reachable, credentials fine, yet not usable. */
    INACCESSIBLE(7),
    /** An upgrade was tried and failed. */
    FAILED(8),
    /** Another instance is still migrating. */
    LOCKED(9),
    /** Somebody asked for an end before there was one. */
    INTERRUPTED(10);

    private final int number;

    Scenario(int number) {
        this.number = number;
    }

    /**
     * The number by which the documentation calls it.
     *
     * @return 1 to 10; 0 where it was no boot
     */
    public int number() {
        return number;
    }
}
