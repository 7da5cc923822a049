package org.keops.automigrate.postgres.session;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.postgresql.core.Tuple;

/**
 * Gives a session of the server back as it came: the migration lock goes back, the guards are taken away, and a look
 * tells whether anything else is to be put back.
 *
 * <p>All of it may travel {@link #behind} what is taken for the last that is to be done. Whatever is not answered of that is
 * done {@link #inTheEnd}. Used by one thread, for one session.
 */
final class Restoration {
    private final Settings before;
    private Guards guards;

    /** Whether the session holds a lock that is to be given back in the end. */
    private boolean unlocks;

    /** Whether a lock was not held any more that was to be given back: nobody knows what else is not as it was. */
    private boolean lockIsLost;

    /** What is set behind what was taken for the last; null where nothing was. */
    private Settings.@Nullable Look left;

    Restoration(Guards guards) {
        this.before = guards.before();
        this.guards = guards;
    }

    /** What was set was not the last after all, and whoever goes on has guarded the session again. */
    void guardedAgain(Guards again) {
        guards = again;
        left = null;
    }

    /** Whether there are guards that are not known to be taken away. */
    boolean isGuarded() {
        return !guards.names().isEmpty() && (left == null || left.found() == null);
    }

    /** What scripts may change, as it is before the first of them. */
    Settings settings() {
        return guards.since();
    }

    /** Whether the server takes idleness for the end. */
    boolean endsTheIdle() {
        return Guards.endsTheIdle(guards.names());
    }

    /** Leaves a lock that the session holds to {@link #inTheEnd}; false where there is nothing left to do in the end. */
    boolean unlockInTheEnd() {
        unlocks = isGuarded();
        return unlocks;
    }

    /**
     * Does all of it behind what a pipeline ends with.
     *
     * @param unlocked told when the lock is given back
     */
    void behind(Pipeline pipeline, Runnable unlocked) throws SQLException, StepFailedException {
        pipeline.send(LockKey.UNLOCK, new Reply() {
            @Override
            public void rows(List<Tuple> rows) {
                lockIsLost = rows.isEmpty() || !Settings.isTrue(rows.get(0), 0);
                unlocked.run();
            }
        });
        pipeline.send(withoutGuards());
        left = new Settings.Look();
        pipeline.send(Settings.READ, left);
    }

    /**
     * Does what is not done yet, in one round trip where nothing but the guards differs.
     *
     * @return false if something still differs, or the lock was lost: then nobody else may get this session
     */
    boolean inTheEnd(Connection connection) throws SQLException {
        Settings found = left == null ? null : left.found();
        boolean back = (found != null && before.areThoseOf(found)) || before.restore(connection, putBack(connection));
        return back && !lockIsLost;
    }

    /** What is set then. */
    private Settings putBack(Connection connection) throws SQLException {
        List<String> statements = new ArrayList<>();
        if (unlocks) {
            statements.add(LockKey.UNLOCK);
        }
        statements.add(withoutGuards());
        statements.add(Settings.READ);
        return Queries.together(connection, new Asked<>(statements, answers -> {
            lockIsLost |= unlocks && !answers.next(row -> row.next() && row.getBoolean(1));
            answers.next(ResultSet::next);
            return answers.next(Settings::of);
        }));
    }

    /** Also what is known to be other than before in a transaction only, which may have become the session's. */
    private String withoutGuards() {
        List<String> names = new ArrayList<>(guards.names());
        // with what it was, but as a setting of the session's, a commit leaves it behind
        names.add(Settings.LOCK_TIMEOUT);
        return before.puttingBack(names);
    }
}
