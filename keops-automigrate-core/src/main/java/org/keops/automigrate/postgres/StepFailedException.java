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

    private StepFailedException(Location where, String message, @Nullable String sqlState, Throwable cause) {
        super(message, cause);
        this.where = where;
        this.sqlState = sqlState;
    }

    /** Code of somebody's threw something. */
    static StepFailedException of(Location where, Throwable thrown, String message) {
        String sqlState = thrown instanceof SQLException failure ? failure.getSQLState() : null;
        return new StepFailedException(where, message, sqlState, thrown);
    }

    static StepFailedException of(ScriptSyntaxException cause) {
        return new StepFailedException(cause.problem().where(), cause.problem().what(), null, cause);
    }

    static StepFailedException of(Location where, Exception cause) {
        return new StepFailedException(where, "the script can not be read: " + cause.getMessage(), null, cause);
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
