package org.keops.automigrate;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.postgres.session.Pause;

/**
 * Loads the classes of an upgrade while the scripts are read and messages travel: in a process that has just begun, the thread
 * that works would look up and parse each when it needs it, with the server idle. Nothing is initialized, and nothing depends on
 * it: a name that is not found, after somebody has renamed the packages, ends it. Once in a process.
 */
final class ClassesAhead extends Thread implements AutoCloseable {
    /** In the order in which an upgrade needs them. */
    static final String NAMES = """
            postgres.session.Restoration
            postgres.grants.PermissionRepair
            postgres.grants.PermissionAudit
            postgres.grants.AuditSql
            postgres.grants.DatabaseParts
            postgres.grants.AuditPart
            postgres.grants.SchemaParts
            postgres.grants.DefaultParts
            postgres.grants.AuditBasis
            postgres.grants.RoutineParts
            postgres.execution.Watch
            WorkLog
            postgres.failure.ServerNotice
            ProgressLog
            postgres.execution.Job
            postgres.execution.Sending
            postgres.lock.TablePatience
            permissions.Wanted
            permissions.MissingGrants
            postgres.execution.PlanExecutor
            postgres.execution.Pace
            postgres.execution.Shared
            postgres.session.Pipeline
            postgres.execution.ScriptRunner
            postgres.failure.StepFailedException
            script.CopyData
            postgres.execution.Notices
            postgres.execution.Backslashes
            postgres.version.Ledger
            postgres.version.RowChanges
            postgres.execution.Endings
            postgres.execution.Outside
            postgres.execution.Together
            model.Plan$OutsideTransaction
            postgres.lock.TableLocks
            postgres.lock.TableLocks$1
            postgres.session.Pipeline$Sent
            postgres.version.VersionTable$1
            postgres.version.TransactionRows
            postgres.version.StepRun
            postgres.execution.ScriptRunner$StatementReply
            postgres.version.RowChanges$1
            postgres.session.Pipeline$Replies
            postgres.execution.Pace$1
            model.Progress
            model.VersionChange$Delete
            postgres.session.Pipeline$1
            postgres.session.Settings$Look
            postgres.session.Restoration$1
            permissions.Observed
            permissions.Observed$Kind
            permissions.MissingGrants$1
            permissions.Group
            permissions.GrantSql
            permissions.GrantSql$1
            permissions.Repair
            model.CompletedStep
            postgres.execution.Execution
            decision.Conclusion
            model.Decision$Perform
            model.Outcome$Upgraded
            postgres.grants.LockBudget
            postgres.grants.GrantTransaction
            postgres.grants.GrantTransaction$1
            postgres.grants.GrantTransaction$GrantReply
            postgres.grants.PermissionAudit$1
            model.Outcome$Failed
            postgres.session.Pause
            model.Outcome$Ahead
            model.Outcome$Stamped""";

    /** Whether it was begun in this process. */
    static final AtomicBoolean BEGUN = new AtomicBoolean();

    private volatile boolean closed;

    private ClassesAhead() {
        super("keops-automigrate-classes");
        setDaemon(true);
    }

    /** Begins; null if this process has begun already. */
    static @Nullable ClassesAhead begin() {
        if (BEGUN.getAndSet(true)) {
            return null;
        }
        ClassesAhead ahead = new ClassesAhead();
        ahead.start();
        return ahead;
    }

    @Override
    public void run() {
        String here = ClassesAhead.class.getPackageName() + ".";
        try {
            for (String name : NAMES.split("\n", -1)) {
                if (closed) {
                    return;
                }
                Class.forName(here + name, false, ClassesAhead.class.getClassLoader());
            }
        } catch (ClassNotFoundException | RuntimeException | Error e) {
            // whoever needs it will say so; and some applications end where a thread dies of something
            closed = true;
        }
    }

    /** Loads no more, and waits for the one that is being loaded. */
    @Override
    public void close() {
        closed = true;
        Pause.untilEnded(this);
    }
}
