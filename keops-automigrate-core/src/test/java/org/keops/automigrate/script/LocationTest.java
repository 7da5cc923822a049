package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.SourceLine;

class LocationTest {
    /** More than is kept in memory. */
    private static final String FAR = ("A" + " ".repeat(600) + ";\n").repeat(120);

    @Test
    void everyStatementKnowsItsPlace() {
        String script = "\uFEFF-- é\r\nA;𝒜𝒜 B;\r/*\n\r\n*/C\n\n;\tD";
        assertThat(Scripts.read(new ByteArrayInputStream(Scripts.utf8(script)), Section.UPGRADE))
                .extracting(read -> read.statement().start().toString() + " "
                        + read.statement().byteOffset())
                .containsExactly("s.sql:2:1 10", "s.sql:2:3 12", "s.sql:5:3 31", "s.sql:7:3 36");
    }

    /** Wherever what is in memory ends: a comment is not kept there. */
    @Test
    void aCharacterThatIsReadInTwoHalvesIsOneColumn() {
        for (String character : List.of("é", "€", "𝒜")) {
            for (int ahead = 0; ahead < 4; ahead++) {
                String script = "/*" + " ".repeat(ahead) + character.repeat(2_000) + "*/A";
                assertThat(Scripts.read(new ByteArrayInputStream(Scripts.utf8(script)), Section.UPGRADE))
                        .extracting(read -> read.statement().start().column())
                        .as(ahead + " " + character)
                        .containsExactly(script.codePointCount(0, script.length()));
            }
        }
    }

    @Test
    void everyCharacterIsFoundAsTheReaderFoundIt() {
        String script = "A 'é𝒜\r\n\r \n'\tx\u000B𝒜, y";
        for (int position = 1; position <= script.codePointCount(0, script.length()); position++) {
            int index = script.offsetByCodePoints(0, position - 1);
            String before =
                    script.substring(0, index).replace("\r\n", "\u2400\n").replace('\r', '\n');
            String lastLine = before.substring(before.lastIndexOf('\n') + 1);
            Location expected = new Location(
                    "s.sql",
                    1 + (int) before.chars().filter(c -> c == '\n').count(),
                    1 + lastLine.codePointCount(0, lastLine.length()));
            boolean withinPair = index > 0 && script.startsWith("\r\n", index - 1);
            if (!withinPair) {
                assertThat(statement(script).locate(position)).isEqualTo(expected);
                assertThat(statement(script).position(expected)).isEqualTo(position);
            }
        }
    }

    @Test
    void positionOutsideOfTheTextIsItsNearestEnd() {
        Statement statement = statement("\n AB;");
        assertThat(statement.locate(0)).isEqualTo(new Location("s.sql", 2, 2));
        assertThat(statement.locate(99)).isEqualTo(new Location("s.sql", 2, 4));
        assertThat(statement.position(new Location("s.sql", 2, 4))).isEqualTo(3);
        assertThat(statement.position(new Location("s.sql", 2, 5))).isZero();
        assertThat(statement.position(new Location("s.sql", 2, 1))).isZero();
        Statement returned = new Statement("A\r", new Location("s.sql", 2, 2), 0, 2, true);
        assertThat(returned.locate(99)).isEqualTo(new Location("s.sql", 3, 1));
        assertThat(returned.position(new Location("s.sql", 3, 1))).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`SELECT 1;\\n SELECT 'a''`|s.sql:2:9: this string is not ended anywhere in the script",
                "`SELECT e'\\'`|s.sql:1:8: this string is not ended anywhere in the script",
                "`SELECT e'\\`|s.sql:1:8: this string is not ended anywhere in the script",
                "`SELECT 1 /* é */, U&'a`|s.sql:1:19: this string is not ended anywhere in the script",
                "`SELECT é\"a\"\"`|s.sql:1:9: this quoted identifier is not ended anywhere in the script",
                "`SELECT $a$ $$ $b$ $a`|s.sql:1:8: this dollar-quoted string is not ended anywhere in the script",
                "`/* a */ /* /* */`|s.sql:1:9: this comment is not ended anywhere in the script",
                "`SELECT 1 + /* (`|s.sql:1:12: this comment is not ended anywhere in the script",
                "`SELECT\\n'a\\0'`|s.sql:2:3: there is a NUL byte here, which no PostgreSQL text may hold",
                "`-- 𝒜\\0`|s.sql:1:5: there is a NUL byte here, which no PostgreSQL text may hold",
            })
    void whatIsNotEndedIsReportedWhereItBegan(String script, String message) {
        assertThatExceptionOfType(ScriptSyntaxException.class)
                .isThrownBy(() -> Scripts.texts(script.replace("\\n", "\n").replace("\\0", "\0")))
                .withMessage(message)
                .satisfies(e -> assertThat(e.problem()).hasToString(message));
    }

    @ParameterizedTest
    @CsvSource({
        "80, 2", // a continuation byte alone
        "c3 28, 2",
        "c3, 2", // and the script ends
        "c0 80, 2", // overlong
        "e0 9f bf, 2",
        "ed a0 80, 2", // a surrogate
        "f0 8f bf bf, 2",
        "f4 90 80 80, 2", // above U+10FFFF
        "f5 80 80 80, 2",
        "ff, 2",
        "c3 a9 f0 9d 92 9c 80, 4",
        "ed 9f bf ee 80 80 f4 8f bf bf c3, 5",
    })
    void textThatIsNotUtf8IsRefused(String hex, int column) {
        String bad = new String(HexFormat.ofDelimiter(" ").parseHex(hex), StandardCharsets.ISO_8859_1);
        for (String tail : List.of("", ";", "\n", "'")) {
            byte[] script = ("A" + bad + tail).getBytes(StandardCharsets.ISO_8859_1);
            Scripts.Outcome outcome = Scripts.readAll(Scripts.dripping(script));
            assertThat(outcome.pieces()).isEmpty(); // nothing of it is run
            assertThat(outcome.problem())
                    .hasToString(
                            "s.sql:1:" + column + ": the text is not UTF-8 from here on; save the script as UTF-8");
        }
    }

    /** What of the line is shown beside the message; a literal before would make code of what is none. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`A; SELECT 1,\\n  b, \"open`|`  b, …\\n     ^`",
                "`SELECT 1 + /* open`|`SELECT 1 + … …\\n           ^`",
                "`SELECT 1 FROM t \\\\gx`|`SELECT 1 FROM t \\\\gx\\n                ^`",
                "`SELECT (\\n-- upgrade\\n)`|`-- upgrade\\n^`",
                "`SELECT 'a', \"open`|",
                "`SELECT 'a'; SELECT \"open`|",
                "`SELECT 'open`|`SELECT …\\n       ^`",
                "`A; /* open`|",
                "`/* open`|",
            })
    void lineIsShownWhereNoLiteralCanBeInIt(String script, @Nullable String line) {
        for (String far : List.of("", "-- " + "x".repeat(70_000) + "\n", FAR)) {
            Problem problem = Scripts.readAll(new ByteArrayInputStream(Scripts.utf8(far + unescaped(script))))
                    .problem();
            SourceLine shown = Objects.requireNonNull(problem).line();
            assertThat(shown == null ? null : shown.toString()).isEqualTo(line == null ? null : unescaped(line));
        }
    }

    private static String unescaped(String text) {
        return text.replace("\\\\", "\u0001").replace("\\n", "\n").replace('\u0001', '\\');
    }

    /** The window has slid over much before, and may end within a character. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void placesAreRightHoweverFarTheyLie(int shift) {
        StringBuilder script = new StringBuilder("x".repeat(shift));
        List<String> expected = new ArrayList<>();
        expected.add("s.sql:1:1 0");
        for (int line = 1; line < 2_000; line++) {
            script.append(" 'é𝒜€𝒜',\t\u00A0;\r\n/* 𝒜𝒜€ */ ");
            expected.add("s.sql:" + (line + 1) + ":11 " + Scripts.utf8(script.toString()).length);
            script.append("B");
        }
        if (shift == 0) {
            expected.set(0, "s.sql:1:2 1");
        }
        assertThat(Scripts.read(new ByteArrayInputStream(Scripts.utf8(script.toString())), Section.UPGRADE))
                .extracting(read ->
                        read.statement().start() + " " + read.statement().byteOffset())
                .isEqualTo(expected);
    }

    @Test
    void keywordsAreKnownHoweverFarTheyLie() {
        List<String> texts = Scripts.texts(FAR
                + "COPY t FROM STDIN;\n1\n\\.\nCREATE FUNCTION f() BEGIN ATOMIC SELECT 1; END;"
                + "SET standard_conforming_strings = off; SELECT '\\';'");
        assertThat(texts.subList(120, texts.size()))
                .containsExactly(
                        "COPY t FROM STDIN",
                        ">1\n",
                        "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; END",
                        "SET standard_conforming_strings = off",
                        "SELECT '\\';'");
    }

    /** The first and the last character of each length, and those beside the surrogates. */
    @Test
    void everyCharacterOfUtf8IsTaken() {
        String edges =
                "\u0080\u07FF\u0800\uD7FF\uE000\uFFFF" + Character.toString(0x10000) + Character.toString(0x10FFFF);
        assertThat(Scripts.texts("SELECT '" + edges + "', " + edges))
                .containsExactly("SELECT '" + edges + "', " + edges);
    }

    private static Statement statement(String script) {
        return Scripts.read(new ByteArrayInputStream(Scripts.utf8(script)), Section.UPGRADE)
                .get(0)
                .statement();
    }
}
