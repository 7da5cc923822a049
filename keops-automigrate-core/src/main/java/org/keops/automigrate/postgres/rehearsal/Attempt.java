package org.keops.automigrate.postgres.rehearsal;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.postgres.failure.ServerMessage;
import org.keops.automigrate.postgres.session.Queries;

/** Statements that may fail without an end to the transaction. Used by one thread. */
final class Attempt {
    private final Connection connection;
    private @Nullable SQLException failure;

    Attempt(Connection connection) {
        this.connection = connection;
    }

    /** Whether the statements work; what they did stays if they do. */
    boolean succeeds(String sql) throws SQLException {
        failure = null;
        Savepoint savepoint = connection.setSavepoint();
        try {
            Queries.execute(connection, sql);
            connection.releaseSavepoint(savepoint);
            return true;
        } catch (SQLException e) {
            if (connection.isClosed()) {
                throw e;
            }
            connection.rollback(savepoint);
            failure = e;
            return false;
        }
    }

    /** Whether the last failure was one of permissions. */
    boolean isDenied() {
        return failure != null && "42501".equals(failure.getSQLState());
    }

    /** Whether the last failure was that a column can only be generated, which is no matter of permissions. */
    boolean isGeneratedOnly() {
        return failure != null && "428C9".equals(failure.getSQLState());
    }

    /** What the server said to the last failure. */
    String message() {
        return failure == null ? "" : ServerMessage.withState(failure);
    }
}
