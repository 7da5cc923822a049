package org.keops.automigrate.model;

import java.util.List;

/**
 * A target or the recorded rows do not fit the scripts. The message is one sentence: what was seen and what to do.
 *
 * <p>Immutable and thread-safe.
 */
public final class RevisionException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** What does not fit; each stands for one of Alembic's messages, or for a refusal that Alembic should make. */
    public enum Kind {
        /** The target names no revision, several by a prefix, or one that is not on the given branch. */
        CANT_LOCATE,
        /** {@code head} where there are several heads. */
        MULTIPLE_HEADS,
        /** Two of the target's revisions of which one is an ancestor of the other. */
        OVERLAPPING_TARGETS,
        /** A recorded revision that no script has: a newer build was here, or a script is missing. */
        UNKNOWN_ROW,
        /** Two recorded revisions of which one is an ancestor of the other; no run of Alembic leaves such rows. */
        OVERLAPPING_ROWS,
        /** {@code +N} with several recorded revisions. */
        AMBIGUOUS_UPGRADE,
        /** {@code -N} with several recorded revisions. */
        AMBIGUOUS_DOWNGRADE,
        /** A relative target that comes to a fork or a merge and is not told where to go. */
        AMBIGUOUS_WALK,
        /** A relative target, counted from the recorded revisions, that leaves the history. */
        RELATIVE_TOO_FAR,
        /** A relative target, counted from a named revision, that leaves the history. */
        WALKED_TOO_FAR,
        /** A downgrade to a revision below which nothing of what is recorded stands. */
        NOT_A_DOWNGRADE_TARGET,
        /** A history range whose start is not an ancestor of its end. */
        NOT_A_RANGE,
        /** A history range that is not {@code from:to}, {@code from:} or {@code :to}. */
        HISTORY_RANGE_SYNTAX,
        /** {@code a:b} where one target is wanted. */
        RANGE_NOT_ALLOWED
    }

    /** What does not fit. */
    private final Kind kind;

    private final transient List<RevisionId> revisions;

    /**
     * Creates the exception.
     *
     * @param kind what does not fit
     * @param revisions the offending revisions
     * @param message one sentence
     */
    public RevisionException(Kind kind, List<RevisionId> revisions, String message) {
        super(message);
        this.kind = kind;
        this.revisions = List.copyOf(revisions);
    }

    /**
     * Creates the exception where no revision is to blame.
     *
     * @param kind what does not fit
     * @param message one sentence
     */
    public RevisionException(Kind kind, String message) {
        this(kind, List.of(), message);
    }

    /**
     * What does not fit.
     *
     * @return the kind, for programs; the message is for people
     */
    public Kind kind() {
        return kind;
    }

    /**
     * The revisions concerned.
     *
     * @return the offending revisions; empty where the target names none
     */
    public List<RevisionId> revisions() {
        return revisions;
    }
}
