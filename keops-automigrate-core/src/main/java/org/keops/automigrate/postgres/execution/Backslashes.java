package org.keops.automigrate.postgres.execution;

import java.sql.SQLException;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.script.Statement;

/**
 * Keeps a statement from being sent that the server would read otherwise than it was read here: what a function sets, no
 * text tells. Without a backslash both ways to read strings are one. Used by one thread.
 */
final class Backslashes {
    private final Pipeline pipeline;

    /** Whether something is sent, or about to be, that may set what its text does not tell. */
    private boolean unsure;

    Backslashes(Pipeline pipeline) {
        this.pipeline = pipeline;
    }

    /** The next statement may call a function. */
    void maybeSet() {
        unsure = true;
    }

    /** Waits for the answers to what was sent before only where they may tell something. */
    void requireReadAlike(Statement statement) throws StepFailedException, SQLException {
        boolean plain = statement.standardConformingStrings();
        if ((!unsure && pipeline.mayHaveStandardStrings(plain))
                || statement.text().indexOf('\\') < 0) {
            return; // the text may be long, so it is looked at last
        }
        pipeline.flush();
        unsure = false;
        if (!pipeline.mayHaveStandardStrings(plain)) {
            throw StepFailedException.of(
                    statement.start(),
                    "was read with standard_conforming_strings " + (plain ? "on" : "off") + ", but the server has it "
                            + (plain ? "off" : "on") + " here, where a backslash stands: a function has set it, or the"
                            + " end of a transaction has taken it back, which no script tells; SET it in the script");
        }
    }
}
