package org.keops.automigrate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.RevisionRules;
import org.keops.automigrate.model.TransactionMode;

/**
 * The revisions that are classes. Immutable.
 *
 * @param revisions what they say of themselves, each as often as it was given, so that the graph notices two of one id
 * @param code the classes
 * @param problems what is wrong with them
 */
record InJava(List<Revision> revisions, Map<RevisionId, Migration> code, List<Problem> problems) {

    static InJava none() {
        return of(List.of());
    }

    static InJava of(List<Migration> migrations) {
        List<Problem> problems = new ArrayList<>();
        List<Revision> revisions = new ArrayList<>();
        Map<RevisionId, Migration> code = new HashMap<>();
        for (Migration migration : migrations) {
            Revision revision = describe(migration, problems);
            if (revision != null) {
                revisions.add(revision);
                code.put(revision.id(), migration);
            }
        }
        return new InJava(List.copyOf(revisions), Map.copyOf(code), List.copyOf(problems));
    }

    private static @Nullable Revision describe(Migration migration, List<Problem> problems) {
        Location where = Location.of(migration.getClass().getName());
        Optional<String> wrongId = RevisionRules.problemWithId(migration.revision());
        if (wrongId.isPresent()) {
            problems.add(new Problem(where, wrongId.get()));
            return null;
        }
        try {
            return new Revision(
                    new RevisionId(migration.revision()),
                    migration.revises().stream().map(RevisionId::new).toList(),
                    List.of(),
                    List.of(),
                    migration.message(),
                    TransactionMode.REQUIRED,
                    where);
        } catch (IllegalArgumentException e) {
            problems.add(new Problem(where, String.valueOf(e.getMessage())));
            return null;
        }
    }
}
