package org.keops.automigrate.postgres.version;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.VersionChange;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Reply;
import org.keops.automigrate.script.Statement;
import org.postgresql.core.Tuple;

/**
 * The version rows in one transaction. Each is written behind its script; but a row that this transaction has written, so that
 * nobody else can change it, moves over several revisions at once where nobody can see it in between: neither anything in
 * the database, which is asked behind the first row ({@link Onlookers}), nor the scripts from there on ({@link Sees}). See
 * {@code docs/decisions/0029-a-row-moves-when-somebody-may-look.md}.
 *
 * <p>Used by one thread, for one try of one transaction: what waits when that is rolled back is forgotten with it.
 */
public final class TransactionRows {
    /**
     * Fewer steps are not worth the question, which takes the server as long as several rows do. Nothing waits before its answer
     * is there, and that comes with those to the first batch: up to 250 statements, half of which may be rows.
     */
    private static final int MANY = 100;

    /** Insufficient privilege: somebody has taken the catalog away from PUBLIC. */
    private static final String NOT_PERMITTED = "42501";

    private final Pipeline pipeline;
    private final VersionTable table;
    private final RowChanges changes;

    /** Whether a row may come to wait, as far as is known. */
    private boolean possible;

    private boolean asked;
    private boolean refused;
    private boolean unwatched;

    /** What is known of the script that runs: whether anything of it was sent, and whether that may have seen a row. */
    private boolean began;

    private boolean saw;

    /** The row that was written last. */
    private @Nullable RevisionId written;

    /** How that row is to move, and on behalf of which step. */
    private VersionChange.@Nullable Update waiting;

    private @Nullable StepRun waitingStep;

    TransactionRows(Pipeline pipeline, VersionTable table, RowChanges changes, int steps) {
        this.pipeline = pipeline;
        this.table = table;
        this.changes = changes;
        this.possible = steps >= MANY && pipeline.joins() && Sees.standsAsItIs(table.table());
    }

    /** Told of a statement of a script before it is sent. */
    public void before(Statement statement) throws SQLException, StepFailedException {
        began = true;
        if (possible && asked) {
            Sees sees = Sees.of(statement, table.table());
            if (sees != Sees.NOTHING) {
                saw = true;
                possible = sees == Sees.NOW;
                settle();
            }
        }
    }

    /** Told of a script that is code, before it runs: it may do anything. */
    public void beforeCode() throws SQLException, StepFailedException {
        // what code has made before the question, the question sees
        possible &= !asked;
        settle();
    }

    /** Sends what waits; to be called before the transaction ends. */
    public void settle() throws SQLException, StepFailedException {
        VersionChange.Update change = waiting;
        StepRun step = waitingStep;
        if (change != null && step != null) {
            waiting = null;
            waitingStep = null;
            send(change, step);
        }
    }

    /** Told of each step behind its script. */
    void apply(Step step, StepRun run) throws SQLException, StepFailedException {
        // the row of a step without statements is all that tells that it was reached
        boolean unseen = possible && unwatched && began && !saw;
        for (VersionChange change : step.versionChanges()) {
            if (unseen && change instanceof VersionChange.Update update && goesOn(update)) {
                waiting = new VersionChange.Update(waiting == null ? update.from() : waiting.from(), update.to());
                waitingStep = run;
            } else {
                settle();
                send(change, run);
            }
        }
        began = false;
        saw = false;
        if (possible && !asked && written != null) {
            ask();
        }
    }

    private boolean goesOn(VersionChange.Update update) {
        return update.from().equals(waiting == null ? written : waiting.to());
    }

    private void send(VersionChange change, StepRun step) throws SQLException, StepFailedException {
        changes.send(change, step);
        if (change instanceof VersionChange.Insert inserted) {
            written = inserted.id();
        } else if (change instanceof VersionChange.Update updated) {
            written = updated.to();
        }
    }

    /** Whether this role may not ask what would have to be known, which has failed the transaction. */
    public boolean isRefused() {
        return refused;
    }

    private void ask() throws SQLException, StepFailedException {
        asked = true;
        pipeline.send(Onlookers.question(table), new Reply() {
            @Override
            public void rows(List<Tuple> rows) {
                unwatched = !rows.isEmpty();
            }

            @Override
            public void failed(SQLException failure) throws SQLException {
                refused = NOT_PERMITTED.equals(failure.getSQLState());
                throw failure;
            }
        });
    }
}
