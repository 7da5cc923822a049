package org.keops.automigrate.decision;

import java.util.List;
import java.util.SortedSet;
import org.keops.automigrate.graph.RevisionGraph;
import org.keops.automigrate.model.Command;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;

/**
 * The decision where an operator has made it: what was seen, the scripts and the command in, what that comes to out.
 *
 * <p>As in Alembic, a database without a version is one at base. Pure and stateless.
 */
public final class CommandTable {

    private CommandTable() {}

    /**
     * Decides.
     *
     * @param state what was seen
     * @param graph the scripts
     * @param command what is asked for
     * @return what to do
     * @throws RevisionException if the command's target does not fit the scripts or the recorded revisions
     */
    public static Decision decide(DatabaseState state, RevisionGraph graph, Command command) {
        if (!(state instanceof DatabaseState.Versioned || state instanceof DatabaseState.Unversioned)) {
            return new Decision.LeaveAlone(DecisionTable.untouched(state));
        }
        SortedSet<RevisionId> rows =
                state instanceof DatabaseState.Versioned versioned ? versioned.rows() : RevisionId.copyOf(List.of());
        if (command instanceof Command.RepairPermissions) {
            return new Decision.Perform(rows, List.of());
        }
        SortedSet<RevisionId> unknown = DecisionTable.unknown(rows, graph);
        boolean unread = command instanceof Command.Stamp stamp && stamp.purge();
        if (!unknown.isEmpty() && !unread) {
            return new Decision.LeaveAlone(new Outcome.Ahead(unknown, true));
        }
        try {
            List<Step> steps = steps(graph, rows, command);
            return steps.isEmpty()
                    ? new Decision.LeaveAlone(new Outcome.Unchanged(rows))
                    : new Decision.Perform(rows, steps);
        } catch (RevisionException e) {
            if (e.kind() == Kind.OVERLAPPING_ROWS) {
                return new Decision.LeaveAlone(
                        new Outcome.Inaccessible(Obstacle.VERSION_ROWS_OVERLAP, String.valueOf(e.getMessage())));
            }
            throw e;
        }
    }

    private static List<Step> steps(RevisionGraph graph, SortedSet<RevisionId> rows, Command command) {
        if (command instanceof Command.Upgrade upgrade) {
            return graph.upgrade(rows, upgrade.target());
        }
        if (command instanceof Command.Downgrade downgrade) {
            return graph.downgrade(rows, downgrade.target());
        }
        Command.Stamp stamp = (Command.Stamp) command;
        Step.Stamp step = stamp.purge() ? graph.stampPurged(stamp.targets()) : graph.stamp(rows, stamp.targets());
        return step.versionChanges().isEmpty() ? List.of() : List.of(step);
    }
}
