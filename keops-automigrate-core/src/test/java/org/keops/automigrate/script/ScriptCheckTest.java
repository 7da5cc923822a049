package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keops.automigrate.model.TransactionMode.AUTOMATIC;
import static org.keops.automigrate.model.TransactionMode.NONE;
import static org.keops.automigrate.model.TransactionMode.REQUIRED;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.TransactionMode;

/** What is known of a script before it runs. */
class ScriptCheckTest {
    private static final String VACUUM = "SELECT 1;\n VACUUM t;";
    private static final String DETACH = "ALTER TABLE t DETACH PARTITION p CONCURRENTLY";

    @Test
    void statementsAndHeaderSayWhetherItRunsOutside() throws IOException {
        assertThat(check("SELECT 1", AUTOMATIC).refusesTransaction()).isFalse();
        assertThat(check(VACUUM, AUTOMATIC)).isEqualTo(new ScriptCheck(true, List.of()));
        assertThat(check("SELECT 1", NONE)).isEqualTo(new ScriptCheck(true, List.of()));
        assertThat(check(VACUUM + "SELECT 2", NONE).refusesTransaction()).isTrue();
        assertThat(check("SELECT 1", REQUIRED)).isEqualTo(new ScriptCheck(false, List.of()));
    }

    /** Up to 13 the statement does not exist, and a server says so better than we. */
    @Test
    void serverCounts() throws IOException {
        assertThat(check(DETACH, AUTOMATIC, new Dialect(14, true)).refusesTransaction())
                .isTrue();
        assertThat(check(DETACH, AUTOMATIC, new Dialect(13, true)).refusesTransaction())
                .isFalse();
    }

    @Test
    void headerMustNotContradict() throws IOException {
        ScriptCheck check = check(VACUUM + VACUUM, REQUIRED);
        assertThat(check.refusesTransaction()).isFalse();
        assertThat(check.problems())
                .extracting(Object::toString)
                .containsExactly(
                        "a.sql:2:2: VACUUM cannot run inside a transaction, but the header says Transactional: yes; take"
                                + " one of the two away",
                        "a.sql:3:2: VACUUM cannot run inside a transaction, but the header says Transactional: yes; take"
                                + " one of the two away");
    }

    @ParameterizedTest
    @ValueSource(strings = {"BEGIN", "COMMIT", "SET TRANSACTION READ ONLY"})
    void transactionIsNotTheScripts(String sql) throws IOException {
        String command = sql.replace(" READ ONLY", "");
        assertThat(check(sql, AUTOMATIC).problems())
                .extracting(Object::toString)
                .containsExactly("a.sql:1:1: " + command
                        + " would break the transaction that the script and its version row share; take it out");
        assertThat(check(sql, NONE).problems())
                .extracting(Object::toString)
                .containsExactly("a.sql:1:1: " + command
                        + " would break the record of how far the script has come; take it out: with Transactional: no"
                        + " each statement commits by itself");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SAVEPOINT s", "ROLLBACK TO s", "SET search_path = s", "SET LOCAL a.b = c", "RESET ALL"})
    void otherStatementsAreSound(String sql) throws IOException {
        assertThat(check(sql, REQUIRED)).isEqualTo(new ScriptCheck(false, List.of()));
    }

    @ParameterizedTest
    @CsvSource({"TODO,1", "todo: the way back,1", "SELECT todo,0"})
    void unwrittenScriptIsTold(String sql, int problems) throws IOException {
        assertThat(check(sql, AUTOMATIC).problems())
                .hasSize(problems)
                .allSatisfy(problem ->
                        assertThat(problem).hasToString("a.sql:1:1: is still to be written: TODO is no SQL"));
    }

    @Test
    void whatCannotBeReadIsOneProblemMore() throws IOException {
        assertThat(check("COMMIT;\nSELECT '", AUTOMATIC).problems())
                .extracting(problem -> problem.where().line())
                .containsExactly(1, 2);
    }

    @Test
    void everyPieceIsSeen() throws IOException {
        List<String> seen = new ArrayList<>();
        ScriptBodies bodies =
                revision -> new ByteArrayInputStream(Scripts.utf8("A;\n-- downgrade\nB; SELECT '\\';';C"));
        ScriptCheck.of(
                revision(AUTOMATIC),
                bodies,
                Section.DOWNGRADE,
                new Dialect(18, false),
                piece -> seen.add(piece.statement().text()));
        assertThat(seen).containsExactly("B", "SELECT '\\';'", "C");
    }

    private static ScriptCheck check(String script, TransactionMode mode) throws IOException {
        return check(script, mode, Dialect.STRICTEST);
    }

    private static ScriptCheck check(String script, TransactionMode mode, Dialect dialect) throws IOException {
        return ScriptCheck.of(
                revision(mode), revision -> new ByteArrayInputStream(Scripts.utf8(script)), Section.UPGRADE, dialect);
    }

    private static Revision revision(TransactionMode mode) {
        return new Revision(new RevisionId("a"), List.of(), List.of(), List.of(), "", mode, Location.of("a.sql"));
    }
}
