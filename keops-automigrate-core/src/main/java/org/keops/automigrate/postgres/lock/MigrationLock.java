package org.keops.automigrate.postgres.lock;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.session.Asked;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.LockKey;
import org.keops.automigrate.postgres.session.OneTrip;
import org.keops.automigrate.postgres.session.Pause;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Session;

/**
 * The advisory lock that lets one instance migrate at a time, held on the very connection that does the work.
 *
 * <p>Waiting means asking again: a session that waits inside {@code pg_advisory_lock} holds a snapshot, and
 * {@code CREATE INDEX CONCURRENTLY} waits for it in turn. On a direct connection the lock belongs to the session. Behind
 * a pooler it belongs to a transaction, because the next statement may meet another session; it is then taken anew by
 * each {@link #begin}. It dies with the session, so no crash leaves it behind. Used by one thread.
 */
public final class MigrationLock implements AutoCloseable {
    private static final String TRY_SESSION = "SELECT pg_catalog.pg_try_advisory_lock(" + LockKey.VALUE + ")";
    private static final String TRY_SESSION_IF_OURS =
            "SELECT CASE WHEN :ours THEN pg_catalog.pg_try_advisory_lock(" + LockKey.VALUE + ") END";
    private static final String TRY_TRANSACTION = "SELECT pg_catalog.pg_try_advisory_xact_lock(" + LockKey.VALUE + ")";

    /** A lock of the session's outlives the transaction that it was taken in, also one that is rolled back. */
    private static final String UNLOCK_IF_HELD = LockKey.UNLOCK
            + CatalogSql.pinned("""
             WHERE :ours AND EXISTS (SELECT FROM pg_catalog.pg_locks l
                            WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'advisory' AND l.objsubid = 1
                              AND l.classid = CAST(:class AS pg_catalog.oid)
                              AND l.objid = CAST(:object AS pg_catalog.oid))
            """).replace(":class", LockKey.CLASS).replace(":object", LockKey.OBJECT);

    /** Object in use. */
    private static final String LOCK_IS_HELD = "55006";

    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 500;

    private final Session session;
    private final boolean perTransaction;
    private long deadline;
    private boolean held;

    /** Whether it was given back behind what was taken for the last; that is done once. */
    private boolean givenBack;

    /** Whether somebody else had it when it was asked for with something behind it. */
    private boolean refused;

    /** Whether it is known what became of it when it was asked for so. */
    private boolean answered;

    /**
     * Prepares the lock; {@link #acquire} takes it.
     *
     * @param session the session that will do the work
     * @param pooled whether a pooler stands between
     * @param patience how long to ask for it
     */
    public MigrationLock(Session session, boolean pooled, Duration patience) {
        this.session = session;
        this.perTransaction = pooled;
        this.deadline = System.nanoTime() + patience.toNanos();
    }

    /**
     * Whether it lasts no longer than a transaction, so that nothing can run outside of one.
     *
     * @return true behind a pooler
     */
    public boolean isPerTransaction() {
        return perTransaction;
    }

    /**
     * Whether it is held for the session.
     *
     * @return false where it was not asked for, or not had
     */
    public boolean isHeld() {
        return held;
    }

    /**
     * Guards the session, takes the lock if nobody has it, and asks something behind it, all in one round trip: what is read
     * is read under the lock. Not behind a pooler, and not where it is held already.
     *
     * @param behind what to ask under the lock
     * @return the answer; null if it was not asked so, or the lock not had, and {@link #acquire} has to be asked
     * @throws SQLException if the connection fails, or reading the answer does
     */
    public <T> @Nullable T acquireAnd(Asked<T> behind) throws SQLException {
        session.requireGoing();
        return perTransaction || held ? null : ask(behind, false);
    }

    /**
     * The same where it is not known yet whether a pooler stands between: then nothing is guarded or locked. The answer is
     * there also where the lock was not had; {@link #isHeld} tells.
     *
     * @param behind what to ask, under the lock if possible
     * @return the answer; null if the server refuses any of it
     * @throws SQLException if the connection fails, or reading the answer does
     */
    public <T> @Nullable T tryAnd(Asked<T> behind) throws SQLException {
        session.requireGoing();
        return ask(behind, true);
    }

    private <T> @Nullable T ask(Asked<T> behind, boolean inAnyCase) throws SQLException {
        answered = false;
        List<String> statements = new ArrayList<>();
        statements.add(TRY_SESSION_IF_OURS.replace(":ours", session.isOurs()));
        statements.addAll(behind.statements());
        List<T> answer = new ArrayList<>();
        Asked<Boolean> asked = new Asked<>(statements, answers -> {
            answers.next(this::tried);
            return (held || inAnyCase) && answer.add(behind.reader().read(answers));
        });
        try {
            if (!OneTrip.guardAnd(session, asked)) {
                Queries.execute(session.connection(), UNLOCK_IF_HELD.replace(":ours", session.isOurs()));
            }
        } catch (SQLException | RuntimeException e) {
            if (!answered) {
                // the server may have granted it all the same
                session.discard();
            }
            throw e;
        }
        return answer.isEmpty() ? null : answer.get(0);
    }

    private boolean tried(ResultSet rows) throws SQLException {
        held = firstBoolean(rows);
        refused = !held && !rows.wasNull();
        answered = true;
        return held;
    }

    /**
     * Takes the lock, asking until it is had or patience ends. Behind a pooler this opens the transaction that the work
     * goes on in.
     *
     * @param beforeWaiting told once, if it is not had at once, who has it
     * @return false if somebody else still holds it
     * @throws SQLException if the connection fails
     */
    public boolean acquire(Consumer<String> beforeWaiting) throws SQLException {
        long pause = FIRST_PAUSE_MILLIS;
        while (!held && (justRefused() || !attempt())) {
            if (pause == FIRST_PAUSE_MILLIS) {
                beforeWaiting.accept(holder());
            }
            long left = (deadline - System.nanoTime()) / 1_000_000;
            // half of the pause is left to chance, so that many instances do not ask in step
            long now = pause / 2 + ThreadLocalRandom.current().nextLong(pause);
            if (left <= 0 || !Pause.millis(Math.min(now, left))) {
                session.finishing();
                return false;
            }
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
        return true;
    }

    /**
     * Opens a transaction under the lock, or goes on in the one that is open.
     *
     * @throws SQLException if the connection fails, or somebody else took the lock between two transactions
     */
    public void begin() throws SQLException {
        if (session.inTransaction()) {
            return;
        }
        if (!perTransaction) {
            session.begin();
        } else if (!acquire(holder -> {})) {
            throw new SQLException("another instance took the migration lock between two transactions: " + holder());
        }
    }

    /**
     * Takes a session's lock again that a script has given away, as {@code DISCARD ALL} does.
     *
     * @throws SQLException if the connection fails, or somebody else was faster
     */
    public void takeAgain() throws SQLException {
        held = false;
        if (!attempt()) {
            throw new SQLException(
                    "the script gave the migration lock away, and another instance took it: " + holder());
        }
    }

    /**
     * Gives the lock and the session back behind what a pipeline ends with, for no round trip of its own. Where that is not
     * possible, or not answered, {@link #close} does it.
     *
     * @param pipeline sends it, behind the end of what is taken for the last transaction
     * @throws SQLException if the connection fails, or a statement of ours that was sent before
     * @throws StepFailedException if a script's statement that was sent before failed
     */
    public void giveBackBehind(Pipeline pipeline) throws SQLException, StepFailedException {
        if (held && !givenBack) {
            session.leaveBehind(pipeline, () -> {
                held = false;
                givenBack = true;
            });
        }
    }

    /**
     * Takes the lock again if it was given back behind something that was not the last after all.
     *
     * @param patience how long to ask for it
     * @return whether it was given back: then others may have worked meanwhile, and what was seen is to be looked at again
     * @throws SQLException if the connection fails, or somebody else has it for longer than that
     */
    public boolean regain(Duration patience) throws SQLException {
        if (held || !givenBack) {
            return false;
        }
        session.guard(perTransaction);
        deadline = System.nanoTime() + patience.toNanos();
        if (!acquire(holder -> {})) {
            // a state that nobody tries again for
            throw new SQLException("another instance has the migration lock now: " + holder(), LOCK_IS_HELD);
        }
        return true;
    }

    /**
     * Who holds the lock, for a message.
     *
     * @return process id, application name and address; what the role may not see is left out
     * @throws SQLException if the connection fails
     */
    public String holder() throws SQLException {
        return LockHolder.of(session.connection());
    }

    /** Gives the lock back, with the session's settings if that can be. Where that fails the session ends, and the lock with it. */
    @Override
    public void close() {
        session.rollback();
        if (held && session.unlockInTheEnd()) {
            held = false;
        }
        release();
    }

    /** Gives the lock back at once. Where that fails the session ends, and the lock with it. */
    public void release() {
        if (!held) {
            return;
        }
        held = false;
        try {
            if (!Queries.query(session.connection(), LockKey.UNLOCK, MigrationLock::firstBoolean)) {
                session.discard();
            }
        } catch (SQLException | RuntimeException e) {
            // also a wrapper of somebody's: what was done under the lock is done all the same
            session.discard();
        }
    }

    /** Whether it was asked for a moment ago, in vain: then it is time to say who has it. */
    private boolean justRefused() {
        boolean was = refused;
        refused = false;
        return was;
    }

    private boolean attempt() throws SQLException {
        session.requireGoing();
        if (!perTransaction) {
            held = Queries.query(session.connection(), TRY_SESSION, MigrationLock::firstBoolean);
            return held;
        }
        session.begin();
        boolean taken = Queries.query(session.connection(), TRY_TRANSACTION, MigrationLock::firstBoolean);
        if (!taken) {
            session.rollback();
        }
        return taken;
    }

    private static boolean firstBoolean(ResultSet rows) throws SQLException {
        return rows.next() && rows.getBoolean(1);
    }
}
