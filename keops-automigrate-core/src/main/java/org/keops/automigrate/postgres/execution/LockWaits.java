package org.keops.automigrate.postgres.execution;

import java.sql.SQLException;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.lock.MigrationLock;
import org.keops.automigrate.postgres.lock.TableLocks;
import org.keops.automigrate.postgres.lock.TablePatience;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.Settings;
import org.keops.automigrate.postgres.version.Ledger;
import org.keops.automigrate.script.Statement;

/**
 * How long the statements of a revision that runs outside a transaction wait for locks: those that share a transaction
 * never long, those that run alone as long as it takes; unless the script says otherwise. Used by one thread, for one
 * revision.
 */
final class LockWaits {
    private final Session session;
    private final MigrationLock lock;
    private final Pipeline pipeline;
    private final Ledger ledger;
    private final Settings settings;
    private final TablePatience patience;
    private boolean scriptSays;

    /** Whether the session has no lock_timeout now, for what runs alone. */
    private boolean lifted;

    /** Of the transaction that is open, or comes next. */
    private TableLocks locks;

    LockWaits(Shared shared, Settings settings) {
        this.session = shared.session();
        this.lock = shared.lock();
        this.pipeline = shared.pipeline();
        this.ledger = shared.ledger();
        this.patience = shared.patience();
        this.settings = settings;
        this.locks = new TableLocks(session, patience);
    }

    /** The script is read from its beginning. */
    void scriptBegins() {
        scriptSays = false;
    }

    /** The script is read to this statement. */
    void scriptReaches(Statement statement) {
        scriptSays |= ScriptRunner.speaksOfLockTimeout(statement);
    }

    /** Begins a transaction like any other: nobody is to queue behind one that waits for a table. */
    void begin() throws SQLException, StepFailedException {
        if (lifted && !scriptSays) {
            RanAlone.waitForLocks(session, String.valueOf(settings.value(Settings.LOCK_TIMEOUT)));
            lifted = false;
        }
        lock.begin();
        if (locks.again()) {
            ledger.requireUnmoved();
        }
        if (!scriptSays) {
            locks.arm(settings, pipeline);
        }
    }

    /** For what runs alone. */
    void lift() throws SQLException {
        if (!scriptSays) {
            RanAlone.waitForLocks(session, "0");
            lifted = true;
        }
    }

    /** Whatever the script has for a timeout, the version rows do not make anybody queue. */
    void armForRows() throws SQLException, StepFailedException {
        Settings own = locks.arm(settings, pipeline);
        pipeline.flush();
        own.restore(session.connection());
    }

    /** How long the record may wait: with what it commits, which may hold tables, not long; alone nobody minds. */
    String timeoutOfRecord() throws SQLException {
        return session.inTransaction() ? locks.timeoutOfOurs() : "0";
    }

    /** The transaction is committed, and the next one has all its tries. */
    void committed() {
        locks = new TableLocks(session, patience);
    }

    /** Notes a failure of the script, before it is rolled back: what ran alone is not tried again. */
    void failed(StepFailedException failure) {
        if (inTransaction()) {
            locks.failed(failure);
        } else {
            locks.failedForGood();
        }
    }

    /** Notes the failure of a statement of ours, before it is rolled back. */
    void failed(SQLException failure) {
        if (inTransaction()) {
            locks.failed(failure);
        } else {
            locks.failedForGood();
        }
    }

    /** Notes that somebody else's code failed. */
    void failedForGood() {
        locks.failedForGood();
    }

    /** Once the transaction is rolled back: waits for the next try, if there is to be one. */
    boolean worthAnotherTry() {
        return locks.worthAnotherTry();
    }

    /** The failure with who was in the way, if that was why. */
    Failure explained(Failure failure) {
        return locks.explained(failure);
    }

    private boolean inTransaction() {
        try {
            return session.inTransaction();
        } catch (SQLException e) {
            return false; // the connection is lost, and the transaction with it
        }
    }
}
