package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.model.Location;

/** Whatever a message of the server might repeat of a statement's literals is in the list. */
class LiteralsTest {
    @Test
    void areAsWrittenAndAsMeant() {
        assertThat(literals("SELECT 'a', E'b\\'', N'c', U&'d', x'1F', \"no\", 1 -- 'no'"))
                .containsOnly("a", "b\\'", "c", "d", "1F");
        assertThat(literals("SELECT 'it''s'")).containsExactly("it''s", "it's");
        assertThat(literals("SELECT ''")).containsOnly("");
        assertThat(literals("SELECT 1")).isEmpty();
    }

    /** The server quotes the literals within a body as well as the body itself. */
    @Test
    void bodyIsAWholeAndHasItsOwn() {
        assertThat(literals("DO $b$ SELECT 'a', $$c 'd'$$ $b$"))
                .containsOnly(" SELECT 'a', $$c 'd'$$ ", "a", "c 'd'", "d");
        assertThat(literals("DO 'SELECT ''a'', 1'")).contains("a");
        assertThat(literals("DO E'SELECT \\'a\\' '")).contains("a");
        assertThat(literals("SELECT $$it's$$, 'b'")).containsOnly("it's", "b");
    }

    @Test
    void backslashesCountAsTheSettingSays() {
        Statement old = new Statement("SELECT 'a\\'b'", new Location("s.sql", 1, 1), 0, 13, false);
        assertThat(Literals.of(old)).containsOnly("a\\'b");
        Statement body = new Statement("DO $$ 'a\\'b' $$", new Location("s.sql", 1, 1), 0, 15, false);
        assertThat(Literals.of(body)).contains(" 'a\\'b' ", "a\\'b");
    }

    /** No message repeats more of a value. */
    @Test
    void longOnesAreLeftOut() {
        String most = "x".repeat(4096);
        assertThat(literals("SELECT '" + most + "'")).containsExactly(most, most);
        assertThat(literals("SELECT 'x" + most + "', 'b'")).containsExactly("b", "b");
        assertThat(literals("DO $$ x := 'a'; " + " ".repeat(4096) + "$$")).containsExactly("a", "a");
    }

    private static List<String> literals(String sql) {
        return Literals.of(new Statement(sql, new Location("s.sql", 1, 1), 0, sql.length(), true));
    }
}
