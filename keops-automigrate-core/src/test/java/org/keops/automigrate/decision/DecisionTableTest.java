package org.keops.automigrate.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keops.automigrate.model.WhenAhead.LEAVE_ALONE;
import static org.keops.automigrate.model.WhenAhead.REFUSE;
import static org.keops.automigrate.model.WhenUnversioned.refuse;
import static org.keops.automigrate.model.WhenUnversioned.stamp;
import static org.keops.automigrate.model.WhenUnversioned.stampHead;
import static org.keops.automigrate.model.WhenUnversioned.upgradeFromBase;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.keops.automigrate.graph.RevisionGraph;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.DatabaseState.CredentialsRejected;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.DatabaseState.Locked;
import org.keops.automigrate.model.DatabaseState.Offline;
import org.keops.automigrate.model.DatabaseState.Unversioned;
import org.keops.automigrate.model.DatabaseState.Versioned;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.TransactionMode;
import org.keops.automigrate.model.WhenAhead;
import org.keops.automigrate.model.WhenChanged;
import org.keops.automigrate.model.WhenUnversioned;

/**
 * The whole decision as a table. {@code docs/decision-table.md} is its rendering, approved by hand: after a change that is
 * meant, run this test with {@code -Dapprove=true} and read the difference.
 */
class DecisionTableTest {
    private static final Path APPROVED = Path.of(System.getProperty("project.root", ".."), "docs/decision-table.md");

    /** The scripts: a, then b and c beside each other, then their merge m. */
    private static final RevisionGraph GRAPH =
            RevisionGraph.of(List.of(revision("a"), revision("b", "a"), revision("c", "a"), revision("m", "b", "c")));

    private static final Failure FAILURE = new Failure(
            new Location("versions/m.sql", 7, 3),
            "relation \"x\" does not exist",
            "42P01",
            ids("b"),
            "rolled back to b");

    // ------------------------------------------------------------------------------------------------------------ rows

    static Stream<Row> rows() {
        return Stream.of(
                found("nobody answers", new Offline("refused")).leads("leave alone", "1 OFFLINE, not acceptable"),
                found("user or password refused", new CredentialsRejected("28P01"))
                        .leads("leave alone", "2 CREDENTIALS_REJECTED, not acceptable"),
                found("no version table", new Unversioned(false)).leads("stamp m", "3 UNVERSIONED, acceptable"),
                found("an empty version table", new Unversioned(true)).leads("stamp m", "3 UNVERSIONED, acceptable"),
                found("no version", new Unversioned(false))
                        .with(upgradeFromBase())
                        .leads("upgrade to m: a, c, b, m; then permissions", "5 BEHIND, acceptable"),
                found("no version", new Unversioned(false))
                        .with(stamp("b"))
                        .leads("stamp b, upgrade to m: c, m; then permissions", "5 BEHIND, acceptable"),
                found("no version", new Unversioned(false))
                        .with(stamp("m"))
                        .leads("stamp m", "3 UNVERSIONED, acceptable"),
                found("no version", new Unversioned(false))
                        .with(refuse())
                        .leads("leave alone", "3 UNVERSIONED, not acceptable"),
                found("at the latest, nothing lacks", versioned(false, "m"))
                        .leads("nothing to do", "4 AT_HEAD, acceptable"),
                found("at the latest, a permission lacks", versioned(true, "m"))
                        .leads("permissions", "4 AT_HEAD, acceptable"),
                found("behind", versioned(false, "a"))
                        .leads("upgrade to m: c, b, m; then permissions", "5 BEHIND, acceptable"),
                found("behind, on one branch", versioned(false, "b"))
                        .leads("upgrade to m: c, m; then permissions", "5 BEHIND, acceptable"),
                found("behind, on both branches", versioned(false, "b", "c"))
                        .leads("upgrade to m: m; then permissions", "5 BEHIND, acceptable"),
                found("behind, and a script fails", versioned(false, "b"))
                        .failing()
                        .leads("upgrade to m: c, m; then permissions", "8 FAILED, not acceptable"),
                found("a revision that no script has", versioned(true, "z"))
                        .leads("leave alone", "6 AHEAD, acceptable"),
                found("a revision that no script has, beside a known one", versioned(true, "a", "z"))
                        .leads("leave alone", "6 AHEAD, acceptable"),
                found("a revision that no script has", versioned(true, "z"))
                        .with(REFUSE)
                        .leads("leave alone", "6 AHEAD, not acceptable"),
                found("at the latest, an applied script was changed", versioned(false, "m"))
                        .changed(WhenChanged.WARN)
                        .leads("nothing to do", "4 AT_HEAD, acceptable"),
                found("at the latest, an applied script was changed", versioned(true, "m"))
                        .changed(WhenChanged.REFUSE)
                        .leads("leave alone", "7 INACCESSIBLE, not acceptable"),
                found("behind, an applied script was changed", versioned(false, "b"))
                        .changed(WhenChanged.WARN)
                        .leads("upgrade to m: c, m; then permissions", "5 BEHIND, acceptable"),
                found("behind, an applied script was changed", versioned(false, "b"))
                        .changed(WhenChanged.REFUSE)
                        .leads("leave alone", "7 INACCESSIBLE, not acceptable"),
                found("reachable, yet not usable", new Inaccessible(Obstacle.STANDBY, "a standby"))
                        .leads("leave alone", "7 INACCESSIBLE, not acceptable"),
                found("two rows, one the other's ancestor", versioned(false, "a", "b"))
                        .leads("leave alone", "7 INACCESSIBLE, not acceptable"),
                found("another instance keeps the lock", new Locked("process 7"))
                        .leads("leave alone", "9 LOCKED, not acceptable"),
                found("interrupted while nobody answers", new Offline("refused"))
                        .stopped()
                        .leads("leave alone", "10 INTERRUPTED, not acceptable"),
                found("interrupted while a script runs", versioned(false, "b"))
                        .failing()
                        .stopped()
                        .leads("upgrade to m: c, m; then permissions", "10 INTERRUPTED, not acceptable"),
                found("interrupted when it was done", versioned(false, "b"))
                        .stopped()
                        .leads("upgrade to m: c, m; then permissions", "5 BEHIND, acceptable"));
    }

    // ----------------------------------------------------------------------------------------------------------- tests

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void decidesAsTheTableSays(Row row) {
        assertThat(row.decided()).isEqualTo(row.decision);
        assertThat(row.concluded()).isEqualTo(row.outcome);
    }

    @Test
    void everyStateHasARow() {
        Set<Class<?>> withRows = rows().map(row -> row.state.getClass()).collect(Collectors.toSet());
        assertThat(withRows).containsExactlyInAnyOrder(DatabaseState.class.getPermittedSubclasses());
    }

    @Test
    void everyOutcomeHasARow() {
        Set<Class<?>> withRows = rows().map(row -> row.conclude().getClass()).collect(Collectors.toSet());
        assertThat(withRows)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Outcome.class.getPermittedSubclasses())
                        .filter(outcome -> !Outcome.ByHand.class.isAssignableFrom(outcome))
                        .toList());
        Set<Scenario> scenarios = rows().map(row -> row.conclude().scenario()).collect(Collectors.toSet());
        assertThat(scenarios).containsExactlyInAnyOrderElementsOf(EnumSet.complementOf(EnumSet.of(Scenario.BY_HAND)));
    }

    @Test
    void everyPolicyHasARow() {
        Set<Class<?>> unversioned =
                rows().map(row -> row.whenUnversioned.getClass()).collect(Collectors.toSet());
        assertThat(unversioned).containsExactlyInAnyOrder(WhenUnversioned.class.getPermittedSubclasses());
        Set<WhenAhead> ahead = rows().map(row -> row.whenAhead).collect(Collectors.toSet());
        assertThat(ahead).containsExactlyInAnyOrder(WhenAhead.values());
        Set<WhenChanged> changed =
                rows().map(row -> row.whenChanged).filter(Objects::nonNull).collect(Collectors.toSet());
        assertThat(changed).containsExactlyInAnyOrder(WhenChanged.values());
    }

    @Test
    void everyDecisionHasARow() {
        Set<Class<?>> withRows = rows().map(row -> row.decide().getClass()).collect(Collectors.toSet());
        assertThat(withRows)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Decision.class.getPermittedSubclasses())
                        .filter(decision -> decision != Decision.Perform.class)
                        .toList());
    }

    @Test
    void theDocumentIsThisTable() throws IOException {
        String rendered = render();
        if (Boolean.getBoolean("approve")) {
            Files.writeString(APPROVED, rendered);
        }
        assertThat(APPROVED).content().isEqualTo(rendered);
    }

    // ------------------------------------------------------------------------------------------------------- rendering

    private static String render() {
        StringBuilder text = new StringBuilder("""
                # The decision table

                What a boot finds, what it decides, and what its report says. The scripts in this table are `a`, then `b` and `c`
                beside each other, then their merge `m`. *Acceptable* means that `report.orElseThrow()` does not throw.

                Written by `DecisionTableTest` from the table that it tests; `-Dapprove=true` writes it anew.

                | found | recorded | policy | decision | report |
                | --- | --- | --- | --- | --- |
                """);
        rows().forEach(row -> text.append("| ")
                .append(String.join(" | ", row.name, row.recorded(), row.policy(), row.decision, row.outcome))
                .append(" |\n"));
        return text.append("""

                        In 1, 2, 6, 7 and 9 nothing is written. In 3 a stamp leaves the permissions as they are: a person is to look at the
                        schema. In 4 the lock is taken only if a permission lacks. In 8 and 10 the report says what is rolled back and what is committed.
                        """).toString();
    }

    // ---------------------------------------------------------------------------------------------------- making of
    // rows

    private static Row found(String name, DatabaseState state) {
        return new Row(name, state, stampHead(), LEAVE_ALONE, null, null, false, "", "");
    }

    private static Versioned versioned(boolean lacks, String... rows) {
        return new Versioned(ids(rows), lacks);
    }

    private static SortedSet<RevisionId> ids(String... ids) {
        return RevisionId.copyOf(Arrays.stream(ids).map(RevisionId::new).toList());
    }

    private static Revision revision(String id, String... down) {
        List<RevisionId> parents = Arrays.stream(down).map(RevisionId::new).toList();
        return new Revision(
                new RevisionId(id),
                parents,
                List.of(),
                List.of(),
                id,
                TransactionMode.AUTOMATIC,
                Location.of(id + ".sql"));
    }

    private record Row(
            String name,
            DatabaseState state,
            WhenUnversioned whenUnversioned,
            WhenAhead whenAhead,
            @Nullable WhenChanged whenChanged,
            @Nullable Failure failure,
            boolean interrupted,
            String decision,
            String outcome) {

        Row with(WhenUnversioned policy) {
            return new Row(name, state, policy, whenAhead, whenChanged, failure, interrupted, decision, outcome);
        }

        Row with(WhenAhead policy) {
            return new Row(name, state, whenUnversioned, policy, whenChanged, failure, interrupted, decision, outcome);
        }

        Row changed(WhenChanged policy) {
            return new Row(name, state, whenUnversioned, whenAhead, policy, failure, interrupted, decision, outcome);
        }

        Row failing() {
            return new Row(
                    name, state, whenUnversioned, whenAhead, whenChanged, FAILURE, interrupted, decision, outcome);
        }

        Row stopped() {
            return new Row(name, state, whenUnversioned, whenAhead, whenChanged, failure, true, decision, outcome);
        }

        Row leads(String toDecision, String toOutcome) {
            return new Row(
                    name, state, whenUnversioned, whenAhead, whenChanged, failure, interrupted, toDecision, toOutcome);
        }

        Decision decide() {
            Decision decided = DecisionTable.decide(state, GRAPH, new Policies(whenUnversioned, whenAhead));
            Problem changed = new Problem(Location.of("versions/b.sql"), "was changed");
            return whenChanged == null ? decided : DecisionTable.heeding(decided, List.of(changed), whenChanged);
        }

        Plan plan() {
            return new Planner(GRAPH, false).plan(decide(), Set.of());
        }

        Outcome conclude() {
            Outcome end = Conclusion.of(decide(), plan(), failure);
            return interrupted ? Conclusion.interrupted(end) : end;
        }

        String decided() {
            Decision decision = decide();
            if (decision instanceof Decision.LeaveAlone) {
                return "leave alone";
            }
            if (decision instanceof Decision.AtHead atHead) {
                return atHead.repairPermissions() ? "permissions" : "nothing to do";
            }
            return steps();
        }

        String concluded() {
            Outcome outcome = conclude();
            return outcome.scenario().number() + " " + outcome.scenario()
                    + (outcome.acceptable() ? ", acceptable" : ", not acceptable");
        }

        String recorded() {
            return state instanceof Versioned versioned ? RevisionId.show(versioned.rows()) : "–";
        }

        String policy() {
            if (state instanceof Unversioned) {
                return whenUnversioned instanceof WhenUnversioned.Stamp stamp
                        ? "stamp(\"" + stamp.revision() + "\")"
                        : nameOf(whenUnversioned) + "()";
            }
            if (whenChanged != null) {
                return "fingerprints(" + whenChanged + ")";
            }
            return state instanceof Versioned && name.startsWith("a revision") ? whenAhead.name() : "–";
        }

        private static String nameOf(WhenUnversioned policy) {
            String name = policy.getClass().getSimpleName();
            return Character.toLowerCase(name.charAt(0)) + name.substring(1);
        }

        private String steps() {
            Plan plan = plan();
            String stamps = "";
            Set<String> upgrades = new LinkedHashSet<>();
            for (Step step : plan.steps()) {
                if (step instanceof Step.Stamp stamp) {
                    stamps = "stamp " + RevisionId.show(stamp.rowsAfter());
                } else if (step instanceof Step.Upgrade upgrade) {
                    upgrades.add(upgrade.revision().id().value());
                }
            }
            if (upgrades.isEmpty()) {
                return stamps;
            }
            return (stamps.isEmpty() ? "" : stamps + ", ") + "upgrade to " + RevisionId.show(new TreeSet<>(plan.to()))
                    + ": " + String.join(", ", upgrades) + "; then permissions";
        }

        @Override
        public String toString() {
            return name + (policy().equals("–") ? "" : ", " + policy());
        }
    }
}
