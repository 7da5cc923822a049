package org.keops.automigrate.graph;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.graph.Vectors.Part;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.RevisionRules;

/**
 * Where we differ from Alembic on purpose: the table of {@code docs/alembic-compatibility.md}. Each row says which recorded
 * cases it speaks of and what must come out of them instead.
 */
enum Deviation {
    /** Alembic warns, or does not notice; the graph is refused. */
    UNSOUND_SCRIPTS(deviant -> false),
    /** Names that the scripts' parser refuses, so that no such graph comes about. */
    REFUSED_NAMES(deviant -> namesAreRefused(deviant.scripts)),
    /** Alembic takes a shortened id, a label or {@code head} in the table for the revision that it means. */
    ROW_IS_NOT_AN_ID(deviant -> deviant.is(Kind.UNKNOWN_ROW)
            && !deviant.graph.revisions().stream()
                    .map(revision -> revision.id().value())
                    .toList()
                    .containsAll(deviant.start())),
    /** Alembic downgrades from rows of which one is an ancestor of the other. */
    OVERLAPPING_ROWS(deviant -> deviant.command("downgrade")
            && deviant.is(Kind.OVERLAPPING_ROWS)
            && deviant.naive.overlap(deviant.start())),
    /** Alembic counts from the row that the database happens to return first. */
    SEVERAL_ROWS_DOWN(deviant -> deviant.command("downgrade")
            && deviant.is(Kind.AMBIGUOUS_DOWNGRADE)
            && deviant.target().matches("-\\d+")
            && new HashSet<>(deviant.start()).size() > 1),
    /** Alembic does not look at the part before the {@code @} if there is one way only. */
    BRANCH_OF_A_DOWNGRADE(
            deviant -> deviant.command("downgrade") && deviant.is(Kind.CANT_LOCATE) && !deviant.targetIsOnItsBranch()),
    /** Alembic resolves the part after the {@code @} as if it stood alone, although the branch makes it unambiguous. */
    BRANCH_NARROWS_A_DOWNGRADE(deviant -> deviant.command("downgrade")
            && deviant.target().matches("[^@]+@[^+-]+")
            && (deviant.isNarrowed() || deviant.isHeadsOfItsBranch())),
    /** Alembic takes {@code base-1} for the head. */
    BELOW_BASE(deviant -> deviant.is(Kind.WALKED_TOO_FAR) && deviant.target().matches("(.*[:@])?base-0*[1-9]\\d*")),
    /** Alembic ignores what follows a relative number. */
    TEXT_AFTER_A_NUMBER(deviant -> deviant.is(Kind.CANT_LOCATE) && deviant.someTarget(".*[+-]\\d+\\D.*")),
    /** Alembic counts from a name only if it consists of letters, digits and underscores. */
    NUMBER_AFTER_ANY_NAME(deviant -> deviant.recordedError().equals("cant-locate")
            && deviant.target().matches("(.*@)?[^@]*[^\\w@][^@]*[+-]\\d+")
            && !deviant.is(Kind.CANT_LOCATE)),
    /** Alembic takes {@code @x} for {@code x}. */
    NOTHING_BEFORE_THE_AT(deviant -> deviant.is(Kind.CANT_LOCATE) && deviant.someTarget("@.*")),
    /** Alembic splits a downgrade's target at the last {@code @}, all others at the first. */
    SEVERAL_ATS(deviant -> deviant.is(Kind.CANT_LOCATE) && deviant.someTarget(".*@.*@.*")),
    /** Alembic takes the word for what it means as a target, sometimes. */
    BRANCH_IS_A_WORD(deviant -> deviant.is(Kind.CANT_LOCATE) && deviant.someTarget("(head|heads|base)@.*")),
    /** Alembic does not look at the branch where it can do without: {@code typo@base}, {@code typo@-1} of the heads. */
    UNKNOWN_BRANCH(deviant -> deviant.is(Kind.CANT_LOCATE) && deviant.someBranchIsUnknown()),
    /** Alembic's number may be surrounded by white space. */
    WHITE_SPACE(deviant ->
            deviant.is(Kind.CANT_LOCATE) && deviant.someTarget(".*\\s.*") && deviant.isRecordedWithoutWhiteSpace()),
    /** Alembic leaves, for a while or for good, a parent of a merge as a row although another row stands on it. */
    SUPERFLUOUS_ROW(deviant -> deviant.command("downgrade")
            && deviant.outcome.error() == null
            && deviant.recordedOverlap()
            && deviant.outcome.rows().equals(deviant.naive.rows(deviant.recordedRows()))),
    /** Alembic records both, which breaks the next upgrade. */
    STAMP_OF_WHAT_IS_IMPLIED(deviant -> deviant.command("stamp")
            && deviant.is(Kind.OVERLAPPING_TARGETS)
            && deviant.naive.overlap(deviant.requested())),
    /** Alembic loses a requested revision that is a row already when another one replaces the rows of its line. */
    STAMP_KEEPS_WHAT_IS_REQUESTED(deviant -> deviant.command("stamp")
            && deviant.outcome.error() == null
            && deviant.outcome.rows().containsAll(deviant.requested())
            && deviant.outcome.rows().containsAll(deviant.recordedRows())
            && !deviant.recordedRows().containsAll(deviant.requested())),
    /** Alembic compares with all heads, so that a head on which another depends is always missing. */
    AT_EFFECTIVE_HEADS(deviant -> deviant.recorded.flag("check_heads")
            && deviant.graph.isAtHeads(Scripts.ids(deviant.start()))
                    == new TreeSet<>(deviant.start())
                            .equals(new TreeSet<>(Scripts.strings(deviant.graph.effectiveHeads())))),
    /** Alembic fails on a lower end that lies below the base for one of several heads; that one does not count here. */
    HISTORY_FROM_BELOW_BASE(deviant -> deviant.command("history")
            && deviant.target().matches("([^@:]+@)?-\\d+:.*")
            && deviant.someHeadIsNearerToBase()
            && deviant.beginsWhereItCan()),
    /** Alembic takes {@code current} of an empty database for the heads. */
    HISTORY_OF_NOTHING(deviant -> deviant.command("history")
            && deviant.start().isEmpty()
            && deviant.target().endsWith(":current")
            && (deviant.outcome.error() == null
                    ? deviant.outcome.revisions().isEmpty()
                    : deviant.is(Kind.NOT_A_RANGE)
                            && !deviant.graph.resolve(deviant.lowerEnd()).isEmpty())),
    /** Alembic reads the word as what is recorded at one end only. */
    HISTORY_FROM_CURRENT_TO_CURRENT(deviant -> deviant.command("history")
            && deviant.target().equals("current:current")
            && deviant.outcome.error() == null
            && Set.copyOf(deviant.outcome.revisions()).equals(Set.copyOf(deviant.start()))),
    /** Alembic knows one start for a script that is written. */
    OFFLINE_FROM_SEVERAL(deviant -> deviant.recorded.flag("sql")
            && deviant.recordedError().equals("multiple-heads")
            && deviant.start().size() > 1),
    /** Alembic doubles a percent sign in a script that is written, so that the row names another revision. */
    OFFLINE_PERCENT(deviant -> deviant.recorded.flag("sql")
            && deviant.outcome.error() == null
            && AlembicVectorsTest.withoutChoice(deviant.recorded.part("expect").text("sql"))
                    .equals(AlembicVectorsTest.withoutChoice(
                            doubledPercent(OfflineSql.of(deviant.graph, deviant.recorded))))),
    /** Alembic says which heads there are, we say that there are several to count from. */
    HISTORY_COUNTED_FROM_SEVERAL(deviant -> deviant.command("history")
            && deviant.is(Kind.AMBIGUOUS_UPGRADE)
            && deviant.recordedError().equals("multiple-heads")
            && deviant.graph.resolve(deviant.lowerEnd()).size() > 1),
    /** Several targets are wrong, and the first one that Alembic finds is not the first one that we find. */
    SEVERAL_MISTAKES(deviant -> deviant.command("stamp")
            && deviant.mistakes().size() > 1
            && deviant.outcome.kind() == deviant.mistakes().get(0).kind()
            && deviant.mistakes().stream().skip(1).anyMatch(deviant::recordedIs)),
    /** Alembic takes a branch that is given by an id for the branch of its label, and by a prefix for nothing. */
    HISTORY_OF_A_BRANCH(deviant -> deviant.command("history")
            && deviant.outcome.error() == null
            && deviant.lowerEnd().matches("[^@]+@.+")
            && !deviant.isLabel(deviant.lowerEnd().split("@", -1)[0])
            && deviant.shownLieOnTheBranchOf(deviant.lowerEnd()));

    @SuppressWarnings("ImmutableEnumChecker") // the lambdas above capture nothing
    private final Predicate<Deviant> check;

    Deviation(Predicate<Deviant> check) {
        this.check = check;
    }

    /** A case that came out differently. */
    record Deviant(RevisionGraph graph, NaiveGraph naive, Part scripts, Part recorded, Outcome outcome) {
        boolean is(Kind kind) {
            return outcome.kind() == kind;
        }

        boolean command(String command) {
            return recorded.text("command").equals(command);
        }

        String target() {
            return Outcome.target(recorded);
        }

        /** The targets of a stamp, both ends of a history or of an offline command, or the only target. */
        List<String> targets() {
            return command("stamp")
                    ? recorded.strings("target")
                    : List.of(recorded.text("target").split(":", -1));
        }

        boolean someTarget(String regex) {
            return targets().stream().anyMatch(target -> target.matches(regex));
        }

        boolean someBranchIsUnknown() {
            return someTarget(".+@.*")
                    && targets().stream().filter(target -> target.contains("@")).anyMatch(target -> {
                        String branch = target.substring(0, target.indexOf('@'));
                        return Outcome.stepping(List.of(), () -> graph.upgrade(List.of(), branch))
                                        .kind()
                                == Kind.CANT_LOCATE;
                    });
        }

        List<String> start() {
            return recorded.flag("sql")
                    ? Scripts.strings(graph.resolve(Outcome.from(recorded)))
                    : recorded.strings("start");
        }

        boolean recordedOverlap() {
            Part expect = recorded.part("expect");
            return naive.overlap(recordedRows())
                    || expect.lists("trace").stream().anyMatch(naive::overlap);
        }

        Set<String> recordedRows() {
            return new TreeSet<>(recorded.part("expect").strings("rows"));
        }

        String recordedError() {
            return recorded.part("expect").part("error").text("kind");
        }

        String lowerEnd() {
            return target().split(":", -1)[0];
        }

        /** Whether the number of the lower end leads from some effective head to base or past it. */
        boolean someHeadIsNearerToBase() {
            long number = Long.parseLong(lowerEnd().substring(lowerEnd().indexOf('-') + 1));
            return graph.effectiveHeads().stream().anyMatch(head -> stepsToBase(head) <= number);
        }

        private int stepsToBase(RevisionId head) {
            List<RevisionId> down = graph.find(head).orElseThrow().downRevisions();
            return down.isEmpty() ? 1 : down.size() > 1 ? Integer.MAX_VALUE / 2 : 1 + stepsToBase(down.get(0));
        }

        /** Whether what is shown stands on what the lower end still means, or is refused because that overlaps. */
        boolean beginsWhereItCan() {
            Set<RevisionId> lower = graph.resolve(lowerEnd());
            if (outcome.error() != null) {
                return is(Kind.OVERLAPPING_TARGETS) && naive.overlap(Scripts.strings(lower));
            }
            Set<RevisionId> above = new HashSet<>();
            lower.forEach(one -> above.addAll(graph.descendants(one)));
            return lower.isEmpty()
                    ? outcome.sameAs(
                            Outcome.of(graph, recorded.with("target", target().substring(target().indexOf(':')))))
                    : above.containsAll(Scripts.ids(outcome.revisions()));
        }

        boolean isLabel(String name) {
            return graph.revisions().stream()
                    .anyMatch(revision -> revision.branchLabels().contains(name));
        }

        boolean shownLieOnTheBranchOf(String lowerEnd) {
            RevisionId branch =
                    graph.resolve(lowerEnd.split("@", -1)[0]).iterator().next();
            Set<RevisionId> onIt = new HashSet<>();
            graph.lineage(branch).forEach(member -> onIt.addAll(graph.ancestors(member)));
            return onIt.containsAll(Scripts.ids(outcome.revisions()));
        }

        boolean recordedIs(Outcome refusal) {
            return AlembicVectorsTest.isRecorded(graph, recorded, refusal.kind());
        }

        /** What is wrong with each target of a stamp by itself, in the order in which they are written. */
        List<Outcome> mistakes() {
            return recorded.strings("target").stream()
                    .map(target -> Outcome.of(graph, recorded.with("target", List.of(target))))
                    .filter(alone -> alone.error() != null)
                    .toList();
        }

        /** Whether the part behind the {@code @} names nothing, or several, where it stands alone. */
        boolean isAmbiguousWithoutItsBranch() {
            Outcome alone = resolved(target().substring(target().indexOf('@') + 1));
            return alone.error() != null || alone.revisions().size() > 1;
        }

        boolean isNarrowed() {
            return Set.of("cant-locate", "multiple-heads").contains(recordedError())
                    && isAmbiguousWithoutItsBranch()
                    && outcome.sameAs(downgradeToWhatIsResolved());
        }

        /** Whether Alembic took {@code branch@heads} for {@code heads}. */
        boolean isHeadsOfItsBranch() {
            String text = recorded.text("target");
            boolean narrowed = target().endsWith("@heads")
                    && (graph.resolve(target()).size() > 1
                            ? is(Kind.MULTIPLE_HEADS)
                            : outcome.sameAs(downgradeToWhatIsResolved()));
            return narrowed && isRecordedOf(text.substring(0, text.length() - target().length()) + "heads");
        }

        /** Whether Alembic did what the same command means with another target. */
        private boolean isRecordedOf(Object target) {
            Part other = recorded.with("target", target);
            Outcome meant = Outcome.of(graph, other);
            if (!recordedError().isEmpty() || meant.error() != null) {
                return recordedIs(meant);
            }
            return recorded.flag("sql")
                    ? OfflineSql.of(graph, other).equals(recorded.part("expect").text("sql"))
                    : meant.rows().equals(recordedRows());
        }

        private Outcome resolved(String name) {
            return Outcome.of(
                    graph,
                    recorded.with("command", "resolve").with("sql", false).with("target", name));
        }

        /** Whether Alembic did what the same command means when nothing surrounds the number. */
        boolean isRecordedWithoutWhiteSpace() {
            Object bare = command("stamp")
                    ? targets().stream()
                            .map(target -> target.replaceAll("\\s", ""))
                            .toList()
                    : recorded.text("target").replaceAll("\\s", "");
            return isRecordedOf(bare) || recordedIs(resolved(String.valueOf(bare)));
        }

        Outcome downgradeToWhatIsResolved() {
            List<RevisionId> rows = Scripts.ids(start());
            return Outcome.stepping(rows, () -> {
                Set<RevisionId> resolved = graph.resolve(target());
                String branch = target().substring(0, target().indexOf('@') + 1);
                return graph.downgrade(
                        rows,
                        branch
                                + (resolved.isEmpty()
                                        ? "base"
                                        : resolved.iterator().next().value()));
            });
        }

        Set<String> requested() {
            Set<String> requested = new TreeSet<>();
            recorded.strings("target").stream()
                    .map(target -> recorded.flag("sql") ? target.substring(target.indexOf(':') + 1) : target)
                    .forEach(target -> requested.addAll(Scripts.strings(graph.resolve(target))));
            return requested;
        }

        boolean targetIsOnItsBranch() {
            int at = target().indexOf('@');
            if (at < 0) {
                return true;
            }
            if (Set.of("head", "heads", "base").contains(target().substring(0, at))) {
                return false;
            }
            try {
                RevisionId branch =
                        graph.resolve(target().substring(0, at)).iterator().next();
                Set<RevisionId> named = graph.resolve(target().substring(at + 1));
                return graph.lineage(branch).containsAll(named);
            } catch (RevisionException | java.util.NoSuchElementException e) {
                return false;
            }
        }
    }

    static @Nullable Deviation of(Deviant deviant) {
        for (Deviation deviation : values()) {
            if (deviation.speaksOf(deviant)) {
                return deviation;
            }
        }
        return null;
    }

    /** A row that rests on what a target means does not speak of a target that means nothing. */
    private boolean speaksOf(Deviant deviant) {
        try {
            return check.test(deviant);
        } catch (RevisionException e) {
            return false;
        }
    }

    /** As Alembic writes it: doubled in its own statements, not in the comments between them. */
    private static String doubledPercent(String script) {
        return script.lines()
                .map(line -> (line.matches("(INSERT|UPDATE|DELETE) .*") ? line.replace("%", "%%") : line) + "\n")
                .collect(Collectors.joining());
    }

    static boolean namesAreRefused(Part scripts) {
        for (Revision revision : Vectors.revisions(scripts)) {
            if (RevisionRules.problemWithId(revision.id().value()).isPresent()
                    || revision.branchLabels().stream()
                            .anyMatch(label ->
                                    RevisionRules.problemWithLabel(label).isPresent())) {
                return true;
            }
        }
        return false;
    }
}
