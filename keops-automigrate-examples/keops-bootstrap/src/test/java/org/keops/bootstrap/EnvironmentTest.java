package org.keops.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The variables: what they become, and the sentence for each that is missing or malformed. */
class EnvironmentTest {
    private static final Map<String, String> COMPLETE = Map.of(
            "KEOPS_DB_HOST", "db.example.org",
            "KEOPS_DB_PORT", "5433",
            "KEOPS_DB_NAME", "keops db/%?",
            "KEOPS_DB_USER", "web app",
            "KEOPS_DB_PASS", "canary1@%:/ #'\"",
            "POSTGRESPASSWORD", "canary2@%:/ #'\"");

    @Test
    void completeVariablesSayHowToMigrateAndHowToWork() {
        Settings settings = Environment.read(COMPLETE);

        assertThat(settings.problems()).isEmpty();
        assertThat(settings.httpPort()).isEqualTo(8080);
        Settings.Migrating migration = Objects.requireNonNull(settings.migration());
        assertThat(migration.access())
                .isEqualTo(new DatabaseAccess("db.example.org", 5433, "keops db/%?", "postgres", "canary2@%:/ #'\""));
        assertThat(migration.applicationRole()).isEqualTo("web app");
        assertThat(settings.application())
                .isEqualTo(new DatabaseAccess("db.example.org", 5433, "keops db/%?", "web app", "canary1@%:/ #'\""));
    }

    @Test
    void thePatienceIsThatOfKeopsUnlessToldOtherwise() {
        assertThat(patience(COMPLETE)).hasSeconds(50);
        assertThat(patience(with("KEOPS_DB_PATIENCE_SECONDS", "0"))).isZero();
        assertThat(patience(with("KEOPS_DB_PATIENCE_SECONDS", " 7 "))).hasSeconds(7);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            KEOPS_DB_HOST    | the database is neither migrated nor used
            KEOPS_DB_PORT    | the database is neither migrated nor used
            KEOPS_DB_NAME    | the database is neither migrated nor used
            KEOPS_DB_USER    | the database is neither migrated nor used
            KEOPS_DB_PASS    | the database is migrated but not used
            POSTGRESPASSWORD | the database is used but not migrated
            """)
    void aMissingVariableIsNamedWithWhatFollows(String variable, String consequence) {
        Map<String, String> without = new HashMap<>(COMPLETE);
        without.remove(variable);

        Settings settings = Environment.read(without);

        assertThat(settings.problems()).containsExactly(variable + " is not set: " + consequence);
        assertThat(settings.migration() == null).isEqualTo(!consequence.contains("is migrated"));
        assertThat(settings.application() == null).isEqualTo(!consequence.contains("is used"));
        assertThat(Environment.read(with(variable, "")).problems())
                .as("empty is missing, as in KEOPS")
                .isEqualTo(settings.problems());
    }

    @Test
    void severalMissingVariablesMakeOneSentence() {
        assertThat(Environment.read(Map.of()).problems())
                .containsExactly("KEOPS_DB_HOST, KEOPS_DB_PORT, KEOPS_DB_NAME, KEOPS_DB_USER, KEOPS_DB_PASS and"
                        + " POSTGRESPASSWORD are not set: the database is neither migrated nor used");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "65536", "-1", "54x2", "5432.0", "99999999999", " ", "postgres"})
    void aMalformedPortIsNamed(String port) {
        assertThat(Environment.read(with("KEOPS_DB_PORT", port)).problems())
                .containsExactly("KEOPS_DB_PORT must be a whole number from 1 to 65535: the database is neither"
                        + " migrated nor used");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"db:5432", "db/keops", "a,b", "user@db", "jdbc:postgresql://db/keops", " ", "db ", "/var/run"})
    void aMalformedHostIsNamed(String host) {
        assertThat(Environment.read(with("KEOPS_DB_HOST", host)).problems())
                .containsExactly("KEOPS_DB_HOST must be one host name or address, without port, path or blanks: the"
                        + " database is neither migrated nor used");
    }

    @ParameterizedTest
    @CsvSource({"db, db", "db-1.example.org, db-1.example.org", "10.0.0.7, 10.0.0.7", "::1, [::1]", "fe80::7, [fe80::7]"
    })
    void anAddressOfEitherKindIsAHost(String host, String inUrl) {
        DatabaseAccess access = Objects.requireNonNull(
                Environment.read(with("KEOPS_DB_HOST", host)).application());

        assertThat(access.dataSource().getServerNames()).containsExactly(inUrl);
    }

    @ParameterizedTest
    @ValueSource(strings = {"KEOPS_DB_USER", "KEOPS_DB_NAME"})
    void aNameThatTheServerWouldCutIsNamed(String variable) {
        assertThat(Environment.read(with(variable, "ñ".repeat(31))).problems()).isEmpty();
        assertThat(Environment.read(with(variable, "ñ".repeat(32))).problems())
                .containsExactly(
                        variable + " must not be longer than the 63 bytes of a PostgreSQL name: the database is"
                                + " neither migrated nor used");
    }

    @Test
    void aMalformedExtraIsNamedAndReplaced() {
        Settings settings = Environment.read(with("KEOPS_HTTP_PORT", "http"));
        assertThat(settings.httpPort()).isEqualTo(8080);
        assertThat(settings.problems())
                .containsExactly("KEOPS_HTTP_PORT must be a whole number from 0 to 65535: 8080 is used");

        assertThat(Environment.read(with("KEOPS_DB_PATIENCE_SECONDS", "-1")).problems())
                .containsExactly("KEOPS_DB_PATIENCE_SECONDS must be a whole number from 0 to 86400: 50 is used");
        assertThat(patience(with("KEOPS_DB_PATIENCE_SECONDS", "-1"))).hasSeconds(50);
    }

    @Test
    void noTextOfItShowsAPassword() {
        for (String variable : COMPLETE.keySet()) {
            Settings mixedUp = Environment.read(with(variable, "canary3 canary3"));
            assertThat(List.of(mixedUp.toString(), String.valueOf(mixedUp.problems())))
                    .noneMatch(text -> text.contains("canary1") || text.contains("canary2"));
        }
        assertThat(Environment.read(with("KEOPS_DB_PORT", "canary3")).toString())
                .doesNotContain("canary");
        assertThat(Environment.read(with("KEOPS_DB_HOST", "canary3 ")).toString())
                .doesNotContain("canary");
    }

    private static Duration patience(Map<String, String> variables) {
        return Objects.requireNonNull(Environment.read(variables).migration()).patience();
    }

    private static Map<String, String> with(String variable, String value) {
        Map<String, String> variables = new HashMap<>(COMPLETE);
        variables.put(variable, value);
        return variables;
    }
}
