package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
