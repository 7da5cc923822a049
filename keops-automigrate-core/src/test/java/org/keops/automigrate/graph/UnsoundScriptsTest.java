package org.keops.automigrate.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.UnsoundScriptsException;

class UnsoundScriptsTest {

    private static List<String> problems(String... lines) {
        UnsoundScriptsException e =
                catchThrowableOfType(UnsoundScriptsException.class, () -> RevisionGraph.of(Scripts.revisions(lines)));
        return e == null
                ? List.of()
                : e.problems().stream().map(Problem::toString).toList();
    }

    @Test
    void listsEveryProblemAtOnce() {
        UnsoundScriptsException e = catchThrowableOfType(
                UnsoundScriptsException.class,
                () -> RevisionGraph.of(Scripts.revisions(
                        "a # x", "b < nosuch", "b < a", "c < a + gone # x", "d < d", "e < x + e", "f < a # f, a")));
        assertThat(e).hasMessage("""
                the scripts have 9 problems:
                2_b.sql: revision id 'b' is already used by 1_b.sql; give one of the two another id
                3_c.sql: branch label 'x' of revision 'c' is already used by revision 'a' (0_a.sql); ids and labels share one namespace
                6_f.sql: branch label 'f' of revision 'f' is the id of revision 'f' (6_f.sql); ids and labels share one namespace
                6_f.sql: branch label 'a' of revision 'f' is the id of revision 'a' (0_a.sql); ids and labels share one namespace
                1_b.sql: revision 'b' names 'nosuch' in Revises, but there is no such script among the 7; add the missing script or correct the name
                3_c.sql: revision 'c' names 'gone' in Depends On, but there is no such script among the 7; add the missing script or correct the name
                4_d.sql: revision 'd' revises itself
                5_e.sql: revision 'e' names the branch label 'x' in Revises, which takes ids only; that revision's id is 'a' (0_a.sql)
                5_e.sql: revision 'e' depends on itself, by the name 'e'
                """.strip());
    }

    @Test
    void namesACycleInOrderWithoutItsNeighbours() {
        assertThat(problems("a", "b < a, d", "c < b", "d < c", "e < d", "f"))
                .containsExactly("1_b.sql: cycle: 'b' revises 'd' (3_d.sql) revises 'c' (2_c.sql) revises 'b';"
                        + " a revision can stand only on older ones, remove one of these references");
    }

    @Test
    void seesCyclesThroughDependenciesAndEveryKnot() {
        assertThat(problems("a1", "a2 < a1 + b2", "b1", "b2 < b1 + a2", "c < b2", "x < z", "y < x", "z < y, c"))
                .containsExactly(
                        "1_a2.sql: cycle: 'a2' depends on 'b2' (3_b2.sql) depends on 'a2';"
                                + " a revision can stand only on older ones, remove one of these references",
                        "5_x.sql: cycle: 'x' revises 'z' (7_z.sql) revises 'y' (6_y.sql) revises 'x';"
                                + " a revision can stand only on older ones, remove one of these references");
    }

    @Test
    void seesAKnotThatStandsOnAnother() {
        assertThat(problems("top < y", "x < y", "y < x, b", "a < b", "b < a", "bottom"))
                .containsExactly(
                        "1_x.sql: cycle: 'x' revises 'y' (2_y.sql) revises 'x';"
                                + " a revision can stand only on older ones, remove one of these references",
                        "3_a.sql: cycle: 'a' revises 'b' (4_b.sql) revises 'a';"
                                + " a revision can stand only on older ones, remove one of these references");
    }

    @Test
    void seesADependencyOnItselfByItsLabel() {
        assertThat(problems("a", "b < a + me # me"))
                .containsExactly("1_b.sql: revision 'b' depends on itself, by the name 'me'");
    }

    @Test
    void acceptsAParentWrittenTwice() {
        assertThat(problems("a", "b < a, a")).isEmpty();
    }
}
