package org.keops.automigrate.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.UnsoundScriptsException;

/**
 * Makes arrays of scripts and refuses what is not a history: see alembic/script/revision.py, {@code _revision_map}, which
 * checks less. Not thread-safe; confined to one construction.
 */
final class GraphBuilder {
    private static final int[] NONE = {};

    private final Revision[] revisions;
    private final Map<String, Integer> names;
    private final List<Problem> problems = new ArrayList<>();

    private GraphBuilder(List<Revision> inFileOrder) {
        revisions = inFileOrder.toArray(new Revision[0]);
        names = new HashMap<>(revisions.length * 2);
    }

    static Topology build(List<Revision> inFileOrder) {
        return new GraphBuilder(inFileOrder).build();
    }

    private Topology build() {
        nameRevisions();
        nameBranches();
        int[][] down = new int[revisions.length][];
        int[][] dependencies = new int[revisions.length][];
        for (int i = 0; i < revisions.length; i++) {
            down[i] = downRevisions(i);
            dependencies[i] = dependencies(i);
        }
        Edges edges = new Edges(down, dependencies);
        int[] parentsFirst = edges.parentsFirst();
        if (parentsFirst.length < revisions.length) {
            problems.addAll(new Cycles(revisions, edges, parentsFirst).problems());
        }
        if (!problems.isEmpty()) {
            throw new UnsoundScriptsException(problems);
        }
        edges.normalize(parentsFirst);
        return new Topology(revisions, names, edges);
    }

    private void nameRevisions() {
        for (int i = 0; i < revisions.length; i++) {
            Integer other = names.putIfAbsent(revisions[i].id().value(), i);
            if (other != null) {
                report(
                        i,
                        "revision id '" + revisions[i].id() + "' is already used by " + revisions[other].script()
                                + "; give one of the two another id");
            }
        }
    }

    private void nameBranches() {
        for (int i = 0; i < revisions.length; i++) {
            if (!revisions[i].branchLabels().isEmpty()) {
                nameBranches(i);
            }
        }
    }

    private void nameBranches(int revision) {
        for (String label : revisions[revision].branchLabels()) {
            Integer other = names.putIfAbsent(label, revision);
            if (other != null) {
                report(revision, labelClash(revision, label, other));
            }
        }
    }

    private String labelClash(int revision, String label, int other) {
        String what =
                revisions[other].id().value().equals(label) ? "is the id of revision" : "is already used by revision";
        return "branch label '" + label + "' of revision '" + revisions[revision].id() + "' " + what + " '"
                + revisions[other].id() + "' (" + revisions[other].script() + "); ids and labels share one namespace";
    }

    private int[] downRevisions(int revision) {
        List<RevisionId> parents = revisions[revision].downRevisions();
        int[] found = NONE;
        for (int i = 0; i < parents.size(); i++) {
            RevisionId parent = parents.get(i);
            Integer index = names.get(parent.value());
            if (index == null) {
                report(revision, unknown(revision, "Revises", parent.value()));
            } else if (parent.value().equals(revisions[revision].id().value())) {
                report(revision, "revision '" + parent + "' revises itself");
            } else if (!revisions[index].id().value().equals(parent.value())) {
                report(
                        revision,
                        "revision '" + revisions[revision].id() + "' names the branch label '" + parent
                                + "' in Revises, which takes ids only; that revision's id is '"
                                + revisions[index].id() + "' (" + revisions[index].script() + ")");
            } else {
                found = Edges.with(found, index);
            }
        }
        return found;
    }

    private int[] dependencies(int revision) {
        List<String> wanted = revisions[revision].dependsOn();
        if (wanted.isEmpty()) {
            return NONE;
        }
        int[] found = NONE;
        for (String name : wanted) {
            Integer index = names.get(name);
            if (index == null) {
                report(revision, unknown(revision, "Depends On", name));
            } else if (index == revision || name.equals(revisions[revision].id().value())) {
                report(
                        revision,
                        "revision '" + revisions[revision].id() + "' depends on itself, by the name '" + name + "'");
            } else {
                found = Edges.with(found, index);
            }
        }
        return found;
    }

    private String unknown(int revision, String key, String name) {
        return "revision '" + revisions[revision].id() + "' names '" + name + "' in " + key
                + ", but there is no such script among the " + revisions.length
                + "; add the missing script or correct the name";
    }

    private void report(int revision, String what) {
        problems.add(new Problem(revisions[revision].script(), what));
    }
}
