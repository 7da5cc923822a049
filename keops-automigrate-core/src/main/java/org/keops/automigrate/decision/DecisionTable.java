package org.keops.automigrate.decision;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.keops.automigrate.graph.RevisionGraph;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.WhenAhead;
import org.keops.automigrate.model.WhenChanged;
import org.keops.automigrate.model.WhenUnversioned;

/**
 * The decision: what was seen, the scripts and the policies in, what to do out.
 *
 * <p>{@code docs/decision-table.md} is this function written as a table. Pure and stateless.
 */
public final class DecisionTable {
    /** Every head that nothing depends on, in Alembic's target grammar. */
    static final String LATEST = "heads";

    private DecisionTable() {}

    /**
     * Decides.
     *
     * @param state what was seen
     * @param graph the scripts
     * @param policies what the user wants
     * @return what to do
     */
    public static Decision decide(DatabaseState state, RevisionGraph graph, Policies policies) {
        if (state instanceof DatabaseState.Versioned versioned) {
            return versioned(versioned, graph, policies.whenAhead());
        }
        if (state instanceof DatabaseState.Unversioned) {
            return unversioned(graph, policies.whenUnversioned());
        }
        return new Decision.LeaveAlone(untouched(state));
    }

    /**
     * Takes scripts into account that were changed after they were applied.
     *
     * @param decision what was decided without them
     * @param changed what is wrong with them
     * @param policy what the user wants
     * @return the same, or a refusal
     */
    public static Decision heeding(Decision decision, List<Problem> changed, WhenChanged policy) {
        if (changed.isEmpty() || policy == WhenChanged.WARN || isSettled(decision)) {
            return decision;
        }
        String others = changed.size() == 1 ? "" : " (and " + (changed.size() - 1) + " more, see the log)";
        return new Decision.LeaveAlone(new Outcome.Inaccessible(Obstacle.SCRIPT_CHANGED, changed.get(0) + others));
    }

    /**
     * Whether nothing will be done whatever the scripts that were applied say now. An upgrade that has nothing to apply is
     * not settled: it may still be that they were changed.
     *
     * @param decision what was decided without them
     * @return true if it stays so
     */
    public static boolean isSettled(Decision decision) {
        return decision instanceof Decision.LeaveAlone alone && !(alone.outcome() instanceof Outcome.Unchanged);
    }

    /**
     * What is said of a database that is not touched whatever the scripts are.
     *
     * @param state a state without versions
     * @return the outcome
     */
    public static Outcome untouched(DatabaseState state) {
        if (state instanceof DatabaseState.Offline offline) {
            return new Outcome.Offline(offline.detail());
        }
        if (state instanceof DatabaseState.CredentialsRejected rejected) {
            return new Outcome.CredentialsRejected(rejected.detail());
        }
        if (state instanceof DatabaseState.Inaccessible inaccessible) {
            return new Outcome.Inaccessible(inaccessible.reason(), inaccessible.detail());
        }
        if (state instanceof DatabaseState.Locked locked) {
            return new Outcome.LockNotObtained(locked.holder());
        }
        throw new IllegalArgumentException("no row of the decision table for " + state);
    }

    private static Decision unversioned(RevisionGraph graph, WhenUnversioned policy) {
        SortedSet<RevisionId> none = RevisionId.copyOf(new TreeSet<>());
        SortedSet<RevisionId> latest = RevisionId.copyOf(graph.effectiveHeads());
        if (policy instanceof WhenUnversioned.StampHead) {
            return new Decision.Stamp(latest);
        }
        if (policy instanceof WhenUnversioned.Stamp stamp) {
            SortedSet<RevisionId> stamped = RevisionId.copyOf(List.of(stamp.revision()));
            return stamped.equals(latest) ? new Decision.Stamp(latest) : new Decision.Upgrade(none, stamped);
        }
        if (policy instanceof WhenUnversioned.UpgradeFromBase) {
            return new Decision.Upgrade(none, none);
        }
        return new Decision.LeaveAlone(new Outcome.UnversionedRefused());
    }

    private static Decision versioned(DatabaseState.Versioned state, RevisionGraph graph, WhenAhead whenAhead) {
        SortedSet<RevisionId> rows = state.rows();
        if (graph.isAtHeads(rows)) {
            return new Decision.AtHead(rows, state.permissionsLack());
        }
        SortedSet<RevisionId> unknown = unknown(rows, graph);
        if (!unknown.isEmpty()) {
            return new Decision.LeaveAlone(new Outcome.Ahead(unknown, whenAhead == WhenAhead.REFUSE));
        }
        try {
            return graph.upgrade(rows, LATEST).isEmpty()
                    ? new Decision.AtHead(rows, state.permissionsLack())
                    : new Decision.Upgrade(rows, RevisionId.copyOf(new TreeSet<>()));
        } catch (RevisionException e) {
            return new Decision.LeaveAlone(
                    new Outcome.Inaccessible(Obstacle.VERSION_ROWS_OVERLAP, String.valueOf(e.getMessage())));
        }
    }

    static SortedSet<RevisionId> unknown(SortedSet<RevisionId> rows, RevisionGraph graph) {
        SortedSet<RevisionId> unknown = new TreeSet<>();
        for (RevisionId row : rows) {
            if (graph.find(row).isEmpty()) {
                unknown.add(row);
            }
        }
        return RevisionId.copyOf(unknown);
    }
}
