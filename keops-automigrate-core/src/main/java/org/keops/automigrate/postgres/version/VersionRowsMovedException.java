package org.keops.automigrate.postgres.version;

import java.sql.SQLException;

/** The version rows are not what they were when the plan was made: another migrator is at work, and was faster. */
final class VersionRowsMovedException extends SQLException {
    private static final long serialVersionUID = 1L;

    VersionRowsMovedException(String message) {
        super(message);
    }
}
