package org.keops.automigrate.postgres.session;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.script.Dialect;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;

/**
 * One borrowed connection: put into the state that we need, given back as it came.
 *
 * <p>Outside of {@link #begin} and {@link #commit} it is in autocommit with nothing open in between: an open transaction
 * would hold a snapshot, and {@code CREATE INDEX CONCURRENTLY} of any other session would wait for it. Used by one
 * thread.
 */
public final class Session implements AutoCloseable {
    /** As {@link #begin}, in front of other statements that travel together. */
    public static final String BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED";

    /** Behind other statements that travel together; {@link #commit} has to follow. */
    public static final String COMMIT = "COMMIT";

    private final Connection connection;
    private final ConnectionState state;
    private final Duration answerWithin;
    private final StopSignal stop;
    private @Nullable String roleBefore;
    private @Nullable Question answered;

    /** Gives back what was changed in the server; null until something may be. */
    private @Nullable Restoration restoration;

    private Session(Connection connection, ConnectionState state, Duration answerWithin, StopSignal stop) {
        this.connection = connection;
        this.state = state;
        this.answerWithin = answerWithin;
        this.stop = stop;
    }

    /**
     * Takes over a connection.
     *
     * @param connection open and without a transaction of somebody else's
     * @param answerWithin how long a short statement of ours may take before the server counts as silent
     * @param stop tells when to stop
     * @return the session; close it to give the connection back
     * @throws SQLException if the connection can not be used
     */
    public static Session adopt(Connection connection, Duration answerWithin, StopSignal stop) throws SQLException {
        ConnectionState state = ConnectionState.of(connection, answerWithin);
        Session session = new Session(connection, state, answerWithin, stop);
        try {
            state.prepare();
            return session;
        } catch (SQLException | RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    public Connection connection() {
        return connection;
    }

    /**
     * Keeps the answer to a question that was asked on this connection before it was a session.
     *
     * @param early the answer, or null if nothing was asked
     */
    public void answered(@Nullable Question early) {
        answered = early;
    }

    /**
     * Takes that answer, once: what it says holds for the first look only.
     *
     * @return the answer, or null if there is none any more
     */
    @Nullable
    public Question takeAnswer() {
        Question taken = answered;
        answered = null;
        return taken;
    }

    /**
     * Bounds the wait for an answer, also of a server that has gone away without a word.
     *
     * @param bound how long to wait for bytes; zero waits as long as the statement takes, also where the URL says
     *     otherwise: an interrupted DDL statement would go on in the server
     * @throws SQLException if the connection is closed
     */
    public void answerWithin(Duration bound) throws SQLException {
        state.answerWithin(bound);
    }

    /** What the server said of itself when the connection was made; null if it said nothing, or a wrapper hides it. */
    @Nullable
    public String told(String parameter) {
        PGConnection driver = Wrapped.in(connection, PGConnection.class);
        return driver == null ? null : driver.getParameterStatus(parameter);
    }

    /**
     * The server's major version, known since the connection was made.
     *
     * @return for example 17
     * @throws SQLException if the connection is closed
     */
    public int serverMajorVersion() throws SQLException {
        int told = Wrapped.majorVersion(told("server_version"));
        return told == 0 ? connection.getMetaData().getDatabaseMajorVersion() : told;
    }

    /**
     * How this session reads a script; the driver knows it without asking.
     *
     * @return the server's version and the session's kind of strings
     * @throws SQLException if the connection is closed
     */
    public Dialect dialect() throws SQLException {
        return new Dialect(serverMajorVersion(), standardConformingStrings());
    }

    /**
     * Whether a backslash in a string is one.
     *
     * @return the session's kind of strings; true also where a wrapper hides the driver
     * @throws SQLException if the connection is closed
     */
    public boolean standardConformingStrings() throws SQLException {
        BaseConnection driver = Wrapped.in(connection, BaseConnection.class);
        return driver == null || driver.getStandardConformingStrings();
    }

    /**
     * Whether a pooler stands between: the process that we were told to cancel is not the one that answers.
     *
     * @param answering {@code pg_backend_pid()} of this session
     * @return false also where a wrapper hides the driver, which alone could tell
     */
    public boolean isPooled(int answering) {
        PGConnection driver = Wrapped.in(connection, PGConnection.class);
        return driver != null && driver.getBackendPID() != answering;
    }

    /**
     * Whether the process is known that works for this session, if no pooler stands between.
     *
     * @return false where a wrapper hides the driver
     */
    public boolean knowsItsBackend() {
        return Wrapped.in(connection, PGConnection.class) != null;
    }

    /**
     * A condition for a statement that is to do nothing in a session of the server that is not ours, because a pooler lends it.
     *
     * @return what holds where that process answers; anywhere, where a wrapper hides the driver
     */
    public String isOurs() {
        PGConnection driver = Wrapped.in(connection, PGConnection.class);
        return driver == null ? "true" : "pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) " + driver.getBackendPID();
    }

    /**
     * Asked before anything new is begun.
     *
     * @throws SQLException if nothing is to be begun any more
     */
    public void requireGoing() throws SQLException {
        stop.check();
    }

    /** What comes now is cleaning up or the last word, and is not cancelled any more. */
    public void finishing() {
        stop.finishing();
    }

    public boolean inTransaction() throws SQLException {
        return !connection.getAutoCommit();
    }

    /**
     * Ends a transaction that a script has begun by itself.
     *
     * @return whether there was one
     */
    public boolean endStrayTransaction() throws SQLException {
        if (connection.isClosed() || Wrapped.in(connection, BaseConnection.class) == null || state.isIdle()) {
            return false;
        }
        Queries.execute(connection, "ROLLBACK");
        return true;
    }

    /** Starts a transaction; statements see what others have committed meanwhile, whatever the pool's default is. */
    public void begin() throws SQLException {
        requireGoing();
        connection.setAutoCommit(false);
        if (restoration == null || !restoration.settings().beginsReadCommitted()) {
            Queries.execute(connection, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
        }
    }

    /** Ends the transaction; where {@link #COMMIT} has done that already, no message is sent. */
    public void commit() throws SQLException {
        connection.commit();
        connection.setAutoCommit(true);
    }

    /** Ends the transaction if there is one, promptly; a connection that is lost has none any more. */
    public void rollback() {
        finishing();
        try {
            if (connection.isClosed()) {
                return;
            }
            answerWithin(answerWithin);
            if (inTransaction()) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException | RuntimeException e) {
            discard();
        }
    }

    /**
     * What scripts may change, as it is before the first of them; {@link #close} puts it back.
     *
     * @param pooled whether a pooler stands between: then every transaction meets another session of the server, has to
     *     look for itself, and has to put back before it commits
     * @return the settings
     * @throws SQLException if the connection fails
     */
    public Settings settings(boolean pooled) throws SQLException {
        if (pooled) {
            return Settings.read(connection);
        }
        if (restoration == null) {
            restoration = new Restoration(Guards.none(Settings.read(connection)));
        }
        return restoration.settings();
    }

    /**
     * Guards the session for the time of the work; {@link #close} takes the guards away.
     *
     * @param pooled whether a pooler stands between: then the session of the server is not ours to set up
     * @return what the server refuses to set, each with its reason
     * @throws SQLException if the connection fails
     */
    public List<String> guard(boolean pooled) throws SQLException {
        if (!pooled && !isGuarded()) {
            Guards set = Guards.set(connection);
            guarded(set);
            return set.refused();
        }
        return List.of();
    }

    boolean isGuarded() {
        return restoration != null && restoration.isGuarded();
    }

    void guarded(Guards set) {
        if (restoration == null) {
            restoration = new Restoration(set);
        } else {
            restoration.guardedAgain(set);
        }
    }

    /**
     * Leaves the migration lock, which this session holds, to {@link #close}, for no round trip of its own.
     *
     * @return false where there is nothing that it could travel with, and the lock is still the caller's
     */
    public boolean unlockInTheEnd() {
        return restoration != null && restoration.unlockInTheEnd();
    }

    /**
     * Gives the migration lock back and does what {@link #close} would, behind what a pipeline ends with, for no round trip of
     * its own. What is not answered of it, {@link #close} does; whoever goes on all the same has to guard the session again.
     *
     * @param pipeline sends it behind the end of a transaction
     * @param unlocked told when the lock is given back
     * @throws SQLException if the connection fails, or a statement of ours that was sent before
     * @throws StepFailedException if a script's statement that was sent before failed
     */
    public void leaveBehind(Pipeline pipeline, Runnable unlocked) throws SQLException, StepFailedException {
        if (restoration != null && restoration.isGuarded() && pipeline.joins()) {
            restoration.behind(pipeline, unlocked);
        }
    }

    /**
     * While code that is not ours computes in the open transaction, the server is not to take idleness for the end.
     *
     * @param runs whether it begins or has ended
     * @throws SQLException if the connection fails, or the transaction has failed
     */
    public void codeRuns(boolean runs) throws SQLException {
        if (restoration != null && restoration.endsTheIdle()) {
            Queries.execute(connection, Guards.whileCodeRuns(runs));
        }
    }

    /** The role to go back to in the end: after what scripts have changed, which is put back to what it was before them. */
    void goBackTo(String role) {
        roleBefore = role;
    }

    /** Makes sure that nobody else gets this connection: a pool drops one that is aborted. */
    public void discard() {
        try {
            connection.abort(OnThisThread.INSTANCE);
        } catch (SQLException | RuntimeException e) {
            // it is as good as gone already
            return;
        }
    }

    /** Gives the connection back as it came; where that fails, it is discarded instead. Never throws. */
    @Override
    public void close() {
        rollback();
        try (connection) {
            if (!connection.isClosed() && !restored()) {
                // before it is closed: a pool has it back then
                discard();
            }
        } catch (SQLException | RuntimeException e) {
            discard();
        }
    }

    /** Whether all is as it came. */
    private boolean restored() {
        try {
            if (restoration != null && !restoration.inTheEnd(connection)) {
                return false;
            }
            if (roleBefore != null) {
                Queries.query(connection, OwnerRole.RESTORE, ResultSet::next, roleBefore);
            }
            state.restore();
            return true;
        } catch (SQLException | RuntimeException e) {
            return false;
        }
    }
}
