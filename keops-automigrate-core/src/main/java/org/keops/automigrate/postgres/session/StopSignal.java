package org.keops.automigrate.postgres.session;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Tells the thread that works on a connection that it has to stop, and stops what the server does for it.
 *
 * <p>The worker asks {@link #check} before it begins something new, and says {@link #finishing} before it rolls back and
 * gives the connection back: from then on nothing is cancelled any more. Thread-safe.
 */
public final class StopSignal {
    private static final String QUERY_CANCELED = "57014";

    private volatile @Nullable Reason reason;
    private boolean finishing;

    /** Why to stop. */
    public enum Reason {
        /** The time for the whole run is over. */
        DEADLINE,
        /** The thread that waits for the run was interrupted. */
        INTERRUPTED
    }

    /** Nobody has to stop yet. */
    public StopSignal() {}

    /**
     * Nothing new is to be begun; what runs is another matter ({@link #cancel}, {@link #interrupt}).
     *
     * @param why the reason; the last one counts
     */
    public void set(Reason why) {
        reason = why;
    }

    /**
     * Why the worker was to stop.
     *
     * @return the reason, or null where it was not
     */
    public @Nullable Reason reason() {
        return reason;
    }

    /** @throws SQLException if nothing new is to be begun */
    void check() throws SQLException {
        if (reason != null) {
            throw new SQLException("stopped before it was begun", QUERY_CANCELED);
        }
    }

    /** Said by the worker: what comes now is cleaning up, and has to be let through. */
    synchronized void finishing() {
        if (reason != null) {
            finishing = true;
            // it was interrupted to end its pauses, which is done
            Thread.interrupted();
        }
    }

    /** Ends what the worker waits for other than the server, unless it is already cleaning up. */
    public synchronized void interrupt(Thread worker) {
        if (!finishing) {
            worker.interrupt();
        }
    }

    /** Has the server cancel what it is doing for this connection, unless the worker is already cleaning up. */
    public synchronized void cancel(Connection connection) {
        if (finishing) {
            return;
        }
        try {
            PGConnection driver = Wrapped.in(connection, PGConnection.class);
            if (driver != null) {
                driver.cancelQuery();
            }
        } catch (SQLException | RuntimeException | LinkageError e) {
            // where nobody listens any more the connection is aborted in a moment
            return;
        }
    }
}
