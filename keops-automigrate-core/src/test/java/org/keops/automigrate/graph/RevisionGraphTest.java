package org.keops.automigrate.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.keops.automigrate.graph.Scripts.graph;
import static org.keops.automigrate.graph.Scripts.path;
import static org.keops.automigrate.graph.Scripts.rows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionException;
import org.keops.automigrate.model.RevisionException.Kind;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;

/** Path and rows together, as Alembic's own tests assert them: {@code tests/test_version_traversal.py}. */
class RevisionGraphTest {
    private static final RevisionGraph LINE = graph("aaaa", "bbbb < aaaa", "cccc < bbbb");
    private static final RevisionGraph FORK =
            graph("a", "b < a", "c1 < b # left", "d1 < c1", "c2 < b # right", "d2 < c2");
    private static final RevisionGraph MERGE = graph("a", "b1 < a", "b2 < a", "m < b1, b2", "n < m");
    private static final RevisionGraph TREES = graph("a1 # lib", "a2 < a1", "a3 < a2", "b1", "b2 < b1 + a2", "b3 < b2");

    private static List<RevisionId> recorded(String start) {
        return start.isEmpty() ? List.of() : rows(start.split(" ", -1));
    }

    private static void assertSteps(List<Step> steps, String start, String path, String rows) {
        assertThat(path(steps)).isEqualTo(path);
        assertThat(String.join(" ", Scripts.rowsAfter(recorded(start), steps))).isEqualTo(rows);
    }

    @ParameterizedTest
    @CsvSource(
            emptyValue = "",
            value = {
                // target, rows, steps, rows after
                "head,    '',   aaaa bbbb cccc, cccc",
                "bb,      '',   aaaa bbbb,      bbbb",
                "+1,      aaaa, bbbb,           bbbb",
                "+2,      '',   aaaa bbbb,      bbbb",
                "head-1,  aaaa, bbbb,           bbbb",
                "aaaa+2,  aaaa, bbbb cccc,      cccc",
                "aaaa,    cccc, '',             cccc",
                "base,    bbbb, '',             bbbb",
                "bbbb+0,  aaaa, bbbb,           bbbb",
            })
    void upgradesALine(String target, String start, String path, String rows) {
        assertSteps(LINE.upgrade(recorded(start), target), start, path, rows);
    }

    @ParameterizedTest
    @CsvSource(
            emptyValue = "",
            value = {
                "base,   cccc, cccc bbbb aaaa, ''",
                "-1,     cccc, cccc,           bbbb",
                "-3,     cccc, cccc bbbb aaaa, ''",
                "base+1, cccc, cccc bbbb,      aaaa",
                "head-2, cccc, cccc bbbb,      aaaa",
                "bbbb,   bbbb, '',             bbbb",
                "base,   '',   '',             ''",
            })
    void downgradesALine(String target, String start, String path, String rows) {
        assertSteps(LINE.downgrade(recorded(start), target), start, path, rows);
    }

    @ParameterizedTest
    @CsvSource(
            emptyValue = "",
            value = {
                "heads,      '',    a b c2 d2 c1 d1, d1 d2",
                "left@head,  '',    a b c1 d1,       d1",
                "left@+1,    b,     c1,              c1",
                "right@+1,   d1,    c2,              c2 d1",
                "right@+2,   d1,    c2 d2,           d1 d2",
                "c1@c1,      b,     c1,              c1",
                "left@head+0, '',   a b c1 d1,       d1",
                "left@head-0, b,    c1 d1,           d1",
            })
    void upgradesAFork(String target, String start, String path, String rows) {
        assertSteps(FORK.upgrade(recorded(start), target), start, path, rows);
    }

    @ParameterizedTest
    @CsvSource(
            emptyValue = "",
            value = {
                "b,        d1 d2, d1 c1 d2 c2, b",
                "left@b,   d1 d2, d1 c1,       d2",
                "left@-1,  d1 d2, d1,          c1 d2",
                "left@-3,  d1 d2, d1 c1 d2 c2 b, a",
                "c2,       d1 d2, d2,          c2 d1",
            })
    void downgradesAFork(String target, String start, String path, String rows) {
        assertSteps(FORK.downgrade(recorded(start), target), start, path, rows);
    }

    @Test
    void aRelativeTargetMayHaveAnyDigit() {
        RevisionGraph line = graph(
                "r0", "r1 < r0", "r2 < r1", "r3 < r2", "r4 < r3", "r5 < r4", "r6 < r5", "r7 < r6", "r8 < r7",
                "r9 < r8");
        assertThat(path(line.upgrade(List.of(), "+9"))).endsWith("r7 r8");
        assertThat(path(line.upgrade(List.of(), "+10"))).endsWith("r8 r9");
        assertThat(path(line.downgrade(rows("r9"), "-9"))).endsWith("r2 r1");
    }

    @Test
    void aGraphOfOneRevisionIsAtItsHead() {
        RevisionGraph one = graph("aaaa");
        assertThat(one.isAtHeads(rows("aaaa"))).isTrue();
        assertThat(one.isAtHeads(List.of())).isFalse();
    }

    @Test
    void aMergeMakesOneRowOfSeveralAndItsDowngradeSeveralOfOne() {
        List<Step> up = MERGE.upgrade(rows("b1", "b2"), "m");
        assertSteps(up, "b1 b2", "m", "m");
        assertThat(Scripts.changes(up.get(0))).containsExactly("D b1", "U b2 m");
        List<Step> down = MERGE.downgrade(rows("m"), "a");
        assertSteps(down, "m", "m b1 b2", "a");
        assertThat(Scripts.changes(down.get(0))).containsExactly("I b1", "U m b2");
        assertThat(Scripts.changes(down.get(1))).containsExactly("D b1");
        assertSteps(MERGE.upgrade(rows("b1"), "head"), "b1", "b2 m n", "n");
    }

    @Test
    void whatAnotherRevisionDependsOnHasNoRowOfItsOwn() {
        assertSteps(TREES.upgrade(rows(), "b2"), "", "a1 a2 b1 b2", "b2");
        assertSteps(TREES.upgrade(rows("b2"), "lib@+1"), "b2", "a3", "a3 b2");
        assertSteps(TREES.downgrade(rows("b3"), "b1"), "b3", "b3 b2", "a2 b1");
        assertSteps(TREES.downgrade(rows("a3", "b3"), "a1"), "a3 b3", "a3 b3 b2 a2", "a1 b1");
        assertThat(Scripts.strings(TREES.current(rows("b3")))).containsExactly("a2", "b3");
        assertThat(TREES.isAtHeads(rows("a3", "b3"))).isTrue();
        assertThat(TREES.isAtHeads(rows("b3"))).isFalse();
        assertThat(TREES.isAtHeads(rows("a3", "b3", "x"))).isFalse();
    }

    /** Alembic ends such an upgrade with a KeyError after the script has run. */
    @Test
    void mergesAlsoWhatDependsOnAnAncestorOfItsOwnParent() {
        RevisionGraph graph = graph("a", "b < a", "c", "m < b, c + a");
        assertSteps(graph.upgrade(rows("b", "c"), "m"), "b c", "m", "m");
        assertSteps(graph.downgrade(rows("m"), "b"), "m", "m", "b c");
    }

    @ParameterizedTest
    @CsvSource(
            emptyValue = "",
            value = {
                // targets, rows, changes, rows after
                "d1,         '',    I d1,        d1",
                "d1,         a,     U a d1,      d1",
                "b,          d1 d2, D d1;U d2 b, b",
                "heads,      a,     U a d1;I d2, d1 d2",
                "heads,      d1 c2, U c2 d2,     d1 d2",
                "c1 c2,      d1 d2, D d1;U d2 c1;I c2, c1 c2",
                "left@base,  d1 d2, D d1,        d2",
                "base,       d1 d2, D d1;D d2,   ''",
                "d1,         d1 d2, '',          d1 d2",
                "d1 d1,      '',    I d1,        d1",
            })
    void stamps(String targets, String start, String changes, String rows) {
        Step.Stamp stamp = FORK.stamp(recorded(start), List.of(targets.split(" ", -1)));
        assertThat(String.join(";", Scripts.changes(stamp))).isEqualTo(changes);
        assertSteps(List.of(), String.join(" ", Scripts.strings(stamp.rowsAfter())), "", rows);
        assertThat(String.join(" ", Scripts.rowsAfter(recorded(start), List.of(stamp))))
                .isEqualTo(rows);
    }

    @Test
    void aPurgeNeedsNotKnowTheRows() {
        assertThat(Scripts.changes(FORK.stampPurged(List.of("d1")))).containsExactly("PURGE", "I d1");
        assertThat(Scripts.changes(FORK.stampPurged(List.of()))).containsExactly("PURGE");
        assertThat(FORK.stampPurged(List.of()).rowsAfter()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            emptyValue = "",
            value = {
                ":,            '', d1 c1 d2 c2 b a",
                "b:d1,         '', d1 c1 b",
                "left:,        '', d1 c1",
                "right@b:,     '', d2 c2 b",
                "current:,     c1, d1 c1",
                ":current,     c1, c1 b a",
                "-1:d1,        '', NOT_A_RANGE",
                "d1:a,         '', NOT_A_RANGE",
                "d1,           '', HISTORY_RANGE_SYNTAX",
                "a:b:c1,       '', HISTORY_RANGE_SYNTAX",
                ":-1,          '', RELATIVE_TOO_FAR",
                ":+0,          '', RELATIVE_TOO_FAR",
                "b:+9,         '', AMBIGUOUS_WALK",
                "c1:+9,        '', d1 c1",
                ":current,     a b, OVERLAPPING_TARGETS",
                "current:,     a b, OVERLAPPING_TARGETS",
                "-9:,          '', d1 c1 d2 c2 b a",
                ":b-1,         '', a",
                ":b-2,         '', WALKED_TOO_FAR",
                ":base-1,      '', WALKED_TOO_FAR",
                "a:base-1,     '', WALKED_TOO_FAR",
            })
    void readsHistories(String range, String start, String expected) {
        String answer;
        try {
            List<Revision> history = FORK.history(range, recorded(start));
            answer = String.join(
                    " ", history.stream().map(revision -> revision.id().value()).toList());
        } catch (RevisionException e) {
            answer = e.kind().name();
        }
        assertThat(answer).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            emptyValue = "",
            value = {
                "up   | head       | ''    | MULTIPLE_HEADS      | d1,d2 | 'head' means one head, but there are several: 'd1', 'd2'; name one of them, or use 'heads' for all, or join them by a merge revision (`merge` creates it)",
                "up   | nosuch     | ''    | CANT_LOCATE         | ''    | can't locate 'nosuch': none of the 6 scripts has an id or a branch label that is or begins so",
                "up   | left@d2    | ''    | CANT_LOCATE         | d2    | can't locate 'd2' on branch 'left': revision 'd2' is not a member of it; leave the branch out or name one of its revisions",
                "up   | +1         | d1 d2 | AMBIGUOUS_UPGRADE   | d1,d2 | '+1' counts from one recorded revision, but there are several: 'd1', 'd2'; write 'branch@+1' or the revision to reach",
                "up   | +1         | b     | AMBIGUOUS_WALK      | c1,c2 | the relative target comes to a fork and may go on to 'c1', 'c2'; use 'branch@+1'",
                "up   | +1         | d1    | RELATIVE_TOO_FAR    | ''    | '+1' leaves the history after 0 of its steps",
                "up   | -1         | d1    | RELATIVE_TOO_FAR    | ''    | '-1' does not lead up from what is recorded; an upgrade takes '+1' or more",
                "up   | d1+1       | ''    | WALKED_TOO_FAR      | ''    | 'd1+1' leaves the history after 0 of its steps",
                "up   | a-1        | ''    | WALKED_TOO_FAR      | ''    | 'a-1' leaves the history after 1 of its steps",
                "up   | d1+9999999999 | '' | WALKED_TOO_FAR     | ''    | 'd1+9999999999' leaves the history after 0 of its steps",
                "down | a-999999999 | ''   | WALKED_TOO_FAR     | ''    | 'a-999999999' leaves the history after 1 of its steps",
                "up   | a@         | ''    | CANT_LOCATE         | ''    | 'a@' is not a target; write an id, a branch label, 'head', 'heads', 'base', 'branch@head' or '+1'",
                "up   | +          | ''    | CANT_LOCATE         | ''    | can't locate '+': none of the 6 scripts has an id or a branch label that is or begins so",
                "up   | a:b        | ''    | RANGE_NOT_ALLOWED   | ''    | 'a:b' is a range; one target is wanted here, as in 'head' or 'ae10+2'",
                "up   | @head      | ''    | CANT_LOCATE         | ''    | '@head' is not a target; write an id, a branch label, 'head', 'heads', 'base', 'branch@head' or '+1'",
                "up   | heads      | a b   | OVERLAPPING_ROWS    | b,a   | the version table records b and also its own ancestor a, which no upgrade leaves so; stamp the revision that the schema really is at",
                "up   | heads      | x     | UNKNOWN_ROW         | x     | the version table records 'x', which none of the 6 scripts has: a newer build was here, or a script is missing",
                "down | typo@base  | d1 d2 | CANT_LOCATE         | ''    | can't locate 'typo': none of the 6 scripts has an id or a branch label that is or begins so",
                "down | left@c2    | d1 d2 | CANT_LOCATE         | c2    | can't locate 'c2' on branch 'left': revision 'c2' is not a member of it; leave the branch out or name one of its revisions",
                "down | -1         | d1 d2 | AMBIGUOUS_DOWNGRADE | d1,d2 | '-1' counts from one recorded revision, but there are several: 'd1', 'd2'; write 'd1@-1' or the revision to go back to",
                "down | -1         | ''    | RELATIVE_TOO_FAR    | ''    | '-1' counts from a recorded revision, but there is none",
                "down | left@-1    | c2    | RELATIVE_TOO_FAR    | ''    | 'left@-1' counts from a recorded revision, but there is none on branch 'left'",
                "down | +1         | d1    | RELATIVE_TOO_FAR    | ''    | '+1' does not lead down from what is recorded; a downgrade takes '-1' or less",
                "down | -9         | d1    | RELATIVE_TOO_FAR    | ''    | '-9' leaves the history after 4 of its steps",
                "down | b-9        | d1    | WALKED_TOO_FAR      | ''    | 'b-9' leaves the history after 2 of its steps",
                "down | d2         | d1    | NOT_A_DOWNGRADE_TARGET | d2 | destination 'd2' is not a downgrade target: nothing recorded ('d1') stands on it",
                "stamp| d1 b       | ''    | OVERLAPPING_TARGETS | d1,b  | 'd1' implies 'b', so recording both would break the next upgrade; stamp only the first",
                "stamp| +1         | a     | CANT_LOCATE         | ''    | can't locate '+1': a stamp takes a revision, a label, 'head', 'heads' or 'base', nothing relative",
            })
    void refuses(String command, String target, String start, String kind, String revisions, String message) {
        RevisionException e = catchThrowableOfType(RevisionException.class, () -> {
            switch (command) {
                case "up" -> FORK.upgrade(recorded(start), target);
                case "down" -> FORK.downgrade(recorded(start), target);
                default -> FORK.stamp(recorded(start), List.of(target.split(" ", -1)));
            }
        });
        assertThat(e).isNotNull();
        assertThat(e.getMessage()).isEqualTo(message);
        assertThat(e.kind()).isEqualTo(Kind.valueOf(kind));
        assertThat(String.join(",", Scripts.strings(e.revisions()))).isEqualTo(revisions);
    }

    @Test
    void namesTheFirstFewOfAnAmbiguousPrefix() {
        RevisionException two = catchThrowableOfType(
                RevisionException.class, () -> graph("abc1", "abc2", "abc").upgrade(rows(), "ab"));
        assertThat(two).hasMessage("can't locate 'ab': several names begin so ('abc1', 'abc2'); write more of it");
        RevisionException four = catchThrowableOfType(
                RevisionException.class,
                () -> graph("abc1", "abc2", "abc3", "abc4").upgrade(rows(), "ab"));
        assertThat(four)
                .hasMessage(
                        "can't locate 'ab': several names begin so ('abc1', 'abc2', 'abc3', ...); write more of it");
    }

    /** Alembic's {@code _normalize_depends_on}: b4 needs a2 only because b2, below it, does. */
    @Test
    void aDependencyThatAnAncestorListsIsNotADirectOne() {
        RevisionGraph graph = graph("a1", "a2 < a1", "b1", "b2 < b1 + a2", "b3 < b2", "b4 < b3 + a2");
        assertThat(Scripts.strings(graph.normalizedDown(new RevisionId("b4")))).containsExactly("b3");
        assertThat(Scripts.strings(graph.normalizedDown(new RevisionId("b2")))).containsExactly("b1", "a2");
        assertThat(Scripts.strings(graph.dependencies(new RevisionId("b4")))).containsExactly("a2");
    }

    @Test
    void answersWhatItHolds() {
        assertThat(FORK.find(new RevisionId("c1"))).map(Revision::message).contains("doc of c1");
        assertThat(FORK.find(new RevisionId("left"))).isEmpty();
        assertThat(FORK.revisions()).hasSize(6);
        assertThat(Scripts.strings(FORK.ancestors(new RevisionId("c2")))).containsExactly("a", "b", "c2");
        assertThat(Scripts.strings(FORK.descendants(new RevisionId("c2")))).containsExactly("c2", "d2");
        assertThat(Scripts.strings(TREES.ancestors(new RevisionId("b2")))).containsExactly("a1", "a2", "b1", "b2");
        assertThat(Scripts.strings(TREES.descendants(new RevisionId("a2")))).containsExactly("a2", "a3", "b2", "b3");
        assertThat(Scripts.strings(TREES.lineage(new RevisionId("a2")))).containsExactly("a1", "a2", "a3");
        assertThat(Scripts.strings(TREES.applied(rows("b2")))).containsExactly("a1", "a2", "b1", "b2");
        assertThat(Scripts.strings(TREES.rowsOf(rows("a1", "a2", "b1", "b2")))).containsExactly("b2");
        assertThat(Scripts.strings(TREES.resolve("lib@-1"))).containsExactly("a2");
        assertThat(graph().upgrade(rows(), "head")).isEmpty();
    }

    /** They are words, whatever else begins so: {@code head@-1} must not mean a branch that is called "header". */
    @ParameterizedTest
    @CsvSource({"head@head", "heads@-1", "base@base", "head@+1"})
    void refusesAWordAsABranch(String target) {
        RevisionGraph graph = graph("aaaa # header", "bbbb < aaaa # heads_up", "cccc < bbbb # basement");
        for (String start : List.of("", "cccc")) {
            boolean up = target.contains("+");
            RevisionException refusal = catchThrowableOfType(
                    RevisionException.class,
                    () -> List.of(
                            up ? graph.upgrade(recorded(start), target) : graph.downgrade(recorded(start), target)));
            assertThat(refusal.kind()).as(target).isEqualTo(Kind.CANT_LOCATE);
            assertThat(refusal).hasMessageContaining("is not a branch");
        }
    }

    @ParameterizedTest
    @CsvSource({"base+0", "base-0", "aaaa@base+0"})
    void refusesToDropEverythingForZeroSteps(String target) {
        RevisionException refusal =
                catchThrowableOfType(RevisionException.class, () -> LINE.downgrade(recorded("cccc"), target));
        assertThat(refusal.kind()).isEqualTo(Kind.WALKED_TOO_FAR);
    }

    /** The rows make way in the order of the targets whose line they are on, then in their own. */
    @Test
    void stampsInTheOrderOfTheTargets() {
        RevisionGraph graph = graph("a", "b < a", "c1 < b", "c2 < b", "c3 < b", "x # lib", "d < c2, x");
        assertThat(Scripts.changes(graph.stamp(recorded("c1 x c3"), List.of("d", "b@base"))))
                .containsExactly("D x", "D c1", "U c3 d");
    }
}
