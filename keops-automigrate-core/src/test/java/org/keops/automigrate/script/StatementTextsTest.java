package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.keops.automigrate.model.Location;

/** What a Java migration hands to the driver, taken apart as the server does. */
class StatementTextsTest {
    private static final Location SOURCE = Location.of("Migration");

    /** Only the end of a statement may differ: a script's statement ends with its last token, this at the semicolon. */
    @ParameterizedTest
    @MethodSource("org.keops.automigrate.script.ScriptReaderTest#constructs")
    void hasTheStatementsOfAScript(String script, List<String> statements) {
        String sql = script.replace("\uFEFF", "");
        assertThat(StatementTexts.of(sql, true, SOURCE))
                .extracting(statement -> Scripts.texts(statement.text()).get(0))
                .isEqualTo(statements);
    }

    @Test
    void statementsAreCountedInBytes() {
        Statement last =
                StatementTexts.of(" SELECT 'é'; SELECT 2 ; ", true, SOURCE).get(1);
        assertThat(last).isEqualTo(new Statement("SELECT 2 ", SOURCE, 14, 9, true));
    }

    @Test
    void bodyMayHoldSemicolons() {
        String function = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END";
        assertThat(StatementTexts.of(function + ";(SELECT 1;)", true, SOURCE))
                .extracting(Statement::text)
                .containsExactly(function, "(SELECT 1;)");
    }

    /** Nobody tells sections apart here. */
    @Test
    void sectionLineIsAComment() {
        assertThat(StatementTexts.of("-- upgrade\nSELECT 1\n-- downgrade\n;SELECT 2", true, SOURCE))
                .extracting(Statement::text)
                .containsExactly("SELECT 1\n-- downgrade\n", "SELECT 2");
    }

    @Test
    void settingOfTheSessionCounts() {
        assertThat(StatementTexts.of("SELECT '\\';'", false, SOURCE)).hasSize(1);
        assertThatExceptionOfType(ScriptSyntaxException.class)
                .isThrownBy(() -> StatementTexts.of("SELECT '\\';'", true, SOURCE))
                .withMessageContaining("is not ended");
    }
}
