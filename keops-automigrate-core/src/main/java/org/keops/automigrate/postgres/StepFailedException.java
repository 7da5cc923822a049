package org.keops.automigrate.postgres;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.script.ScriptSyntaxException;

/** A step can not go on: where, what was seen, and PostgreSQL's code for it. */
final class StepFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Location where;
    private final @Nullable String sqlState;
    private @Nullable String statement;
    private boolean ownTimeout;

    private StepFailedException(Location where, String message, @Nullable String sqlState, Exception cause) {
        super(message, cause);
        this.where = where;
        this.sqlState = sqlState;
    }

    static StepFailedException of(Location where, SQLException cause, String message) {
        return new StepFailedException(where, message, cause.getSQLState(), cause);
    }

    static StepFailedException of(ScriptSyntaxException cause) {
        return new StepFailedException(cause.problem().where(), cause.problem().what(), null, cause);
    }

    static StepFailedException of(Location where, Exception cause) {
        return new StepFailedException(where, "the script can not be read: " + cause.getMessage(), null, cause);
    }

    /**
     * Notes what was running.
     *
     * @param text the statement; it is not shown
     * @param timeout whether the script has spoken of lock_timeout by then
     */
    StepFailedException during(String text, boolean timeout) {
        statement = text;
        ownTimeout = timeout;
        return this;
    }

    /** The statement that failed, or null if it was none of a script; not to be shown. */
    @Nullable
    String statement() {
        return statement;
    }

    /** Whether the script has a lock_timeout of its own. */
    boolean hasOwnTimeout() {
        return ownTimeout;
    }

    Location where() {
        return where;
    }

    @Nullable
    String sqlState() {
        return sqlState;
    }

    /** Its message without null: every constructor gives one. */
    String what() {
        return String.valueOf(getMessage());
    }
}
