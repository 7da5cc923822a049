package org.keops.automigrate.postgres.execution;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.keops.automigrate.postgres.failure.ServerMessage;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.version.Bookmark;
import org.keops.automigrate.postgres.version.Ledger;
import org.keops.automigrate.script.Effect;
import org.keops.automigrate.script.Statement;
import org.keops.automigrate.script.StatementTraits;

/**
 * What became of a statement that ran alone, in autocommit: asked of the catalog, after a failure of its own or in the boot
 * after one that did not live to see its end. Used by one thread.
 */
final class RanAlone {
    private static final Set<String> MAY_COMMIT = Set.of("CALL", "DO");
    private static final String WAIT_FOR_LOCKS = "SELECT pg_catalog.set_config('lock_timeout', ?, false)";
    private static final String LOCK_TIMEOUT = "SELECT pg_catalog.current_setting('lock_timeout')";

    /** Whoever made the statement fail may make this one wait as well; then the next boot does it. */
    private static final String PATIENCE_TO_TIDY_UP = "3s";

    private final Session session;
    private final Ledger ledger;
    private final Consumer<String> notes;
    private final Statement statement;
    private final Aftermath aftermath;

    RanAlone(Session session, Ledger ledger, Consumer<String> notes, Statement statement) {
        this.session = session;
        this.ledger = ledger;
        this.notes = notes;
        this.statement = statement;
        this.aftermath = new Aftermath(session.connection(), Effect.of(statement));
    }

    /** How long the session's statements wait for a lock from now on. */
    static void waitForLocks(Session session, String timeout) throws SQLException {
        Queries.query(session.connection(), WAIT_FOR_LOCKS, ResultSet::next, timeout);
    }

    /** The objects that are there before it runs. */
    List<String> before() throws StepFailedException {
        try {
            return aftermath.before();
        } catch (SQLException e) {
            session.rollback();
            throw StepFailedException.of(statement.start(), e);
        }
    }

    /** Whether an earlier boot, of which this is the record, came to its end. */
    boolean tookEffect(Bookmark interrupted) throws StepFailedException {
        Aftermath.Verdict verdict;
        try {
            verdict = aftermath.after(interrupted.before());
        } catch (SQLException e) {
            throw StepFailedException.of(statement.start(), e);
        }
        if (verdict == Aftermath.Verdict.UNKNOWN) {
            throw StepFailedException.of(statement.start(), inDoubt(interrupted, statement.traits()));
        }
        return verdict == Aftermath.Verdict.TOOK_EFFECT;
    }

    /**
     * What it has left after a failure is taken away, so that the next boot can try again.
     *
     * @return whether surely nothing is left
     */
    boolean tidiedUp(StepFailedException failed, List<String> before) {
        session.finishing();
        try {
            Connection connection = session.connection();
            String timeout = Queries.query(connection, LOCK_TIMEOUT, RanAlone::firstText);
            waitForLocks(session, PATIENCE_TO_TIDY_UP);
            Aftermath.Verdict verdict = aftermath.after(before);
            waitForLocks(session, timeout);
            boolean atomic = !MAY_COMMIT.contains(statement.traits().command());
            return verdict == Aftermath.Verdict.LEFT_NOTHING || (verdict == Aftermath.Verdict.UNKNOWN && atomic);
        } catch (SQLException e) {
            notes.accept(
                    failed.where() + ": what the failed statement left is not tidied up yet, the next boot does it: "
                            + ServerMessage.of(e));
            return false;
        }
    }

    private String inDoubt(Bookmark interrupted, StatementTraits traits) {
        return traits.command() + " was begun by an earlier boot that did not live to see its end, and nothing tells"
                + " whether it took effect; look what it has done, then boot again: after\n"
                + interrupted.marking(ledger.table(), true)
                + "\nif it is not to run again, or after\n" + interrupted.marking(ledger.table(), false)
                + "\nif it is";
    }

    private static String firstText(ResultSet rows) throws SQLException {
        rows.next();
        return rows.getString(1);
    }
}
