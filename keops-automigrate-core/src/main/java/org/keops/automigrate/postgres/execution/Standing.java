package org.keops.automigrate.postgres.execution;

/**
 * How far a revision has come that runs outside a transaction, as far as it is known here; what is to be said of a failure
 * follows from it. Used by one thread, for one revision.
 */
final class Standing {
    private final int statements;

    /** The first statement that is not known to have taken effect, counted from 0. */
    private int next;

    /** Whether nothing is in doubt, so that the script may be mended from the next statement on. */
    private boolean settled;

    /** Whether the answer to a COMMIT was lost: then the record in the database may tell more than is known here. */
    private boolean lost;

    /** Whether a statement that runs alone was begun, and nothing tells what became of it. */
    private boolean unanswered;

    /** Whether a statement that ran alone is done, and the record does not say so yet. */
    private boolean unrecorded;

    /** Nothing of it has run. */
    Standing(int statements) {
        this.statements = statements;
    }

    int next() {
        return next;
    }

    boolean isUnrecorded() {
        return unrecorded;
    }

    /** Whether the rest of the script may be mended, since it is known to the statement what took effect. */
    boolean mayBeMended() {
        return settled && !lost;
    }

    /** An earlier boot came so far. */
    void goesOnAt(int statement) {
        next = statement;
    }

    /** What comes now runs in a transaction. */
    void settled() {
        settled = true;
    }

    /** A statement will run alone: from here on an end of this boot leaves it in doubt. */
    void mayHaveStarted() {
        settled = false;
    }

    /** A statement that runs alone is sent. */
    void started() {
        unanswered = true;
    }

    /** It failed; the catalog may have told that it left nothing. */
    void failed(boolean leftNothing) {
        settled = leftNothing;
        unanswered = !leftNothing;
    }

    /** A statement that ran alone took effect. */
    void tookEffect(int statement) {
        settled = true;
        unanswered = false;
        next = statement + 1;
        unrecorded = true;
    }

    /** The record that it stands at this statement is committed. */
    void recorded(int statement) {
        next = statement;
        unrecorded = false;
    }

    /** The answer to the COMMIT of a record was lost. */
    void lost() {
        lost = true;
    }

    /** What is to be said of a failure: what is committed, and where the next boot goes on. */
    String consequence() {
        if (lost) {
            return "the answer to COMMIT was lost: what it did from statement " + (next + 1) + " of " + statements
                    + " on may have happened or not, the next boot will see";
        }
        String before = next == 0
                ? "nothing of it is committed"
                : "what ran before it in this script is committed, because it runs outside a transaction (" + next
                        + " of " + statements + " statements), and the next boot goes on from there";
        if (!unanswered) {
            return before;
        }
        return (next == 0 ? "" : before + "; ") + "whether it took effect is not known, the next boot will see"
                + " and take away what it may have left, an index that is not valid say";
    }
}
