package org.keops.automigrate;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.decision.CommandTable;
import org.keops.automigrate.decision.DecisionTable;
import org.keops.automigrate.decision.Policies;
import org.keops.automigrate.model.Command;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.Progress;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.WhenAhead;
import org.keops.automigrate.model.WhenChanged;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.postgres.execution.Sending;
import org.keops.automigrate.postgres.version.VersionTableName;

/**
 * Everything that a user has configured, checked. What most leave as it is stands for itself as null: a boot that finds
 * nothing to do loads no class for it.
 *
 * @param scripts the scripts
 * @param whenUnversioned what to do with a database without a version, or null for what KEOPS does
 * @param whenAhead what to do with a database that a newer build has upgraded, or null for what KEOPS does
 * @param transactionPerRevision whether each revision commits by itself
 * @param versionTable where the version table is looked for
 * @param permissionOptions whose permissions on what are repaired
 * @param ownerRole the role to act as, or null for the one that connects
 * @param patience how long to wait for what
 * @param sending how statements are sent, or null for the usual way
 * @param whenChanged what to do about scripts that were changed after they were applied, or null not to look
 * @param onProgress told how far a run has come, or null for nobody
 * @param command what an operator asks for, or null for what the boot calls for
 */
record Configuration(
        ScriptCatalog scripts,
        @Nullable WhenUnversioned whenUnversioned,
        @Nullable WhenAhead whenAhead,
        boolean transactionPerRevision,
        VersionTableName versionTable,
        PermissionOptions permissionOptions,
        @Nullable String ownerRole,
        Patience patience,
        @Nullable Sending sending,
        @Nullable WhenChanged whenChanged,
        @Nullable Consumer<Progress> onProgress,
        @Nullable Command command) {

    /** The same for a command: it does what it is told and repairs no permissions on the way, as Alembic would not. */
    Configuration commanded(Command wanted) {
        return new Configuration(
                scripts,
                whenUnversioned,
                whenAhead,
                transactionPerRevision,
                versionTable,
                wanted instanceof Command.RepairPermissions
                        ? permissionOptions
                        : new PermissionOptions().leavingThemAlone(),
                ownerRole,
                patience,
                sending,
                whenChanged,
                onProgress,
                wanted);
    }

    /** Whose permissions on what are repaired. */
    PermissionPolicy permissions() {
        return permissionOptions.get();
    }

    /** Whether nothing is left to decide: everything is applied, nothing lacks, and nobody asked for more. */
    boolean isQuiet(DatabaseState.Versioned found) {
        return command == null && whenChanged == null && !found.permissionsLack() && scripts.isAtHeads(found.rows());
    }

    /** Whether the version and the permissions are all there is to see. */
    boolean isPlain() {
        return command == null && ownerRole == null && whenChanged == null;
    }

    /** @throws RevisionException if the command's target does not fit */
    Decision decide(DatabaseState state) {
        if (command != null) {
            Decision decision = CommandTable.decide(state, scripts.graph(), command);
            return whenChanged == null ? decision : Fingerprinting.recordingAnew(decision, command);
        }
        if (state instanceof DatabaseState.Versioned versioned && scripts.isAtHeads(versioned.rows())) {
            // the table's own first row, without the graph that most boots need for nothing else
            return Decision.atHead(versioned);
        }
        return DecisionTable.decide(state, scripts.graph(), Policies.keopsOr(whenUnversioned, whenAhead));
    }

    /** A look at the scripts that were applied, for one attempt; null where nobody asked for it. */
    @Nullable
    Fingerprinting fingerprinting() {
        return whenChanged == null ? null : new Fingerprinting(this, whenChanged);
    }
}
