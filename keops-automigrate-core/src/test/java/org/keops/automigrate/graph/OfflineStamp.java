package org.keops.automigrate.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.VersionChange;

/** Takes a stamp of one starting row apart, one destination at a time, with the comments of {@code alembic stamp --sql}. */
final class OfflineStamp {
    private OfflineStamp() {}

    static void split(RevisionGraph graph, Collection<RevisionId> rows, List<String> targets, Map<String, Step> steps) {
        Set<RevisionId> now = new TreeSet<>(rows);
        String from = String.join(", ", Scripts.strings(rows));
        for (VersionChange change : graph.stamp(rows, targets).versionChanges()) {
            String to = "";
            boolean onLine = true;
            if (change instanceof VersionChange.Insert insert) {
                to = insert.id().value();
                onLine = standsOnOrBelow(graph, insert.id(), rows);
                now.add(insert.id());
            } else if (change instanceof VersionChange.Update update) {
                to = update.to().value();
                now.remove(update.from());
                now.add(update.to());
            } else if (change instanceof VersionChange.Delete delete) {
                now.remove(delete.id());
            }
            List<VersionChange> one = new ArrayList<>(List.of(change));
            steps.put(
                    "-- Running stamp_revision " + (onLine ? from : "") + " -> " + to,
                    new Step.Stamp(one, new TreeSet<>(now)));
        }
    }

    private static boolean standsOnOrBelow(RevisionGraph graph, RevisionId id, Collection<RevisionId> rows) {
        Set<RevisionId> related = new TreeSet<>(graph.ancestors(id));
        related.addAll(graph.descendants(id));
        return rows.stream().anyMatch(related::contains);
    }
}
