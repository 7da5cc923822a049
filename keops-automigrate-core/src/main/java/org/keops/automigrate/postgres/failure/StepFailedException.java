package org.keops.automigrate.postgres.failure;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Particulars;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.script.ScriptSyntaxException;

/** A step can not go on: where, what was seen, and PostgreSQL's code for it. */
public final class StepFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Location where;
    private final transient Particulars particulars;
    private final transient List<Problem> problems;
    private final @Nullable String sqlState;
    private @Nullable String statement;
    private boolean ownTimeout;

    private StepFailedException(
            Location where,
            String message,
            @Nullable String sqlState,
            Particulars particulars,
            @Nullable Throwable cause) {
        this(where, message, sqlState, particulars, List.of(), cause);
    }

    private StepFailedException(
            Location where,
            String message,
            @Nullable String sqlState,
            Particulars particulars,
            List<Problem> problems,
            @Nullable Throwable cause) {
        super(message, cause);
        this.where = where;
        this.problems = problems;
        this.sqlState = sqlState;
        this.particulars = particulars;
    }

    public static StepFailedException of(Location where, SQLException cause, String message, Particulars particulars) {
        return new StepFailedException(where, message, cause.getSQLState(), particulars, cause);
    }

    /** One of our own questions failed. */
    public static StepFailedException of(Location where, SQLException cause) {
        return of(where, cause, ServerMessage.of(cause), ServerReport.of(cause, List.of(), null, null));
    }

    public static StepFailedException of(Location where, String message) {
        return new StepFailedException(where, message, null, Particulars.NONE, null);
    }

    /** Code of somebody's threw something. */
    public static StepFailedException of(Location where, Throwable thrown, String message) {
        String sqlState = thrown instanceof SQLException failure ? failure.getSQLState() : null;
        return new StepFailedException(where, message, sqlState, Particulars.NONE, thrown);
    }

    /** A script is unsound: told as its first problem, with the line, and how many there are beside. */
    public static StepFailedException of(List<Problem> problems) {
        Problem first = problems.get(0);
        String others = problems.size() == 1 ? "" : " (and " + (problems.size() - 1) + " more; check lists them)";
        return new StepFailedException(
                first.where(), first.what() + others, null, showing(first), List.copyOf(problems), null);
    }

    public static StepFailedException of(ScriptSyntaxException cause) {
        Problem problem = cause.problem();
        return new StepFailedException(problem.where(), problem.what(), null, showing(problem), cause);
    }

    private static Particulars showing(Problem problem) {
        return problem.line() == null ? Particulars.NONE : new Particulars(null, null, null, problem.line(), null);
    }

    public static StepFailedException of(Location where, Exception cause) {
        String message = "the script can not be read: " + Redaction.ofUserInfo(cause.getMessage());
        return new StepFailedException(where, message, null, Particulars.NONE, cause);
    }

    /**
     * Notes what was running.
     *
     * @param text the statement; it is not shown
     * @param timeout whether the script has spoken of lock_timeout by then
     */
    public StepFailedException during(String text, boolean timeout) {
        statement = text;
        ownTimeout = timeout;
        return this;
    }

    /** The statement that failed, or null if it was none of a script; not to be shown. */
    @Nullable
    public String statement() {
        return statement;
    }

    /** Whether the script has a lock_timeout of its own. */
    public boolean hasOwnTimeout() {
        return ownTimeout;
    }

    public Location where() {
        return where;
    }

    public Particulars particulars() {
        return particulars;
    }

    /** All that is wrong with the script, where its text tells; empty where something else failed. */
    public List<Problem> problems() {
        return problems;
    }

    @Nullable
    public String sqlState() {
        return sqlState;
    }

    /** Its message without null: every constructor gives one. */
    public String what() {
        return String.valueOf(getMessage());
    }
}
