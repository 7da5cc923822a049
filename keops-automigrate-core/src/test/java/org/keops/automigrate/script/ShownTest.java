package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.SourceLine;

/** What a person may see of a statement: its code, and of literals, comments and long numbers only that they are there. */
class ShownTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SELECT 'secret', a|SELECT '…', a",
                "SELECT E'sec\\'ret', N'secret', U&'secret', B'01'|SELECT E'…', N'…', U&'…', B'…'",
                "SELECT ''|SELECT ''",
                "SELECT $$secret$$, $q$se$$cret$q$|SELECT $$…$$, $q$…$q$",
                "SELECT a /* secret */ + b|SELECT a … … … + b",
                "SELECT a /*secret*//*secret*/+ b -- secret|SELECT a …+ b … …",
                "SELECT \"name\", 12345, 123456, 1.2345, $1|SELECT \"name\", 12345, …, …, $1",
                // the code of a block or of a function is shown, what it quotes is not
                "DO $$ BEGIN x := 'secret'; y(); END $$|DO $$ BEGIN x := '…'; y(); END $$",
                "DO ' x := ''secret''; y() '|DO ' x := ''…''; y() '",
                "DO E' x := \\'secret\\';\\ny() '|DO E' x := \\'…\\';\\ny() '",
                // a quote written as a number would hide where a literal begins
                "DO E' x := \\x27secret\\x27 '|DO E'…'",
                "DO E' x := \\047secret\\047 '|DO E'…'",
                "DO E' x := \\u0027secret\\U00000027 '|DO E'…'",
                "DO ' x := \\x27 '|DO ' x := \\x27 '",
                "CREATE FUNCTION f() RETURNS int AS $$ SELECT 'secret', 1 -- secret$$|CREATE FUNCTION f() RETURNS int AS $$ SELECT '…', 1 … …$$",
                "CREATE FUNCTION f(a text DEFAULT 'secret or not') RETURNS int AS 'SELECT 1'|CREATE FUNCTION f(a text DEFAULT '…') RETURNS int AS 'SELECT 1'",
                "DO LANGUAGE 'plpgsql' 'x()'|DO LANGUAGE '…' 'x()'",
                "DO U&' x := \\0027secret\\0027 '|DO U&'…'",
                // a word of the language may be a name
                "CREATE TABLE function (a text DEFAULT 'secret')|CREATE TABLE function (a text DEFAULT '…')",
                "CREATE TABLE t (function text DEFAULT 'secret')|CREATE TABLE t (function text DEFAULT '…')",
                // only what is the body is code, however short it is
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 'secret'; END|CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT '…'; END",
                "CREATE FUNCTION f() RETURNS text RETURN 'secret'|CREATE FUNCTION f() RETURNS text RETURN '…'",
                "CREATE FUNCTION f(a text = 'a secret') RETURNS int LANGUAGE 'sql' AS /* a */ $$ b $$|CREATE FUNCTION f(a text = '…') RETURNS int LANGUAGE '…' AS … … … $$ b $$",
                "CREATE FUNCTION f() RETURNS int AS ' a '  SET b = 'a longer secret'|CREATE FUNCTION f() RETURNS int AS ' a '  SET b = '…'",
                "DO LANGUAGE 'secret language' ' a '|DO LANGUAGE '…' ' a '",
                "CREATE VIEW v AS SELECT $$ secret $$|CREATE VIEW v AS SELECT $$…$$",
            })
    void isCodeWithoutItsLiterals(String sql, String shown) {
        assertThat(Shown.text(statement(sql))).isEqualTo(shown);
        SourceLine line = Objects.requireNonNull(Shown.line(statement(sql), 1));
        assertThat(line.text())
                .isEqualTo(
                        shown.substring(0, Math.min(shown.length(), line.text().length())));
    }

    /** The line that holds the position, and the caret under the very character, which is in brackets here. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`SELECT [a]`|`SELECT [a]`",
                "`[S]ELECT a`|`[S]ELECT a`",
                "`SELECT\\n [a],\\nb`|` [a],`",
                "`SELECT\\r [a],\\rb`|` [a],`",
                "`SELECT\\r\\n[a],\\r\\nb`|`[a],`",
                "`SELECT '𝒜é', \"𝒜\", [a]`|`SELECT '…', \"𝒜\", [a]`",
                "`SELECT [']secret', a`|`SELECT [']…', a`",
                "`SELECT '[s]ecret', a`|`SELECT '[…]', a`",
                "`SELECT 's[e]cret', a`|`SELECT '[…]', a`",
                "`SELECT 'secre[t]', a`|`SELECT '[…]', a`",
                "`SELECT 'secret['], a`|`SELECT '…['], a`",
                "`SELECT 'sec\\n[r]et', a`|`[…]', a`",
                "`SELECT 'se[c]\\nret', a`|`SELECT '[…]`",
            })
    void lineHasItsCaret(String marked, String shown) {
        String text = marked.replace("\\n", "\n").replace("\\r", "\r");
        int at = text.indexOf('[');
        String sql = text.substring(0, at) + text.substring(at + 1).replaceFirst("]", "");
        SourceLine line = Objects.requireNonNull(Shown.line(statement(sql), 1 + sql.codePointCount(0, at)));
        int caret = line.text().offsetByCodePoints(0, line.caret());
        assertThat(line.text().substring(0, caret) + "[" + line.text().charAt(caret) + "]"
                        + line.text().substring(caret + 1))
                .isEqualTo(shown);
    }

    @Test
    void backslashesCountAsTheSettingSays() {
        String sql = "DO ' x := \\'secret\\'; y() '";
        Statement old = new Statement(sql, new Location("s.sql", 1, 1), 0, sql.length(), false);
        assertThat(Shown.text(old)).isEqualTo("DO ' x := \\'…\\'; y() '");
    }

    @Test
    void placeOutsideIsTheNearestEnd() {
        assertThat(Shown.line(statement("SELECT a"), 0)).isEqualTo(new SourceLine("SELECT a", 0));
        assertThat(Shown.line(statement("SELECT a"), 99)).isEqualTo(new SourceLine("SELECT a", 8));
        assertThat(Shown.line(statement("SELECT '"), 9)).isEqualTo(new SourceLine("SELECT …", 8));
        assertThat(Shown.line(statement("SELECT a\n"), 10)).isEqualTo(new SourceLine("", 0));
    }

    @Test
    void longLineIsCutOnBothSides() {
        String sql = "SELECT " + "a, ".repeat(100) + "b" + " + c".repeat(100);
        int at = sql.indexOf('b');
        assertThat(Shown.line(statement(sql), at + 1))
                .isEqualTo(new SourceLine(sql.substring(at - 100, at + 100), 100));
    }

    @Test
    void longStatementIsNotShown() {
        String longest = "SELECT " + "a".repeat((1 << 20) - 7);
        assertThat(Shown.text(statement(longest))).isEqualTo(longest);
        assertThat(Shown.line(statement(longest), 1)).isNotNull();
        assertThat(Shown.text(statement(longest + "a"))).isNull();
        assertThat(Shown.line(statement(longest + "a"), 1)).isNull();
    }

    @Test
    void secretStatementIsNotShown() {
        Statement role = statement("ALTER ROLE r PASSWORD 'secret'");
        assertThat(Shown.text(role)).isNull();
        assertThat(Shown.line(role, 1)).isNull();
    }

    private static Statement statement(String sql) {
        return new Statement(sql, new Location("s.sql", 1, 1), 0, sql.length(), true);
    }
}
