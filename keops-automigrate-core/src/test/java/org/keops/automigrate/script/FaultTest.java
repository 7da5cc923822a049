package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.keops.automigrate.model.Location;

/**
 * The token that a server means, marked with {@code ⟦} before it, from its own words: what PostgreSQL 18 answered was
 * written down here; {@code BrokenScriptsTest} asks a server.
 */
class FaultTest {
    private static final String MARK = "⟦";
    private static final String BLOCK = "PL/pgSQL function inline_code_block ";

    static Stream<Arguments> innerQueries() {
        String plain = "INSERT INTO nosuch VALUES ('é')";
        return Stream.of(
                of("DO $$\nBEGIN\n  PERFORM 1;\n  INSERT INTO ⟦nosuch VALUES ('é');\nEND $$", plain, 13, 4),
                of("DO $b$BEGIN INSERT INTO ⟦nosuch VALUES ('é'); END $b$", plain, 13, 1),
                // the line before holds the same statement, which did not fail
                of("DO $$\nBEGIN\nPERFORM x;\nPERFORM ⟦x;\nEND $$", "SELECT x", 8, 4),
                of(
                        "DO $$\nDECLARE x int;\nBEGIN\n  SELECT i INTO x\n    FROM there WHERE ⟦nosuch = 1;\nEND $$",
                        "SELECT i            FROM there WHERE nosuch = 1",
                        38,
                        4),
                of(
                        "DO $$\nBEGIN\n  PERFORM 'é𝒜', ⟦nosuch FROM there;\nEND $$",
                        "SELECT 'é𝒜', nosuch FROM there",
                        14,
                        3),
                of("DO $$ DECLARE x int; BEGIN x := 1 + ⟦nosuch; END $$", "x := 1 + nosuch", 10, 1),
                of("DO $$ DECLARE x int; BEGIN x := 1 + ⟦nosuch; END $$", "SELECT 1 + nosuch", 12, 1), // 13
                of("DO $$\nBEGIN\n  EXECUTE 'SELECT ⟦nosuch FROM there';\nEND $$", "SELECT nosuch FROM there", 8, 3),
                of("DO $$\nBEGIN\n  EXECUTE 'SELECT ' || '⟦nosuch';\nEND $$", "SELECT nosuch", 8, 3),
                // what is not in the script as it stands: the line then
                of("DO $$\nBEGIN\n \t⟦EXECUTE 'SELECT no' || 'such';\nEND $$", "SELECT nosuch", 8, 3),
                // PERFORM with anything behind it: the rest is kept as it stands
                of("DO $$ BEGIN\n  PERFORM\n    ⟦nosuch FROM there;\nEND $$", "SELECT\n    nosuch FROM there", 12, 2),
                of("DO $$ BEGIN\n  PERFORM\t⟦nosuch FROM there;\nEND $$", "SELECT\tnosuch FROM there", 8, 2),
                of("DO $$ BEGIN\n  PERFORM/**/⟦nosuch FROM there;\nEND $$", "SELECT/**/nosuch FROM there", 11, 2),
                // nothing before or behind
                of("DO $$INSERT INTO ⟦nosuch$$", "INSERT INTO nosuch", 13, 1),
                of("DO $$⟦nosuch$$", "SELECT nosuch", 8, 1),
                of("DO $$\n ⟦EXECUTE x $$", "SELECT", 7, 2),
                // quotes and escapes of the body around it
                of("DO '\nBEGIN\n  PERFORM ''a'', ''b'';\n  PERFORM ⟦nosuch;\nEND'", "SELECT nosuch", 8, 4),
                of("DO 'BEGIN\n  PERFORM ''a'', ⟦nosuch;\nEND'", "SELECT 'a', nosuch", 13, 2),
                of("DO E'BEGIN\\n\\r\\t\\b\\f\\y PERFORM \\'a\\', ⟦nosuch;\\nEND'", "SELECT 'a', nosuch", 13, 2),
                of("DO e'BEGIN\nPERFORM ''\\'\\\\'', ⟦nosuch; END'", "SELECT ''\\', nosuch", 14, 2));
    }

    @ParameterizedTest
    @MethodSource("innerQueries")
    void innerQueryIsFoundInTheBody(String marked, String query, int position, int line) {
        assertPlace(
                marked,
                new Fault("42703", "no such thing", 0, query, position, BLOCK + "line " + line + " at PERFORM"));
    }

    static Stream<Arguments> contexts() {
        String division = "SQL statement \"SELECT 1/0\"\n" + BLOCK;
        return Stream.of(
                of("DO $$\nBEGIN\n  PERFORM 2;\n  PERFORM ⟦1/0;\nEND $$", division + "line 4 at PERFORM"),
                of("DO $$ BEGIN\n PERFORM 2; PERFORM ⟦1/0;\nEND $$", division + "line 2 at PERFORM"),
                of(
                        "DO $$ BEGIN\n  IF ⟦1/0 = 1 THEN PERFORM 1; END IF;\nEND $$",
                        "PL/pgSQL expression \"1/0 = 1\"\n" + BLOCK + "line 2 at IF"),
                of(
                        "DO $$\nBEGIN\n  ⟦INSERT INTO there VALUES (1, 'x');\nEND $$",
                        "SQL statement \"INSERT INTO there VALUES (1, 'x')\"\n" + BLOCK + "line 3 at SQL statement"),
                of(
                        "DO $$\nBEGIN\n  PERFORM ⟦fails();\nEND $$",
                        "PL/pgSQL expression \"1/0\"\nPL/pgSQL function fails() line 2 at RETURN\n"
                                + "SQL statement \"SELECT fails()\"\n" + BLOCK + "line 3 at PERFORM"),
                of(
                        "DO $$ BEGIN\n  EXECUTE '⟦SELECT \"a\"\n FROM there';\nEND $$",
                        "SQL statement \"SELECT \"a\"\n FROM there\"\n" + BLOCK + "line 2 at EXECUTE"),
                of(
                        "DO $$ BEGIN\n  ⟦EXECUTE 'SELECT 1/0' || ' FROM there';\nEND $$",
                        "SQL statement \"SELECT 1/0 FROM there\"\n" + BLOCK + "line 2 at EXECUTE"),
                // no inner statement: the keyword that the line is said to be at
                of("DO $$\nBEGIN\n  PERFORM 1; ⟦RAISE EXCEPTION 'no';\nEND $$", BLOCK + "line 3 at RAISE"),
                of("DO $$ BEGIN xraise(); ⟦raise EXCEPTION 'no'; END $$", BLOCK + "line 1 at RAISE"),
                of("DO $$ BEGIN\n RAISE NOTICE 'a';\n  ⟦\n END $$", BLOCK + "line 3 at RAISE"),
                of(
                        "DO $$ DECLARE\n  ⟦x int NOT NULL := NULL;\nBEGIN\nEND $$",
                        BLOCK + "line 2 during statement block local variable initialization"),
                of("DO $$\n\u2003\t⟦x\nEND $$", BLOCK + "line 2 at SQL statement"),
                of("DO $q$⟦x$q$", BLOCK + "line 1 at SQL statement"),
                of("DO $$\nx\n ⟦$$", BLOCK + "line 3 at SQL statement"),
                of("DO $$\nx\n⟦END $$", BLOCK + "line 9 at SQL statement"), // there is no such line: the last
                // other languages have other words, other marks and the same order
                of(
                        "DO $$\nBEGIN\n  PERFORM ⟦1/0;\nEND $$",
                        "SQL-Anweisung »SELECT 1/0«\nPL/pgSQL-Funktion inline_code_block Zeile 3 bei PERFORM"),
                of(
                        "DO $$\nBEGIN\n  PERFORM ⟦1/0;\nEND $$",
                        "instruction SQL « SELECT 1/0 »\nfonction PL/pgSQL inline_code_block, ligne 3 à PERFORM"),
                of(
                        "DO $$\nBEGIN\n  PERFORM ⟦1/0;\nEND $$",
                        "SQL-оператор: \"SELECT 1/0\"\nфункция PL/pgSQL inline_code_block, строка 3, оператор PERFORM"),
                of(
                        "DO $$\nBEGIN\n  PERFORM 1; ⟦RAISE EXCEPTION 'no';\nEND $$",
                        "PL/pgSQL-Funktion inline_code_block Zeile 3 bei RAISE"));
    }

    @ParameterizedTest
    @MethodSource("contexts")
    void contextTellsWhereElseNothingDoes(String marked, String context) {
        assertPlace(marked, new Fault("42703", "division by zero", 0, null, 0, context));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`ALTER TABLE there\\n  ALTER COLUMN ⟦nosuch DROP NOT NULL`|column \"nosuch\" of relation \"there\" does not exist",
                "ALTER TABLE ⟦nosuch ADD nosuch int|relation \"nosuch\" does not exist",
                "ALTER TABLE ⟦public.\"NoSuch\" ADD COLUMN x int|relation \"public.NoSuch\" does not exist",
                "ALTER TABLE public.⟦nosuch ADD COLUMN x int|relation \"nosuch\" does not exist",
                "ALTER TABLE a.⟦b.nosuch ADD COLUMN x int|relation \"b.nosuch\" does not exist",
                "ALTER TABLE a . /* x */ ⟦b ADD x int|relation \"b\" does not exist",
                "DROP TABLE a, ⟦b.a|table \"b.a\" does not exist",
                "GRANT SELECT ON there TO ⟦NoSuch|role \"nosuch\" does not exist",
                "SELECT 'nosuch', '𝒜é'; GRANT SELECT ON there TO ⟦nosuch|role \"nosuch\" does not exist",
                "DROP FUNCTION ⟦nosuch(int)|function nosuch(integer) does not exist",
                "DROP FUNCTION ⟦public.nosuch(int)|function public.nosuch(integer) does not exist",
                "⟦DROP FUNCTION nosuch|nosuch(integer)",
                "⟦DROP FUNCTION nosuch|no (such)",
                "⟦SELECT fails()|division by zero",
                "⟦SELECT fails()|division (by zero)",
                "⟦SELECT fails()|half of a \" mark",
                "⟦DROP OPERATOR === (int, int)|operator does not exist: integer === integer",
                "DROP TABLE ⟦nosuch|Tabelle »nosuch« existiert nicht",
                "DROP TABLE ⟦nosuch|la table « nosuch » n'existe pas",
                "DROP TABLE ⟦nosuch|„nosuch“ nie istnieje",
            })
    void nameInTheMessageTells(String marked, String message) {
        assertPlace(marked.replace("\\n", "\n"), new Fault("42703", message, 0, null, 0, null));
    }

    @Test
    void positionOfTheServerIsTheLastWord() {
        Statement statement = statement("ALTER TABLE nosuch ADD x nosuch");
        assertThat(new Fault("42703", "type \"nosuch\" does not exist", 26, null, 0, null).positionIn(statement))
                .isEqualTo(26);
    }

    @Test
    void oneStatementIsTooLongToBeSearched() {
        String filler = " ".repeat((1 << 20) - "DROP TABLE nosuch".length());
        Fault fault = new Fault("42703", "table \"nosuch\" does not exist", 0, null, 0, null);
        assertThat(fault.positionIn(statement("DROP TABLE " + filler + "nosuch")))
                .isEqualTo(12 + filler.length());
        assertThat(fault.positionIn(statement("DROP TABLE  " + filler + "nosuch")))
                .isEqualTo(1);
    }

    /** What its message quotes may be a variable of the block. */
    @Test
    void nameInTheMessageIsNotLookedForInABlock() {
        Fault fault = new Fault("42703", "record \"r\" has no field \"nosuch\"", 0, null, 0, null);
        assertThat(fault.positionIn(statement("DO LANGUAGE plpgsql $$ r.nosuch $$")))
                .isEqualTo(1);
        fault = new Fault("42703", "language \"nosuch\" does not exist", 0, null, 0, null);
        assertThat(fault.positionIn(statement("DO LANGUAGE nosuch $$ $$"))).isEqualTo(13); // outside of it
    }

    @Test
    void codeIsTheStringThatTheServerTakesForIt() {
        String context = BLOCK + "line 2 at SQL statement";
        assertPlace("DO 'a\n⟦b' LANGUAGE 'sql'", new Fault("42703", "", 0, null, 0, context));
        assertPlace("DO LANGUAGE 'sql' 'a\n⟦bcde'", new Fault("42703", "", 0, null, 0, context));
        assertPlace("⟦CREATE TABLE function (a text DEFAULT 'a\nb')", new Fault("42703", "", 0, null, 0, context));
        assertPlace("⟦CREATE OR REPLACE VIEW procedure AS SELECT 'a\nb'", new Fault("42703", "", 0, null, 0, context));
        assertPlace("⟦SELECT 'a\nb'", new Fault("42703", "", 0, null, 0, context));
        assertPlace("⟦CREATE TABLE t (a text DEFAULT 'a\nb')", new Fault("42703", "", 0, null, 0, context));
        assertPlace("CREATE OR REPLACE PROCEDURE p() AS 'a\n⟦b'", new Fault("42703", "", 0, null, 0, context));
        assertPlace(
                "CREATE FUNCTION p(a text DEFAULT 'longer\nthan the code') AS 'a\n⟦b'",
                new Fault("42703", "", 0, null, 0, context));
        assertPlace("⟦CREATE FUNCTION p() AS U&'a\nb'", new Fault("42703", "", 0, null, 0, context));
        assertPlace("CREATE FUNCTION p() AS 'a\n⟦b'", new Fault("42703", "", 0, null, 0, context));
        assertPlace(
                "⟦CREATE TRIGGER t BEFORE INSERT ON a WHEN (b = 'a\nb') EXECUTE FUNCTION f('a\nb')",
                new Fault("42703", "", 0, null, 0, context));
        assertPlace("⟦DO", new Fault("42703", "", 0, null, 0, context));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2|COPY there FROM STDIN|COPY there, line 2, column i: \"x\"",
                "2|COPY there FROM STDIN|COPY there, Zeile 2, Spalte i",
                "12|COPY s.\"The,re\" (a) FROM STDIN|COPY The,re, line 12",
                "3|copy s.there from stdin|COPY there, line 3: \"3\"",
                "0|COPY there FROM STDIN|COPY there, no line",
                "0|COPY there FROM STDIN|COPY other, line 2",
                "0|COPY there FROM STDIN|SQL function \"f\" statement 1",
                "0|COPY there FROM STDIN|COPY thereafter, line 2",
                "0|COPY there FROM STDIN|COPY there",
            })
    void rowOfCopyIsTold(int line, String sql, String context) {
        assertThat(new Fault("42703", "", 0, null, 0, context).lineOfCopy(statement(sql)))
                .isEqualTo(line);
    }

    @Test
    void withoutAContextItIsNoRow() {
        assertThat(new Fault("42703", "", 0, null, 0, null).lineOfCopy(statement("COPY t FROM STDIN")))
                .isZero();
    }

    private static void assertPlace(String marked, Fault fault) {
        int at = marked.indexOf(MARK);
        assertThat(fault.positionIn(statement(marked.replace(MARK, ""))))
                .as(marked)
                .isEqualTo(1 + marked.codePointCount(0, at));
    }

    private static Statement statement(String sql) {
        return new Statement(sql, new Location("s.sql", 1, 1), 0, sql.length(), true);
    }

    private static Arguments of(String marked, @Nullable Object... rest) {
        return Arguments.of(Stream.concat(Stream.of(marked), Stream.of(rest)).toArray());
    }
}
