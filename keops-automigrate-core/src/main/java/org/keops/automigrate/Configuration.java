package org.keops.automigrate;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.decision.CommandTable;
import org.keops.automigrate.decision.DecisionTable;
import org.keops.automigrate.decision.Policies;
import org.keops.automigrate.model.Command;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.Progress;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.WhenChanged;
import org.keops.automigrate.postgres.execution.Sending;
import org.keops.automigrate.postgres.version.VersionTableName;

/**
 * Everything that a user has configured, checked.
 *
 * @param scripts the scripts
 * @param policies what to do in cases of opinion
 * @param transactionPerRevision whether each revision commits by itself
 * @param versionTable where the version table is looked for
 * @param permissions whose permissions on what are repaired
 * @param ownerRole the role to act as, or null for the one that connects
 * @param patience how long to wait for what
 * @param sending how statements are sent
 * @param whenChanged what to do about scripts that were changed after they were applied, or null not to look
 * @param onProgress told how far a run has come
 * @param command what an operator asks for, or null for what the boot calls for
 */
record Configuration(
        ScriptCatalog scripts,
        Policies policies,
        boolean transactionPerRevision,
        VersionTableName versionTable,
        PermissionPolicy permissions,
        @Nullable String ownerRole,
        Patience patience,
        Sending sending,
        @Nullable WhenChanged whenChanged,
        Consumer<Progress> onProgress,
        @Nullable Command command) {

    /** The same for a command: it does what it is told and repairs no permissions on the way, as Alembic would not. */
    Configuration commanded(Command wanted) {
        return new Configuration(
                scripts,
                policies,
                transactionPerRevision,
                versionTable,
                wanted instanceof Command.RepairPermissions ? permissions : PermissionPolicy.none(),
                ownerRole,
                patience,
                sending,
                whenChanged,
                onProgress,
                wanted);
    }

    /** @throws RevisionException if the command's target does not fit */
    Decision decide(DatabaseState state) {
        if (command != null) {
            Decision decision = CommandTable.decide(state, scripts.graph(), command);
            return whenChanged == null ? decision : recordingAnew(decision);
        }
        if (state instanceof DatabaseState.Versioned versioned && scripts.isAtHeads(versioned.rows())) {
            // the table's own first row, without the graph that most boots need for nothing else
            return new Decision.AtHead(versioned.rows(), versioned.permissionsLack());
        }
        return DecisionTable.decide(state, scripts.graph(), policies);
    }

    /** With fingerprints a stamp of what is recorded already is not without effect: the scripts are taken as they are. */
    private Decision recordingAnew(Decision decision) {
        return command instanceof Command.Stamp
                        && decision instanceof Decision.LeaveAlone leaveAlone
                        && leaveAlone.outcome() instanceof Outcome.Unchanged unchanged
                        && !unchanged.revisions().isEmpty()
                ? new Decision.Perform(unchanged.revisions(), List.of(new Step.Stamp(List.of(), unchanged.revisions())))
                : decision;
    }

    /** A look at the scripts that were applied, for one attempt; null where nobody asked for it. */
    @Nullable
    Fingerprinting fingerprinting() {
        return whenChanged == null ? null : new Fingerprinting(this, whenChanged);
    }
}
