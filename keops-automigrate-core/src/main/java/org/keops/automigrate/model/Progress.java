package org.keops.automigrate.model;

import java.time.Duration;

/**
 * How far a run has come. Immutable and thread-safe.
 *
 * @param step which step it is at, counted from 1
 * @param steps how many steps there are
 * @param revision the revision that is applied or taken back
 * @param statement where the statement stands that the server is at
 * @param statements how many statements of the script are done
 * @param bytes how many bytes of the script are done; where the statement is a {@code COPY}, with those of it that were sent
 * @param rowsCopied how many lines of data of the {@code COPY} that is running were sent; 0 for other statements
 * @param elapsed how long the statement has been running; zero when it begins
 */
public record Progress(
        int step,
        int steps,
        RevisionId revision,
        Location statement,
        int statements,
        long bytes,
        long rowsCopied,
        Duration elapsed) {

    /** {@code step 2 of 7, revision bbbb, file:line:column, 12 statements done, 4096 bytes, running for 10 s}. */
    @Override
    public String toString() {
        return "step " + step + " of " + steps + ", revision " + revision + ", " + statement + ", " + statements
                + " statements done, " + bytes + " bytes" + (rowsCopied == 0 ? "" : ", " + rowsCopied + " rows copied")
                + ", running for " + elapsed.toSeconds() + " s";
    }
}
