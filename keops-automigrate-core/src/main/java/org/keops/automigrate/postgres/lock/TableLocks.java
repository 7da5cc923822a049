package org.keops.automigrate.postgres.lock;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.postgres.failure.ServerMessage;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.Pause;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Reply;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.Settings;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Keeps the statements of one transaction from making everybody queue: who waits for a table makes all others wait behind.
 *
 * <p>So each wait is short, then the whole transaction is rolled back, because a savepoint would keep the locks that were had
 * before, and begun anew after a pause in which the others get their turn. There is no last try without a timeout. Autovacuum
 * alone gives way to nobody who waits for less than {@code deadlock_timeout}: for each of its processes one try is that
 * long. Used by one thread, for one transaction.
 */
public final class TableLocks {
    /** In milliseconds, what a bystander waits at most: a person does not notice it. */
    private static final String OURS = "100";

    /** Until autovacuum is told to give way, and has. */
    private static final String UNTIL_AUTOVACUUM_GIVES_WAY = CatalogSql.pinned("""
            SELECT CAST(CAST(s.setting AS bigint) OPERATOR(pg_catalog.+) 500 AS text) FROM pg_catalog.pg_settings s
             WHERE s.name = 'deadlock_timeout'
            """);

    private static final long SHORTEST_PAUSE_MILLIS = 300;
    private static final long LONGEST_PAUSE_MILLIS = 700;

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    /** An invalid or unknown parameter, one that can not be changed now or by this role, a function or feature that is not there. */
    private static final Set<String> REFUSALS = Set.of("22023", "42704", "55P02", "42501", "42883", "0A000");

    private static final Set<String> TRANSACTION_TO_BE_REPEATED = Set.of("40001", "40P01");

    private final Session session;
    private final TablePatience patience;
    private final Set<Integer> autovacuumMet = new HashSet<>();
    private String timeout = OURS;
    private boolean ours;
    private boolean mayPass;
    private @Nullable String statement;
    private @Nullable Deadline end;
    private int tries;
    private String blockers = "";

    /**
     * For one transaction and the tries that it takes.
     *
     * @param session that of the transaction
     * @param patience how long to try
     */
    public TableLocks(Session session, TablePatience patience) {
        this.session = session;
        this.patience = patience;
    }

    /**
     * Sets the timeout for this transaction, unless the role, the database or the URL has one of its own.
     *
     * @param before the session's settings
     * @param pipeline sends it with what follows
     * @return the settings that the transaction is to have
     * @throws SQLException if the connection fails, or the server refuses the setting
     * @throws StepFailedException if a script's statement that was sent before failed
     */
    public Settings arm(Settings before, Pipeline pipeline) throws SQLException, StepFailedException {
        mayPass = false;
        ours = "0".equals(before.value(Settings.LOCK_TIMEOUT));
        if (!ours) {
            return before;
        }
        pipeline.send(
                "SELECT pg_catalog.set_config('" + Settings.LOCK_TIMEOUT + "', '" + timeout + "', true)", new Reply() {
                    @Override
                    public void failed(SQLException failure) throws SQLException {
                        throw isRefusal(failure) ? refused(failure) : failure;
                    }
                });
        return before.withLocal(Settings.LOCK_TIMEOUT, timeout);
    }

    private static boolean isRefusal(SQLException failure) {
        return REFUSALS.contains(String.valueOf(failure.getSQLState()));
    }

    private static SQLException refused(SQLException failure) {
        return new SQLException(
                "the server refuses to set " + Settings.LOCK_TIMEOUT + ", without which everybody would queue behind a"
                        + " statement that waits for a table; give the role or the URL one of its own: "
                        + ServerMessage.of(failure),
                failure.getSQLState(),
                failure);
    }

    /** For a statement of ours in the transaction: it does not wait longer than the others, or else as long as it takes. */
    public String timeoutOfOurs() {
        return ours ? timeout : "0";
    }

    /** Whether this is not the first try. */
    public boolean again() {
        return tries > 0;
    }

    /** Notes a failure: whether it is one that trying again may help. */
    public void failed(StepFailedException failure) {
        if (!(failure.getCause() instanceof SQLException cause)) {
            failedForGood();
        } else {
            failed(cause);
            statement = failure.statement();
            mayPass &= !failure.hasOwnTimeout() || !LOCK_NOT_AVAILABLE.equals(cause.getSQLState());
        }
    }

    /** Notes a failure that trying again would not help. */
    public void failedForGood() {
        tries++;
        mayPass = false;
    }

    /** Notes the failure of a statement of our own. */
    public void failed(SQLException failure) {
        tries++;
        statement = null;
        String state = String.valueOf(failure.getSQLState());
        mayPass = TRANSACTION_TO_BE_REPEATED.contains(state)
                || (LOCK_NOT_AVAILABLE.equals(state) && ours && timedOut(failure));
    }

    /** NOWAIT has the same SQLSTATE, and is the script's own wish; the routine's name is never translated. */
    private static boolean timedOut(SQLException failure) {
        ServerErrorMessage answer = failure instanceof PSQLException driver ? driver.getServerErrorMessage() : null;
        return answer == null || "ProcessInterrupts".equals(answer.getRoutine());
    }

    /** Once the transaction is rolled back: waits for the next try, if there is to be one. */
    public boolean worthAnotherTry() {
        if (!mayPass) {
            return false;
        }
        Blockers seen = Blockers.of(session, statement);
        blockers = seen.who().isEmpty() ? blockers : seen.who();
        timeout = autovacuumMet.addAll(seen.autovacuum()) ? untilAutovacuumGivesWay() : OURS;
        if (end == null) {
            end = Deadline.in(patience.budget());
            if (!end.isOver()) {
                patience.waiting().accept(blockers);
            }
        }
        long pause = ThreadLocalRandom.current().nextLong(SHORTEST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS);
        return !end.isOver() && Pause.millis(Math.min(pause, end.left().toMillis()));
    }

    private String untilAutovacuumGivesWay() {
        try {
            return Queries.query(session.connection(), UNTIL_AUTOVACUUM_GIVES_WAY, TableLocks::firstString);
        } catch (SQLException e) {
            // the next try tells what is the matter
            return OURS;
        }
    }

    private static String firstString(ResultSet rows) throws SQLException {
        rows.next();
        return rows.getString(1);
    }

    /** The failure with who was in the way, if that was why. */
    public Failure explained(Failure failure) {
        if (!mayPass) {
            return failure;
        }
        return failure.saying(failure.message() + (blockers.isEmpty() ? "" : ": in the way: " + blockers) + "; tried "
                + tries + (tries == 1 ? " time" : " times") + " in "
                + patience.budget().toSeconds() + " s, waitForTables(…) gives more");
    }
}
