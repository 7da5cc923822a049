package org.keops.automigrate.graph;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
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
            && Set.of("cant-locate", "multiple-heads").contains(deviant.recordedError())
            && deviant.outcome.equals(deviant.downgradeToWhatIsResolved())),
    /** Alembic takes {@code base-1} for the head. */
    BELOW_BASE(deviant -> deviant.is(Kind.WALKED_TOO_FAR) && deviant.target().matches("base-[1-9]\\d*")),
    /** Alembic ignores what follows a relative number. */
    TEXT_AFTER_A_NUMBER(
            deviant -> deviant.is(Kind.CANT_LOCATE) && deviant.target().matches(".*[+-]\\d+\\D.*")),
    /** Alembic records both, which breaks the next upgrade. */
    STAMP_OF_WHAT_IS_IMPLIED(deviant -> deviant.command("stamp") && deviant.is(Kind.OVERLAPPING_TARGETS)),
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
    /** Alembic fails on a lower end that lies below the base, if there are several heads to end at. */
    HISTORY_FROM_BELOW_BASE(deviant -> deviant.command("history")
            && deviant.outcome.error() == null
            && deviant.target().matches("-\\d+:")
            && deviant.outcome.revisions().size() == deviant.graph.revisions().size()),
    /** Alembic shows nothing if the branch is given by the prefix of an id. */
    HISTORY_OF_A_BRANCH(deviant -> deviant.command("history")
            && deviant.target().matches("[^:]+@[^:]+:.*")
            && deviant.recorded.part("expect").list("revisions").isEmpty()
            && deviant.outcome.revisions().size() > 1);

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
            return recorded.text("target");
        }

        List<String> start() {
            return recorded.strings("start");
        }

        Set<String> recordedRows() {
            return new TreeSet<>(recorded.part("expect").strings("rows"));
        }

        String recordedError() {
            return recorded.part("expect").part("error").text("kind");
        }

        Outcome downgradeToWhatIsResolved() {
            List<RevisionId> rows = Scripts.ids(start());
            return Outcome.stepping(
                    rows,
                    () -> graph.downgrade(
                            rows, graph.resolve(target()).iterator().next().value()));
        }

        Set<String> requested() {
            Set<String> requested = new TreeSet<>();
            recorded.strings("target").forEach(target -> requested.addAll(Scripts.strings(graph.resolve(target))));
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
            if (deviation.check.test(deviant)) {
                return deviation;
            }
        }
        return null;
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
