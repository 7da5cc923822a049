package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.testing.Seeds;

class SectionTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-- m\n\nA;\n-- downgrade\nB;",
                "-- m\n-- upgrade\nA;\n-- downgrade\nB;",
                "-- downgrade\nB;\n-- upgrade\nA;",
                "A\n \t--DOWNGRADE \t\nB",
                "\uFEFF--  Upgrade\r\nA;\r\n--Downgrade\r\nB;",
                "A;\r-- downgrade\rB;",
                "-- upgrade\nA\n-- downgrade\nB\n",
            })
    void sectionsAreToldApart(String script) {
        assertThat(upgrade(script)).containsExactly("A");
        assertThat(downgrade(script)).containsExactly("B");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT '\n-- downgrade\n'",
                "SELECT \"\n-- downgrade\n\"",
                "SELECT $$\n-- downgrade\n$$",
                "SELECT E'\n-- downgrade\n\\''",
                "SELECT 1 -- downgrade\n + 2",
                "SELECT 1 /* x */ -- downgrade\n + 2",
                "SELECT '\n' -- downgrade\n + 2",
                "A /*\n*/ -- downgrade\n + 2",
            })
    void sectionLineStandsAlone(String script) {
        assertThat(upgrade(script)).containsExactly(script);
        assertThat(downgrade(script)).isEmpty();
    }

    @Test
    void sectionLineMayStandInCopyData() {
        String script =
                "COPY t FROM STDIN;\n-- downgrade\n\\.\nA;\n-- downgrade\nCOPY u FROM STDIN;\n-- upgrade\n\\.\n";
        assertThat(upgrade(script)).containsExactly("COPY t FROM STDIN", ">-- downgrade\n", "A");
        assertThat(downgrade(script)).containsExactly("COPY u FROM STDIN", ">-- upgrade\n");
    }

    @Test
    void stringSettingEndsWithItsSection() {
        String script = "SET standard_conforming_strings = off;\nSELECT '\\'';\n-- downgrade\nSELECT '\\';";
        assertThat(downgrade(script)).containsExactly("SELECT '\\'");
    }

    @Test
    void whatFollowsTheSectionIsNotRead() {
        assertThat(upgrade("A;\n-- downgrade\nSELECT 'unended")).containsExactly("A");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`A;\\n-- upgrade\\nB;`|s.sql:2:1: statements stand before this line, in no section; only comments may stand there",
                "`-- upgrade\\nA;\\n -- upgrade\\nB;`|s.sql:3:2: the section '-- upgrade' starts a second time here",
                "`-- downgrade\\nA;\\n-- downgrade\\nB;`|s.sql:3:1: the section '-- downgrade' starts a second time here",
                "`A (\\n/**/(1)\\n-- downgrade\\n)`|s.sql:3:1: a section starts here, but what was opened at s.sql:1:3 is not closed; a comment needs more than that one word",
            })
    void contradictionIsRefused(String script, String message) {
        assertThatExceptionOfType(ScriptSyntaxException.class)
                .isThrownBy(() -> upgrade(script.replace("\\n", "\n")))
                .withMessage(message);
    }

    private static List<String> upgrade(String script) {
        return Scripts.texts(script);
    }

    private static List<String> downgrade(String script) {
        return Scripts.texts(Scripts.utf8(script), Section.DOWNGRADE);
    }

    /** Taken for mere comments they would let the way back run right behind the way forth. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-- downgrade:",
                "-- downgrade (drops the table)",
                "-- downgrade: drops what was made above",
                "-- downgrade -- back",
                "--- downgrade",
                "-- downgrades",
                "-- downgrade\u00a0",
                "--\u00a0downgrade",
                "-- downgrade\u200b",
                "-- Downgrade — keine",
                "-- ============================================================ downgrade",
                "-- BEGIN DOWNGRADE",
                "-- def downgrade():",
                "-- Down",
                "-- Down migration",
                "-- rollback",
                "/* downgrade */",
                "/*\n * downgrade\n */",
                "-- migrate:down",
                "-- +goose Down",
                "-- upgrades"
            })
    void refusesWhatLooksLikeASectionLineAndIsNone(String line) {
        assertThatThrownBy(() -> readAll("SELECT 1;\n" + line + "\nDROP TABLE t;\n"))
                .isInstanceOf(ScriptSyntaxException.class)
                .hasMessageContaining("s.sql:2:1: this looks like the start of a section");
    }

    /** Most comments are not taken apart: what is decided by the letters that words begin with has to come to the same. */
    @Test
    void refusesNoOtherCommentsThanTheirWordsTell() {
        String[] parts = {
            "down",
            "Downgrade",
            "downgrades",
            "UPGRADES",
            "upgrade",
            "rollbac\u212A",
            "undo",
            "Undo",
            "r",
            "d",
            "x",
            "to",
            " ",
            " ",
            " ",
            "\t",
            "-",
            "+",
            ":",
            "7",
            "_",
            "\u00E9",
            "\u2014",
            "\u0130",
            "\uD83D\uDE00",
            "migrate "
        };
        Random random = new Random(Seeds.seed());
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder line = new StringBuilder("--").append(" ".repeat(random.nextInt(20) == 0 ? 190 : 1));
            for (int left = random.nextInt(6); left >= 0; left--) {
                line.append(parts[random.nextInt(parts.length)]);
            }
            boolean inBody = random.nextBoolean();
            String script = (inBody ? "A;\n" : "-- m\n") + line + "\nB;\n-- B;\n";
            if (!line.substring(2).strip().matches("(?i)(up|down)grade")) {
                boolean expected = isLookalike(line.toString(), inBody);
                assertThat(Scripts.readAll(new ByteArrayInputStream(Scripts.utf8(script)))
                                .problem())
                        .as(script)
                        .matches(problem -> (problem != null) == expected);
                refused += expected ? 1 : 0;
            }
        }
        assertThat(refused).isGreaterThan(1_000);
    }

    /** What is in memory moves while the comment is looked at: behind it lie bytes that were something else. */
    @Test
    void aCommentIsLookedAtWhereverItLies() throws IOException {
        String line = "-- " + "=".repeat(250);
        for (int before = 3; before < 100_000; before += 61) {
            readAll("A;\n" + " ".repeat(before - 3) + line);
        }
    }

    private static boolean isLookalike(String comment, boolean inBody) {
        byte[] bytes = Scripts.utf8(comment);
        int most = Math.min(bytes.length, SectionLookalike.LONGEST);
        try {
            SectionLookalike.refuse(
                    new String(bytes, 0, most, StandardCharsets.UTF_8), inBody, new Location("s.sql", 2, 1));
            return false;
        } catch (ScriptSyntaxException e) {
            return true;
        }
    }

    @Test
    void bodyBeginsWithItsSectionLine() {
        assertThatThrownBy(() -> readAll("-- m\n-- upgrade\n-- Down\nDROP TABLE t;\n"))
                .isInstanceOf(ScriptSyntaxException.class)
                .hasMessageContaining("s.sql:3:1: this looks like the start of a section");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-- the way to downgrade is not this",
                "-- it has to calm down",
                "-- upgrade paths are long",
                "-- slow down a bit"
            })
    void takesProseForAComment(String line) throws IOException {
        readAll("SELECT 1;\n" + line + "\nSELECT 2;\n");
    }

    @Test
    void aHeaderMaySpeakOfDowngrades() throws IOException {
        readAll("-- Downgrade the price list\n--\n-- Revision ID: a\n-- Revises:\n\nSELECT 1;\n");
    }

    private static void readAll(String script) throws IOException {
        try (ScriptReader reader = ScriptReader.open(
                new ByteArrayInputStream(script.getBytes(StandardCharsets.UTF_8)), "s.sql", Section.UPGRADE)) {
            while (reader.next() != null) {}
        }
    }
}
