package org.keops.automigrate.postgres.session;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.script.Dialect;
import org.postgresql.PGConnection;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.postgresql.core.Tuple;

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

    private static final int NOT_OFFERED = -1;

    private final Connection connection;
    private final boolean autoCommit;
    private final boolean readOnly;
    private int networkTimeout;
    private final int prepareThreshold;
    private final Duration answerWithin;
    private final StopSignal stop;
    private @Nullable Settings settings;
    private @Nullable Settings unguarded;
    private List<String> guards = List.of();
    private @Nullable String roleBefore;
    private @Nullable Question answered;

    /** What gives back a lock that the session still holds, for {@link #close}. */
    private @Nullable String unlock;

    /** What is set since it was put back in a message that was taken for the last; null where none was, or is answered. */
    private @Nullable Settings left;

    /** Whether a lock was not held any more that was to be given back: nobody knows what else is not as it was. */
    private boolean lockIsLost;

    private Session(Connection connection, Duration answerWithin, StopSignal stop) throws SQLException {
        this.connection = connection;
        this.answerWithin = answerWithin;
        this.stop = stop;
        this.autoCommit = connection.getAutoCommit();
        this.readOnly = isReadOnly(connection);
        this.networkTimeout = networkTimeout(connection);
        PGConnection driver = Wrapped.in(connection, PGConnection.class);
        this.prepareThreshold = driver == null ? 0 : driver.getPrepareThreshold();
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
        Session session = null;
        try {
            session = new Session(connection, answerWithin, stop);
            session.answerWithin(answerWithin);
            if (!isIdle(connection)) {
                OpenTransaction.end(connection);
            }
        } catch (SQLException | RuntimeException | Error e) {
            refuse(connection, session);
            throw e;
        }
        try {
            session.prepare();
            return session;
        } catch (SQLException | RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    /** Whether there is surely no transaction; false where a wrapper hides the driver. */
    private static boolean isIdle(Connection connection) throws SQLException {
        BaseConnection driver = Wrapped.in(connection, BaseConnection.class);
        return driver != null && driver.getTransactionState() == TransactionState.IDLE;
    }

    private void prepare() throws SQLException {
        if (!autoCommit) {
            connection.setAutoCommit(true);
        }
        if (readOnly) {
            connection.setReadOnly(false);
        }
        // a statement that the driver names in the server would stay behind a pooler, and clash there with others
        setPrepareThreshold(0);
    }

    /** Whoever works with it goes on doing so, where the data source shares it. */
    private static void refuse(Connection connection, @Nullable Session session) {
        try (connection) {
            if (session != null) {
                session.setNetworkTimeout(session.networkTimeout);
            }
        } catch (SQLException | RuntimeException | Error e) {
            // why it can not be used matters more
            return;
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
        setNetworkTimeout((int) Math.min(bound.toMillis(), Integer.MAX_VALUE));
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
        if (connection.isClosed() || Wrapped.in(connection, BaseConnection.class) == null || isIdle(connection)) {
            return false;
        }
        Queries.execute(connection, "ROLLBACK");
        return true;
    }

    /** Starts a transaction; statements see what others have committed meanwhile, whatever the pool's default is. */
    public void begin() throws SQLException {
        requireGoing();
        connection.setAutoCommit(false);
        if (settings == null || !settings.beginsReadCommitted()) {
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
        if (settings == null) {
            settings = Settings.read(connection);
        }
        return settings;
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
        return unguarded != null && left == null;
    }

    void guarded(Guards set) {
        unguarded = unguarded == null ? set.before() : unguarded;
        left = null;
        settings = set.since();
        guards = new ArrayList<>(set.names());
        // with what it was, but as a setting of the session's, a commit leaves it behind
        guards.add(Settings.LOCK_TIMEOUT);
    }

    /**
     * Leaves a lock that this session holds to {@link #close}, which gives it back in the message that puts the settings back.
     *
     * @param sql what gives it back, and says whether it was held
     * @return false where there is no such message, and the lock is still the caller's
     */
    public boolean unlockInTheEnd(String sql) {
        unlock = unguarded == null ? null : sql;
        return unlock != null;
    }

    /**
     * Sends what {@link #close} would, behind what a pipeline ends with, for no round trip of its own. What is not answered of
     * it, {@link #close} does; whoever goes on all the same has to guard the session again.
     *
     * @param pipeline sends it behind the end of a transaction
     * @param unlock what gives a lock back, and says whether it was held
     * @param unlocked told when the lock is given back
     * @throws SQLException if the connection fails, or a statement of ours that was sent before
     * @throws StepFailedException if a script's statement that was sent before failed
     */
    public void leaveBehind(Pipeline pipeline, String unlock, Runnable unlocked)
            throws SQLException, StepFailedException {
        Settings asItCame = unguarded;
        if (asItCame == null || left != null || !pipeline.joins()) {
            return;
        }
        pipeline.send(unlock, new Reply() {
            @Override
            public void rows(List<Tuple> rows) {
                lockIsLost = rows.isEmpty() || !Settings.isTrue(rows.get(0), 0);
                unlocked.run();
            }
        });
        asItCame.putBackBehind(pipeline, guards, now -> left = now);
    }

    /**
     * While code that is not ours computes in the open transaction, the server is not to take idleness for the end.
     *
     * @param runs whether it begins or has ended
     * @throws SQLException if the connection fails, or the transaction has failed
     */
    public void codeRuns(boolean runs) throws SQLException {
        if (Guards.endsTheIdle(guards)) {
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
            Settings asItCame = unguarded == null ? settings : unguarded;
            boolean set = asItCame == null || isBack(asItCame) || asItCame.restore(connection, guards, unlock);
            if (lockIsLost || !set) {
                return false;
            }
            if (roleBefore != null) {
                Queries.query(connection, OwnerRole.RESTORE, ResultSet::next, roleBefore);
            }
            connection.clearWarnings();
            setPrepareThreshold(prepareThreshold);
            if (readOnly) {
                connection.setReadOnly(true);
            }
            connection.setAutoCommit(autoCommit);
            setNetworkTimeout(networkTimeout);
            return true;
        } catch (SQLException | RuntimeException e) {
            return false;
        }
    }

    private boolean isBack(Settings asItCame) {
        return left != null && asItCame.areThoseOf(left);
    }

    private void setPrepareThreshold(int threshold) {
        PGConnection driver = Wrapped.in(connection, PGConnection.class);
        if (driver != null) {
            driver.setPrepareThreshold(threshold);
        }
    }

    /** One that can not say is taken for what most are; a transaction that writes would tell. */
    private static boolean isReadOnly(Connection connection) throws SQLException {
        try {
            return connection.isReadOnly();
        } catch (SQLException | RuntimeException | AbstractMethodError e) {
            if (connection.isClosed()) {
                throw e;
            }
            return false;
        }
    }

    private static int networkTimeout(Connection connection) throws SQLException {
        try {
            return connection.getNetworkTimeout();
        } catch (SQLException | RuntimeException | AbstractMethodError e) {
            if (connection.isClosed()) {
                throw e;
            }
            // a wrapper of its own making that does not offer it: then only the driver's settings bound the wait
            return NOT_OFFERED;
        }
    }

    private void setNetworkTimeout(int milliseconds) throws SQLException {
        if (networkTimeout < 0) {
            return;
        }
        try {
            connection.setNetworkTimeout(OnThisThread.INSTANCE, milliseconds);
        } catch (SQLException | RuntimeException | AbstractMethodError e) {
            if (connection.isClosed()) {
                throw e;
            }
            networkTimeout = NOT_OFFERED;
        }
    }
}
