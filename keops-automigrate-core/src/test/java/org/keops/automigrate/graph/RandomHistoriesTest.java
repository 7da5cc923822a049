package org.keops.automigrate.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.testing.Seeds;

/**
 * Random graphs, random commands one after the other: whatever a database goes through, its rows are those of the row rule,
 * computed by sets alone. {@code -Dseed=…} repeats a run.
 */
class RandomHistoriesTest {
    private static final int GRAPHS = 400;
    private static final int COMMANDS = 25;

    private int executed;
    private int refused;
    private int steps;

    @Test
    void rowsAreAlwaysTheNewestOfWhatIsApplied() {
        long seed = Seeds.seed();
        Random random = new Random(seed);
        for (int i = 0; i < GRAPHS; i++) {
            List<Revision> revisions = randomRevisions(random);
            RevisionGraph graph = RevisionGraph.of(revisions);
            try {
                live(random, graph, new NaiveGraph(revisions));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("-Dseed=" + seed + ", graph " + i + ": " + revisions, e);
            }
        }
        System.out.println("random histories: seed " + seed + ", " + GRAPHS + " graphs, " + executed + " commands with "
                + steps + " steps, " + refused + " refused");
        assertThat(executed).isGreaterThan(refused);
    }

    private static List<Revision> randomRevisions(Random random) {
        int size = 1 + random.nextInt(25);
        List<Revision> revisions = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<String> down =
                    sample(random, i, i == 0 || random.nextInt(6) == 0 ? 0 : random.nextInt(5) == 0 ? 2 : 1);
            List<String> dependsOn = sample(random, i, Math.max(0, random.nextInt(6) - 3));
            List<String> labels = random.nextInt(8) == 0 ? List.of("label" + i) : List.of();
            revisions.add(Scripts.revision("r" + i, down, dependsOn, labels, i));
        }
        java.util.Collections.shuffle(revisions, random);
        return revisions;
    }

    /** Some of the revisions before the given one, newer ones more often. */
    private static List<String> sample(Random random, int before, int count) {
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < count && before > 0; i++) {
            int back = random.nextBoolean() ? 1 + random.nextInt(Math.min(before, 3)) : 1 + random.nextInt(before);
            names.add("r" + (before - back));
        }
        return List.copyOf(names);
    }

    private void live(Random random, RevisionGraph graph, NaiveGraph naive) {
        Set<String> rows = new TreeSet<>();
        for (int i = 0; i < COMMANDS; i++) {
            List<RevisionId> start = Scripts.ids(rows);
            String target = randomTarget(random, graph);
            int command = random.nextInt(5);
            Outcome outcome = Outcome.stepping(
                    start,
                    () -> command < 2
                            ? graph.upgrade(start, target)
                            : command < 4
                                    ? graph.downgrade(start, target)
                                    : List.of(graph.stamp(start, List.of(target))));
            if (outcome.error() != null) {
                refused++;
                continue;
            }
            executed++;
            steps += outcome.steps().size();
            check(naive, rows, outcome);
            rows = outcome.rows();
        }
    }

    private static String randomTarget(Random random, RevisionGraph graph) {
        List<Revision> revisions = graph.revisions();
        String id = revisions.get(random.nextInt(revisions.size())).id().value();
        return switch (random.nextInt(9)) {
            case 0 -> "heads";
            case 1 -> "base";
            case 2 -> id + "@+1";
            case 3 -> id + "@-1";
            case 4 -> "-1";
            case 5 -> id + "@head";
            default -> id;
        };
    }

    private static void check(NaiveGraph naive, Set<String> rows, Outcome outcome) {
        Set<String> applied = naive.applied(rows);
        assertThat(naive.rows(applied)).isEqualTo(rows);
        for (Step step : outcome.steps()) {
            if (step instanceof Step.Upgrade) {
                String revision = Scripts.revisionOf(step);
                assertThat(applied).doesNotContain(revision).containsAll(naive.olderThan(revision));
                applied.add(revision);
            } else if (step instanceof Step.Downgrade) {
                applied.remove(Scripts.revisionOf(step));
                assertThat(naive.applied(applied)).isEqualTo(applied);
            } else {
                applied = naive.applied(outcome.rows());
            }
            assertThat(Scripts.strings(step.rowsAfter())).containsExactlyElementsOf(naive.rows(applied));
        }
        assertThat(outcome.rows()).isEqualTo(naive.rows(applied));
    }
}
