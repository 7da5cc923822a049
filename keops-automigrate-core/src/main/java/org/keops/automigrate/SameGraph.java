package org.keops.automigrate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.keops.automigrate.graph.RevisionGraph;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;

/** Whether SQL scripts and a Python project describe one history. Stateless. */
final class SameGraph {

    private SameGraph() {}

    /** Every difference: a revision that one of them lacks, other parents, labels or dependencies. */
    static List<Problem> differences(RevisionGraph sql, RevisionGraph python) {
        List<Problem> problems = new ArrayList<>();
        for (Revision theirs : python.revisions()) {
            Revision ours = sql.find(theirs.id()).orElse(null);
            if (ours == null) {
                problems.add(new Problem(theirs.script(), "no SQL script has the revision " + theirs.id()));
                continue;
            }
            Location where = ours.script();
            compare(problems, where, theirs, "revises", ours.downRevisions(), theirs.downRevisions());
            compare(problems, where, theirs, "has the labels", ours.branchLabels(), theirs.branchLabels());
            compare(
                    problems,
                    where,
                    theirs,
                    "depends on",
                    sql.dependencies(ours.id()),
                    python.dependencies(theirs.id()));
        }
        Map<RevisionId, Revision> known = new LinkedHashMap<>();
        python.revisions().forEach(revision -> known.put(revision.id(), revision));
        for (Revision ours : sql.revisions()) {
            if (!known.containsKey(ours.id())) {
                problems.add(new Problem(ours.script(), "no Python file has the revision " + ours.id()));
            }
        }
        return problems;
    }

    private static void compare(
            List<Problem> problems,
            Location where,
            Revision theirs,
            String verb,
            Collection<?> ours,
            Collection<?> python) {
        if (!new TreeSet<>(texts(ours)).equals(new TreeSet<>(texts(python)))) {
            problems.add(new Problem(
                    where,
                    "revision " + theirs.id() + " " + verb + " " + shown(ours) + " here, but " + shown(python) + " in "
                            + theirs.script()));
        }
    }

    private static List<String> texts(Collection<?> values) {
        return values.stream().map(String::valueOf).toList();
    }

    private static String shown(Collection<?> values) {
        return values.isEmpty()
                ? "nothing"
                : texts(values).stream().sorted().collect(Collectors.joining("', '", "'", "'"));
    }
}
