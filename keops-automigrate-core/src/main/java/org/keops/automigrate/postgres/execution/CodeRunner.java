package org.keops.automigrate.postgres.execution;

import java.sql.SQLException;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.postgres.failure.Redaction;
import org.keops.automigrate.postgres.failure.ServerMessage;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.session.Session;

/** Runs a revision that is written in Java, in the transaction that is open. Stateless. */
final class CodeRunner {
    private CodeRunner() {}

    /**
     * Runs it.
     *
     * @return how many statements it executed
     */
    static int run(Revision revision, Code code, Session session) throws StepFailedException, SQLException {
        String name = revision.script().file();
        session.codeRuns(true);
        try (LentConnection lent = new LentConnection(session, revision.script())) {
            try {
                code.run(lent.connection());
            } catch (Throwable e) { // whatever it is, the step has failed and is to be rolled back
                if (e instanceof InterruptedException) {
                    Thread.currentThread().interrupt();
                }
                throw StepFailedException.of(place(name, e), e, message(e, lent));
            }
            session.codeRuns(false);
            return lent.statements();
        }
    }

    /** The line of the class itself, where the trace has one. */
    private static Location place(String name, Throwable thrown) {
        for (StackTraceElement frame : thrown.getStackTrace()) {
            if (frame.getClassName().equals(name) && frame.getLineNumber() > 0) {
                return new Location(name, frame.getLineNumber(), 0);
            }
        }
        return Location.of(name);
    }

    /** Without what went through the connection, which may be a secret. */
    private static String message(Throwable thrown, LentConnection lent) {
        String text = thrown instanceof SQLException failure
                ? ServerMessage.of(failure)
                : Redaction.ofUrls(String.valueOf(thrown));
        return Redaction.ofSecrets(text, lent.secrets());
    }
}
