package org.keops.automigrate.decision;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.keops.automigrate.graph.RevisionGraph;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;

/** Turns a decision into steps, and the steps into groups that commit together. Pure, immutable and thread-safe. */
public final class Planner {
    private final RevisionGraph graph;
    private final boolean transactionPerRevision;

    /**
     * Prepares a planner.
     *
     * @param graph the scripts
     * @param transactionPerRevision whether each revision commits by itself, instead of all together
     */
    public Planner(RevisionGraph graph, boolean transactionPerRevision) {
        this.graph = graph;
        this.transactionPerRevision = transactionPerRevision;
    }

    /**
     * Plans.
     *
     * @param decision what was decided
     * @param refusingTransaction the revisions that have to run outside a transaction, of those that are pending
     * @return the plan; without a group where the decision runs nothing and records nothing
     */
    public Plan plan(Decision decision, Set<RevisionId> refusingTransaction) {
        SortedSet<RevisionId> from = new TreeSet<>();
        List<Step> steps = new ArrayList<>();
        if (decision instanceof Decision.Stamp stamp) {
            steps.add(graph.stamp(from, names(stamp.revisions())));
        } else if (decision instanceof Decision.Upgrade upgrade) {
            from.addAll(upgrade.rows());
            SortedSet<RevisionId> rows = from;
            if (!upgrade.stampFirst().isEmpty()) {
                Step.Stamp stamp = graph.stamp(from, names(upgrade.stampFirst()));
                steps.add(stamp);
                rows = RevisionId.copyOf(stamp.rowsAfter());
            }
            steps.addAll(graph.upgrade(rows, DecisionTable.LATEST));
        } else if (decision instanceof Decision.Perform perform) {
            from.addAll(perform.rows());
            steps.addAll(perform.steps());
        }
        SortedSet<RevisionId> to = steps.isEmpty()
                ? from
                : RevisionId.copyOf(steps.get(steps.size() - 1).rowsAfter());
        return new Plan(from, to, group(steps, refusingTransaction));
    }

    private List<Plan.Group> group(List<Step> steps, Set<RevisionId> refusing) {
        List<Plan.Group> groups = new ArrayList<>();
        List<Step> together = new ArrayList<>();
        for (Step step : steps) {
            boolean outside = refusesTransaction(step, refusing);
            if (outside || transactionPerRevision) {
                closeGroup(groups, together);
            }
            if (outside) {
                groups.add(new Plan.OutsideTransaction(step));
            } else {
                together.add(step);
            }
        }
        closeGroup(groups, together);
        return groups;
    }

    private static void closeGroup(List<Plan.Group> groups, List<Step> together) {
        if (!together.isEmpty()) {
            groups.add(new Plan.InOneTransaction(together));
            together.clear();
        }
    }

    private static boolean refusesTransaction(Step step, Set<RevisionId> refusing) {
        return (step instanceof Step.Upgrade upgrade
                        && refusing.contains(upgrade.revision().id()))
                || (step instanceof Step.Downgrade downgrade
                        && refusing.contains(downgrade.revision().id()));
    }

    private static List<String> names(SortedSet<RevisionId> revisions) {
        List<String> names = new ArrayList<>(revisions.size());
        for (RevisionId revision : revisions) {
            names.add(revision.value());
        }
        return names;
    }
}
