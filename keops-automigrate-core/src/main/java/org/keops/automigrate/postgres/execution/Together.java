package org.keops.automigrate.postgres.execution;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.TransactionMode;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.lock.MigrationLock;
import org.keops.automigrate.postgres.lock.TableLocks;
import org.keops.automigrate.postgres.lock.TablePatience;
import org.keops.automigrate.postgres.session.Asked;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Reply;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.Settings;
import org.keops.automigrate.postgres.version.Ledger;
import org.keops.automigrate.postgres.version.StepRun;
import org.keops.automigrate.postgres.version.TransactionRows;
import org.keops.automigrate.script.Section;

/**
 * Steps that commit together, with their version rows last. The end of one transaction may travel with the beginning of the
 * next. Used by one thread, for one plan.
 */
final class Together {
    private final Session session;
    private final MigrationLock lock;
    private final Pipeline pipeline;
    private final ScriptRunner scripts;
    private final Ledger ledger;
    private final Endings endings;
    private final Consumer<Step> beforeStep;
    private final TablePatience patience;

    /** Whether a record that another boot has left is of nothing that is still to be done. */
    private final boolean leftIsOver;

    /** The transaction whose end has not been answered yet. */
    private @Nullable Ending ending;

    /** Whether a row may move over several revisions at once, as far as this role may find out. */
    private boolean movesRows = true;

    /** The version rows in the last try. */
    private @Nullable TransactionRows rows;

    /** The step that can not run in this transaction, as only the server could tell. */
    private @Nullable Step refusing;

    Together(Shared shared, boolean leftIsOver) {
        this.session = shared.session();
        this.lock = shared.lock();
        this.pipeline = shared.pipeline();
        this.scripts = shared.scripts();
        this.ledger = shared.ledger();
        this.endings = shared.endings();
        this.beforeStep = shared.watch().beforeStep();
        this.patience = shared.patience();
        this.leftIsOver = leftIsOver;
    }

    /** The step of the last transaction that has to run outside of one. */
    @Nullable
    Step refusing() {
        return refusing;
    }

    /**
     * Runs steps in one transaction, again where that may help.
     *
     * @param followedAtOnce whether its end travels with the transaction that follows
     * @param behind what is to be asked behind its end, or null
     * @return what went wrong, or null
     */
    @Nullable
    Failure run(List<Step> steps, boolean followedAtOnce, @Nullable Asked<?> behind) {
        refusing = null;
        TableLocks locks = new TableLocks(session, patience);
        Failure failure = attempt(steps, locks, followedAtOnce, behind);
        while (failure != null && (goesWithoutMoving() || locks.worthAnotherTry())) {
            failure = attempt(steps, locks, followedAtOnce, behind);
        }
        return failure == null ? null : locks.explained(failure);
    }

    private boolean goesWithoutMoving() {
        boolean other = movesRows && rows != null && rows.isRefused();
        movesRows &= !other;
        return other;
    }

    private @Nullable Failure attempt(
            List<Step> steps, TableLocks locks, boolean followedAtOnce, @Nullable Asked<?> behind) {
        List<StepRun> runs = new ArrayList<>(steps.size());
        try {
            lock.begin();
            if (locks.again()) {
                ledger.requireUnmoved();
            }
            Settings before = session.settings(lock.isPerTransaction());
            Settings settings = locks.arm(before, pipeline);
            if (ledger.isBeginning()) {
                ledger.prepare();
            }
            int number = endings.completed() + (ending == null ? 0 : ending.runs.size());
            pipeline.expect(steps.size());
            TransactionRows now = ledger.rows(movesRows ? steps.size() : 1);
            rows = now;
            for (Step step : steps) {
                StepRun run = new StepRun(step, ++number, beforeStep);
                runs.add(run);
                send(step, run, now, settings);
            }
            now.settle();
            // not everything that changes a setting can be told by its text
            (lock.isPerTransaction() ? before : settings).restoreBehind(pipeline, session.connection());
            clearWhatIsOver();
            ledger.writeFingerprints();
            if (followedAtOnce) {
                endWithNext(steps, runs);
                return null;
            }
        } catch (SQLException e) {
            Failure unended = end(e);
            if (unended != null) {
                return unended;
            }
            locks.failed(e);
            return endings.rolledBack(endings.failure(null, e, endings.rolledBackTo()));
        } catch (StepFailedException e) {
            Failure unended = end(null);
            if (unended != null) {
                return unended;
            }
            locks.failed(e);
            refusing = refusing(e, runs);
            return endings.rolledBack(endings.failure(e, endings.rolledBackTo()));
        }
        return endings.commit(steps, runs, endings.rolledBackTo(), behind);
    }

    /** Ends a transaction, of which all is answered and as expected, with the first message of the next one. */
    private void endWithNext(List<Step> steps, List<StepRun> runs) throws SQLException, StepFailedException {
        Ending now = new Ending(steps, runs);
        ending = now;
        pipeline.send(Session.COMMIT, new Reply() {
            @Override
            public void sent() {
                now.sent = true;
            }

            @Override
            public void done(long rows) {
                ending = null;
                endings.committed(steps, runs);
            }
        });
        pipeline.send(Session.BEGIN, new Reply() {});
    }

    /**
     * Sees to a transaction whose end was to travel with what has failed: what failed behind it does not undo it.
     *
     * @param failed of a statement of ours, perhaps that end
     * @return what became of it, or null if it is committed
     */
    private @Nullable Failure end(@Nullable SQLException failed) {
        Ending before = ending;
        ending = null;
        if (before == null) {
            return null;
        }
        if (!before.sent) {
            pipeline.clear();
            return endings.commit(before.steps, before.runs, endings.rolledBackTo());
        }
        return failed == null ? null : endings.notCommitted(before.runs, failed, endings.rolledBackTo());
    }

    /** The record of a revision that somebody has stamped meanwhile, say. */
    private void clearWhatIsOver() throws SQLException {
        if (leftIsOver) {
            ledger.clear();
        }
    }

    /** Sends a step; its last statements may still be on their way when this returns. */
    private void send(Step step, StepRun run, TransactionRows rows, Settings settings)
            throws StepFailedException, SQLException {
        runScript(step, run, rows);
        if (scripts.changedSettings()) {
            settings.restoreBehind(pipeline, session.connection());
        }
        ledger.apply(step, run, rows);
    }

    private void runScript(Step step, StepRun run, TransactionRows rows) throws StepFailedException, SQLException {
        if (step instanceof Step.Upgrade upgrade) {
            scripts.run(upgrade.revision(), Section.UPGRADE, run, rows);
        } else if (step instanceof Step.Downgrade downgrade) {
            scripts.run(downgrade.revision(), Section.DOWNGRADE, run, rows);
        } else if (!(step instanceof Step.Stamp)) {
            throw new IllegalArgumentException("not a step that can run: " + step);
        }
    }

    /** The step whose statement refuses to stand in a transaction, if it was that and the step may run outside of one. */
    private @Nullable Step refusing(StepFailedException failed, List<StepRun> runs) {
        if (!ScriptRunner.refusedTransaction(failed)) {
            return null;
        }
        return runs.stream()
                .filter(StepRun::hasFailed)
                .map(StepRun::step)
                .filter(this::mayRunOutside)
                .findFirst()
                .orElse(null);
    }

    private boolean mayRunOutside(Step step) {
        if (lock.isPerTransaction()) {
            return false;
        }
        if (step instanceof Step.Upgrade upgrade) {
            return upgrade.revision().transactionMode() != TransactionMode.REQUIRED;
        }
        return step instanceof Step.Downgrade downgrade
                && downgrade.revision().transactionMode() != TransactionMode.REQUIRED;
    }

    /** A transaction that is to end with the first message of the next one. */
    private static final class Ending {
        private final List<Step> steps;
        private final List<StepRun> runs;
        private boolean sent;

        Ending(List<Step> steps, List<StepRun> runs) {
            this.steps = steps;
            this.runs = runs;
        }
    }
}
