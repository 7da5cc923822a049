package org.keops.automigrate.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.graph.Vectors.Part;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.UnsoundScriptsException;

/**
 * Replays what Alembic was recorded to do. Every case must come out the same, or be one of the {@link Deviation}s, each of
 * which checks what we do instead.
 */
class AlembicVectorsTest {
    private static final Map<String, Set<Kind>> KINDS = Map.ofEntries(
            Map.entry("cant-locate", Set.of(Kind.CANT_LOCATE)),
            Map.entry("multiple-heads", Set.of(Kind.MULTIPLE_HEADS)),
            Map.entry("overlap", Set.of(Kind.OVERLAPPING_TARGETS, Kind.OVERLAPPING_ROWS)),
            Map.entry("ambiguous-upgrade", Set.of(Kind.AMBIGUOUS_UPGRADE)),
            Map.entry("ambiguous-walk", Set.of(Kind.AMBIGUOUS_WALK)),
            Map.entry("relative-short", Set.of(Kind.RELATIVE_TOO_FAR)),
            Map.entry("walked-too-far", Set.of(Kind.WALKED_TOO_FAR)),
            Map.entry("not-downgrade-target", Set.of(Kind.NOT_A_DOWNGRADE_TARGET)),
            Map.entry("not-a-range", Set.of(Kind.NOT_A_RANGE)),
            Map.entry("history-range-syntax", Set.of(Kind.HISTORY_RANGE_SYNTAX)),
            Map.entry("range-not-allowed", Set.of(Kind.RANGE_NOT_ALLOWED)));
    /** Bare Python exceptions and endless loops: we must answer in good order. */
    private static final Set<String> BUGS = Set.of("internal", "hang");
    /** What only a database can find out; the steps are ours to give. */
    private static final Set<String> AT_THE_TABLE = Set.of("rowcount", "database");
    /** What the command line refuses before it asks the graph. */
    private static final Set<String> AT_THE_COMMAND_LINE =
            Set.of("sql-downgrade-needs-range", "stamp-multi-start", "purge-with-sql");

    private static final Pattern SQL_STEP = Pattern.compile("(?=-- Running )");
    private static final Pattern SQL_CHANGE = Pattern.compile("(?m)^(INSERT|UPDATE|DELETE) .*$");
    private static final Pattern SQL_ID = Pattern.compile("'[^']*'");

    private final Map<String, RevisionGraph> graphs = new HashMap<>();
    private final Map<String, NaiveGraph> naiveGraphs = new HashMap<>();
    private final Map<Deviation, Integer> deviations = new EnumMap<>(Deviation.class);
    private final Map<String, Integer> passed = new TreeMap<>();
    private final Set<String> unsound = new TreeSet<>();

    @SuppressWarnings("NullAway.Init")
    private Vectors vectors;

    @BeforeEach
    void load() throws IOException {
        vectors = Vectors.load();
        for (Object key : vectors.graphs().keySet()) {
            String name = String.valueOf(key);
            List<Revision> revisions = Vectors.revisions(vectors.graph(name));
            try {
                graphs.put(name, RevisionGraph.of(revisions));
                naiveGraphs.put(name, new NaiveGraph(revisions));
            } catch (UnsoundScriptsException e) {
                unsound.add(name);
            }
        }
    }

    @Test
    void doesWhatAlembicDid() {
        List<String> mismatches = new ArrayList<>();
        for (Part recorded : vectors.cases()) {
            String mismatch = judge(recorded);
            if (mismatch != null) {
                mismatches.add(recorded.text("id") + " " + recorded.text("command") + " "
                        + recorded.members().get("target") + " from " + recorded.strings("start") + ": " + mismatch);
            }
        }
        report();
        assertThat(mismatches).isEmpty();
        if (System.getProperty("alembic.vectors", "").isEmpty()) {
            assertThat(deviations.keySet())
                    .as("a table that lists what no longer happens misleads")
                    .containsExactly(Deviation.values());
        }
    }

    private void report() {
        int same = passed.values().stream().mapToInt(Integer::intValue).sum();
        int others = deviations.values().stream().mapToInt(Integer::intValue).sum();
        System.out.println("Alembic's recorded cases: " + vectors.cases().size() + ", " + same + " the same " + passed
                + ", " + others + " deviate on purpose " + deviations + ", " + graphs.size() + " graphs sound, "
                + unsound.size() + " refused");
    }

    private @Nullable String judge(Part recorded) {
        String name = recorded.text("graph");
        RevisionGraph graph = graphs.get(name);
        if (graph == null) {
            count(recorded, vectors.graph(name).part("facts").has("error") ? null : Deviation.UNSOUND_SCRIPTS);
            return null;
        }
        try {
            check(graph, name, recorded);
            count(recorded, null);
            return null;
        } catch (AssertionError e) {
            Deviation deviation = Deviation.of(new Deviation.Deviant(
                    graph, naive(name), vectors.graph(name), recorded, Outcome.of(graph, recorded)));
            if (deviation == null) {
                return String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
            }
            count(recorded, deviation);
            return null;
        }
    }

    private void count(Part recorded, @Nullable Deviation deviation) {
        if (deviation == null) {
            passed.merge(recorded.text("command"), 1, Integer::sum);
        } else {
            deviations.merge(deviation, 1, Integer::sum);
        }
    }

    private void check(RevisionGraph graph, String name, Part recorded) {
        String command = recorded.text("command");
        if (command.equals("ensure_version")) {
            return;
        }
        String error = recorded.part("expect").part("error").text("kind");
        if (AT_THE_COMMAND_LINE.contains(error) || error.equals("illegal-characters")) {
            assertThat(Deviation.namesAreRefused(vectors.graph(name))).isEqualTo(error.equals("illegal-characters"));
        } else if (recorded.flag("sql")) {
            checkSql(graph, recorded, error);
        } else if (recorded.flag("check_heads")) {
            assertThat(graph.isAtHeads(Scripts.ids(recorded.strings("start")))).isEqualTo(!error.equals("not-at-head"));
        } else if (recorded.flag("full_text")) {
            assertThat(HistoryText.of(graph)).isEqualTo(recorded.part("expect").text("text"));
        } else {
            check(graph, name, recorded, Outcome.of(graph, recorded), error);
        }
    }

    private void check(RevisionGraph graph, String name, Part recorded, Outcome outcome, String error) {
        Part expect = recorded.part("expect");
        if (BUGS.contains(error)) {
            checkSane(name, recorded, outcome);
        } else if (AT_THE_TABLE.contains(error)) {
            assertThat(outcome.error() == null).as(outcome.toString()).isTrue();
        } else if (!error.isEmpty()) {
            assertThat(isRecorded(graph, recorded, outcome.kind()))
                    .as(error + " expected, but " + outcome)
                    .isTrue();
        } else {
            assertThat(outcome.error() == null).as(outcome.toString()).isTrue();
            switch (recorded.text("command")) {
                case "upgrade", "downgrade" -> {
                    checkOrder(name, recorded, outcome);
                    checkRows(name, recorded, outcome);
                }
                case "stamp" -> checkRows(name, recorded, outcome);
                case "resolve" ->
                    assertThat(new TreeSet<>(outcome.revisions()))
                            .isEqualTo(new TreeSet<>(without(expect.strings("revisions"), "<base>")));
                case "current" ->
                    assertThat(outcome.revisions()).containsExactlyInAnyOrderElementsOf(expect.strings("revisions"));
                default -> checkRevisions(recorded, outcome, severalDependencies(name));
            }
        }
    }

    /** Alembic's "can't locate" also speaks of rows, and of a range where none is allowed. */
    static boolean isRecorded(RevisionGraph graph, Part recorded, @Nullable Kind kind) {
        String error = recorded.part("expect").part("error").text("kind");
        boolean located = error.equals("cant-locate");
        if (located && kind == Kind.UNKNOWN_ROW) {
            List<RevisionId> known =
                    graph.revisions().stream().map(Revision::id).toList();
            return !known.containsAll(Scripts.ids(recorded.strings("start")));
        }
        if (located && kind == Kind.RANGE_NOT_ALLOWED) {
            return String.valueOf(recorded.members().get("target")).contains(":");
        }
        return kind != null && KINDS.getOrDefault(error, Set.of()).contains(kind);
    }

    private static void checkRevisions(Part recorded, Outcome outcome, boolean severalDependencies) {
        List<String> expected = recorded.part("expect").strings("revisions");
        if (severalDependencies || recorded.part("expect").text("order").equals("unstable")) {
            assertThat(outcome.revisions()).containsExactlyInAnyOrderElementsOf(expected);
        } else {
            assertThat(outcome.revisions()).isEqualTo(expected);
        }
    }

    /** Where Alembic breaks: any refusal will do, and so will steps in a valid order that leave the rows of the row rule. */
    private void checkSane(String name, Part recorded, Outcome outcome) {
        if (outcome.error() == null && !recorded.text("command").equals("history")) {
            NaiveGraph naive = naive(name);
            checkEachStep(naive, recorded, outcome);
            assertThat(naive.overlap(outcome.rows())).as(outcome.toString()).isFalse();
        }
    }

    private void checkOrder(String name, Part recorded, Outcome outcome) {
        Part expect = recorded.part("expect");
        List<String> expected = new ArrayList<>();
        expect.lists("steps").forEach(step -> expected.add(step.get(1)));
        List<String> path = outcome.steps().stream().map(Scripts::revisionOf).toList();
        if (expect.text("order").equals("exact")) {
            assertThat(path).isEqualTo(expected);
        } else {
            assertThat(path).containsExactlyInAnyOrderElementsOf(expected);
            for (List<String> pair : expect.lists("before")) {
                assertThat(path.indexOf(pair.get(0))).isLessThan(path.indexOf(pair.get(1)));
            }
        }
        checkEachStep(naive(name), recorded, outcome);
    }

    private static void checkEachStep(NaiveGraph naive, Part recorded, Outcome outcome) {
        List<String> now = recorded.strings("start");
        Set<String> applied = new HashSet<>(naive.applied(now));
        for (Step step : outcome.steps()) {
            if (step instanceof Step.Upgrade upgrade) {
                String revision = upgrade.revision().id().value();
                assertThat(applied).containsAll(naive.olderThan(revision)).doesNotContain(revision);
                applied.add(revision);
            } else if (step instanceof Step.Downgrade downgrade) {
                String revision = downgrade.revision().id().value();
                assertThat(applied.remove(revision)).isTrue();
                assertThat(naive.applied(applied)).doesNotContain(revision);
            } else {
                return;
            }
            assertThat(Scripts.strings(step.rowsAfter())).containsExactlyElementsOf(naive.rows(applied));
        }
    }

    private static void checkRows(String name, Part recorded, Outcome outcome) {
        Part expect = recorded.part("expect");
        Part notes = recorded.part("notes");
        List<List<String>> accepted = new ArrayList<>();
        accepted.add(expect.strings("rows"));
        accepted.add(notes.strings("rows_not_maximal"));
        accepted.addAll(notes.lists("rows_alternatives"));
        if (accepted.stream().noneMatch(rows -> new TreeSet<>(rows).equals(outcome.rows()))) {
            fail(outcome + " but Alembic left " + expect.strings("rows"));
        }
        boolean stable = !notes.has("ops_unstable") && !notes.has("rows_not_maximal");
        if (expect.has("ops") && stable && !expect.text("order").equals("partial")) {
            assertThat(changes(outcome)).as(name).isEqualTo(changes(expect, outcome));
        }
        if (expect.has("trace")
                && !notes.has("trace_unstable")
                && stable
                && expect.text("order").equals("exact")) {
            assertThat(outcome.steps().stream()
                            .map(step -> Scripts.strings(step.rowsAfter()))
                            .toList())
                    .isEqualTo(expect.lists("trace").stream()
                            .map(TreeSet::new)
                            .map(List::copyOf)
                            .toList());
        }
    }

    /**
     * Which of several rows moves and which are inserted or deleted comes from the order of a Python set, four runs may agree
     * by chance: a step with several changes is compared as the rows that go and the rows that come.
     */
    private static List<String> changes(Part expect, Outcome outcome) {
        List<String> changes = new ArrayList<>();
        for (Object step : expect.list("ops")) {
            List<String> ofStep = new ArrayList<>();
            ((List<?>) step).forEach(change -> ofStep.add(String.join(" ", Vectors.strings(change))));
            ofStep.remove("CREATE");
            changes.addAll(
                    outcome.steps().size() == 1 && outcome.steps().get(0) instanceof Step.Stamp
                            ? ofStep
                            : goneAndCome(ofStep));
        }
        expect.lists("ops_tail").forEach(change -> changes.add(String.join(" ", change)));
        changes.remove("CREATE");
        return changes;
    }

    private static List<String> changes(Outcome outcome) {
        List<String> changes = new ArrayList<>();
        outcome.steps()
                .forEach(step -> changes.addAll(
                        step instanceof Step.Stamp ? Scripts.changes(step) : goneAndCome(Scripts.changes(step))));
        return changes;
    }

    private static List<String> goneAndCome(List<String> changes) {
        if (changes.size() < 2 || changes.contains("PURGE")) {
            return changes;
        }
        Set<String> gone = new TreeSet<>();
        Set<String> come = new TreeSet<>();
        for (String change : changes) {
            String[] words = change.split(" ", -1);
            if (!words[0].equals("I")) {
                gone.add(words[1]);
            }
            if (!words[0].equals("D")) {
                come.add(words[words.length - 1]);
            }
        }
        return List.of(changes.size() + " changes, " + gone + " to " + come);
    }

    private static void checkSql(RevisionGraph graph, Part recorded, String error) {
        String text;
        try {
            text = OfflineSql.of(graph, recorded);
        } catch (RevisionException e) {
            assertThat(BUGS.contains(error) || isRecorded(graph, recorded, e.kind()))
                    .as(e.getMessage())
                    .isTrue();
            return;
        }
        if (!BUGS.contains(error)) {
            assertThat(error).as(text).isEmpty();
            if (!recorded.part("notes").has("sql_unstable")) {
                assertThat(withoutChoice(text))
                        .isEqualTo(withoutChoice(recorded.part("expect").text("sql")));
            }
        }
    }

    /** As {@link #goneAndCome}: of a step with several changes the statements without their ids, and the ids in order. */
    static String withoutChoice(String script) {
        StringBuilder text = new StringBuilder();
        for (String step : SQL_STEP.split(script, -1)) {
            List<String> ids = new ArrayList<>();
            String bare = SQL_CHANGE.matcher(step).replaceAll(change -> {
                ids.addAll(SQL_ID.matcher(change.group())
                        .results()
                        .map(MatchResult::group)
                        .toList());
                return Matcher.quoteReplacement(SQL_ID.matcher(change.group()).replaceAll("?"));
            });
            boolean several = SQL_CHANGE.matcher(step).results().count() > 1;
            text.append(several ? bare + ids.stream().sorted().toList() : step);
        }
        return text.toString();
    }

    @Test
    void computesTheSameFacts() {
        int compared = 0;
        for (Object key : vectors.graphs().keySet()) {
            String name = String.valueOf(key);
            RevisionGraph graph = graphs.get(name);
            Part facts = vectors.graph(name).part("facts");
            if (graph != null && !facts.has("error")) {
                checkFacts(name, graph, facts);
                compared++;
            }
        }
        System.out.println("Alembic's recorded facts: the same for " + compared + " graphs");
    }

    private static void checkFacts(String name, RevisionGraph graph, Part facts) {
        assertThat(Scripts.strings(graph.heads())).as(name).isEqualTo(facts.strings("heads"));
        assertThat(Scripts.strings(graph.effectiveHeads())).as(name).isEqualTo(facts.strings("effective_heads"));
        assertThat(Scripts.strings(graph.bases())).as(name).isEqualTo(facts.strings("bases"));
        assertThat(Scripts.strings(graph.effectiveBases())).as(name).isEqualTo(facts.strings("effective_bases"));
        assertThat(Scripts.strings(graph.branchPoints()))
                .as(name)
                .containsExactlyInAnyOrderElementsOf(facts.strings("branch_points"));
        List<String> merges = new ArrayList<>(facts.strings("merge_points"));
        graph.revisions().stream()
                .filter(revision -> Set.copyOf(revision.downRevisions()).size()
                        < revision.downRevisions().size())
                .forEach(revision -> merges.remove(revision.id().value()));
        assertThat(Scripts.strings(graph.mergePoints())).as(name).containsExactlyInAnyOrderElementsOf(merges);
        Map<RevisionId, Set<String>> labels = graph.branchLabels();
        for (Revision revision : graph.revisions()) {
            RevisionId id = revision.id();
            assertThat(labels.get(id))
                    .as(name + " " + id)
                    .containsExactlyInAnyOrderElementsOf(facts.part("labels").strings(id.value()));
            assertThat(Scripts.strings(graph.dependencies(id)))
                    .as(name + " " + id)
                    .containsExactlyInAnyOrderElementsOf(
                            new TreeSet<>(facts.part("resolved_depends_on").strings(id.value())));
            if (facts.part("normalized_down").has(id.value())) {
                assertThat(Scripts.strings(graph.normalizedDown(id)))
                        .as(name + " " + id)
                        .containsExactlyInAnyOrderElementsOf(
                                facts.part("normalized_down").strings(id.value()));
            }
        }
    }

    @Test
    void refusesWhatAlembicRefusesToLoad() {
        for (Object key : vectors.graphs().keySet()) {
            String name = String.valueOf(key);
            Part graph = vectors.graph(name);
            if (graph.part("facts").has("error")) {
                assertThat(unsound.contains(name) || Deviation.namesAreRefused(graph))
                        .as(name)
                        .isTrue();
            }
        }
    }

    /** Whether Alembic's order depends on Python's hash seed. */
    private boolean severalDependencies(String name) {
        Part down = vectors.graph(name).part("facts").part("normalized_down");
        for (Revision revision : Vectors.revisions(vectors.graph(name))) {
            if (down.list(revision.id().value()).size()
                    > revision.downRevisions().size() + 1) {
                return true;
            }
        }
        return false;
    }

    private NaiveGraph naive(String name) {
        NaiveGraph naive = naiveGraphs.get(name);
        if (naive == null) {
            throw new IllegalArgumentException(name);
        }
        return naive;
    }

    private static List<String> without(List<String> list, String entry) {
        return list.stream().filter(other -> !other.equals(entry)).toList();
    }
}
