package org.keops.automigrate.postgres.execution;

import java.sql.SQLException;
import org.keops.automigrate.postgres.lock.MigrationLock;
import org.keops.automigrate.postgres.lock.TablePatience;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.version.Ledger;

/**
 * What all parts of one execution work with. Used by one thread.
 *
 * @param session the session that holds the lock
 * @param lock the lock
 * @param pipeline sends the statements
 * @param scripts reads the scripts
 * @param bodies opens them
 * @param ledger what is recorded
 * @param endings how transactions end, and what that comes to
 * @param watch told what happens; of a step once, however often it is tried
 * @param patience how long to try for the tables
 */
record Shared(
        Session session,
        MigrationLock lock,
        Pipeline pipeline,
        ScriptRunner scripts,
        RevisionBodies bodies,
        Ledger ledger,
        Endings endings,
        Watch watch,
        TablePatience patience) {

    static Shared of(Session session, MigrationLock lock, Job job, Watch watch, Pace pace) throws SQLException {
        Pipeline pipeline = new Pipeline(session.connection(), job.sending().oneStatementAtATime());
        ScriptRunner scripts = new ScriptRunner(
                session, pipeline, job.bodies(), watch.notices(), job.sending().showStatements(), pace);
        Ledger ledger = new Ledger(session, pipeline, job.table(), job.plan().from(), job.fingerprinting());
        Endings endings = new Endings(session, pipeline, ledger);
        return new Shared(
                session,
                lock,
                pipeline,
                scripts,
                job.bodies(),
                ledger,
                endings,
                watch.ofEachStepOnce(),
                job.patience());
    }
}
