package org.keops.automigrate.graph;

import org.jspecify.annotations.Nullable;
import org.keops.automigrate.graph.Vectors.Part;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionRules;

/** Where we differ from Alembic on purpose: the table of {@code docs/alembic-compatibility.md}, with a check for each row. */
enum Deviation {
    UNSOUND_SCRIPTS,
    REFUSED_NAMES;

    /** Why a graph was refused: null if Alembic refuses it too. */
    static @Nullable Deviation of(Part graph) {
        return graph.part("facts").has("error") ? null : UNSOUND_SCRIPTS;
    }

    static boolean namesAreRefused(Part graph) {
        for (Revision revision : Vectors.revisions(graph)) {
            if (RevisionRules.problemWithId(revision.id().value()).isPresent()
                    || revision.branchLabels().stream()
                            .anyMatch(label ->
                                    RevisionRules.problemWithLabel(label).isPresent())) {
                return true;
            }
        }
        return false;
    }

    static @Nullable Deviation of(RevisionGraph graph, Part recorded, Outcome outcome) {
        return null;
    }
}
