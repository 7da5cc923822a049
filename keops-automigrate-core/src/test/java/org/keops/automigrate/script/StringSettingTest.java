package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Behind every statement stands {@code SELECT '\';'}: two statements if a backslash is ordinary, else one. */
class StringSettingTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET standard_conforming_strings = off",
                "set Standard_Conforming_Strings to OFF",
                "SET SESSION standard_conforming_strings TO 'off'",
                "SET LOCAL standard_conforming_strings=false",
                "SET \"standard_conforming_strings\" = 'Of'",
                "SET standard_conforming_strings = 0",
                "SET standard_conforming_strings = n",
                "SET /* = on */ standard_conforming_strings -- on\n = f",
                "SELECT set_config('standard_conforming_strings', 'off', false)",
                "SELECT pg_catalog.set_config('standard_conforming_strings', 'no', true)",
            })
    void backslashTakesTheNextCharacterAlong(String setting) throws IOException {
        assertThat(backslashIsOrdinary(setting, true)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET standard_conforming_strings = on",
                "SET standard_conforming_strings TO DEFAULT",
                "SET standard_conforming_strings = o",
                "SET standard_conforming_strings = nonsense",
                "SET standard_conforming_strings = ''",
                "SET search_path = off, standard_conforming_strings",
                "SET standard_conforming_strings FROM CURRENT",
                "SET standard_conforming_strings = 'off, but as a part of something much longer than a word that is a setting'",
                "SELECT 'SET standard_conforming_strings = off'",
                "SELECT 1 /* SET standard_conforming_strings = off */",
                "SELECT my_config('standard_conforming_strings', 'off', false)",
                "ALTER ROLE r SET standard_conforming_strings = off",
                "SET standard_conforming_strings = off; RESET standard_conforming_strings",
                "SET standard_conforming_strings = off; RESET ALL",
                "SET standard_conforming_strings = off; DISCARD ALL",
                "SET standard_conforming_strings = off; SET standard_conforming_strings = yes",
            })
    void backslashIsOrdinary(String setting) throws IOException {
        assertThat(backslashIsOrdinary(setting, true)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1",
                "RESET ALL",
                "SET standard_conforming_strings = DEFAULT",
                "SET standard_conforming_strings = o",
            })
    void sessionMayStartTheOldWay(String setting) throws IOException {
        assertThat(backslashIsOrdinary(setting, false)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SAVEPOINT a; SET standard_conforming_strings = off; ROLLBACK TO a",
                "SAVEPOINT a; SET LOCAL standard_conforming_strings = off; rollback work to savepoint A",
                "SAVEPOINT a; SET standard_conforming_strings = off; SAVEPOINT b; ROLLBACK TRANSACTION TO a",
                "SAVEPOINT \"a\"\"\"; SET standard_conforming_strings = off; ROLLBACK TO \"a\"\"\"",
                "SAVEPOINT a; SAVEPOINT b; SET standard_conforming_strings = off; RELEASE b; ROLLBACK TO a",
                "SAVEPOINT savepoint; SET standard_conforming_strings = off; ROLLBACK TO savepoint",
                "SAVEPOINT a; ROLLBACK TO a; SET standard_conforming_strings = off; ROLLBACK TO a",
                "SET standard_conforming_strings = off; SAVEPOINT a; RESET ALL; RELEASE SAVEPOINT a",
                "SAVEPOINT a; SAVEPOINT b; SET standard_conforming_strings = off; SAVEPOINT a; ROLLBACK TO b; ROLLBACK TO a",
                "SAVEPOINT a; SAVEPOINT b; SET standard_conforming_strings = off; SAVEPOINT a; RELEASE b; ROLLBACK TO a",
            })
    void savepointBringsBackWhatWasThen(String settings) throws IOException {
        assertThat(backslashIsOrdinary(settings, true)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SAVEPOINT a; SET standard_conforming_strings = off; RELEASE a",
                "SAVEPOINT a; SET standard_conforming_strings = off; SAVEPOINT a; ROLLBACK TO a",
                "SAVEPOINT \"A\"; SET standard_conforming_strings = off; ROLLBACK TO a",
                "SET standard_conforming_strings = off; SAVEPOINT a; RESET ALL; ROLLBACK TO a",
                "SET standard_conforming_strings = off; ROLLBACK TO SAVEPOINT nosuch",
            })
    void savepointLeavesTheRest(String settings) throws IOException {
        assertThat(backslashIsOrdinary(settings, true)).isFalse();
    }

    @Test
    void everyStatementSaysHowItWasRead() {
        byte[] script = Scripts.utf8("SELECT 1; SET standard_conforming_strings = off; SELECT 2; RESET ALL; SELECT 3");
        assertThat(Scripts.read(new ByteArrayInputStream(script), Section.UPGRADE))
                .extracting(read -> read.statement().standardConformingStrings())
                .containsExactly(true, true, false, false, true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"N", "n"})
    void nationalStringsFollowTheSetting(String prefix) throws IOException {
        assertThat(count("SELECT " + prefix + "'\\';'; ';", true)).isEqualTo(2);
        assertThat(count("SELECT " + prefix + "'\\';'; SELECT 1;", false)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"B", "x", "U&"})
    void otherStringsDoNot(String prefix) throws IOException {
        assertThat(count("SELECT " + prefix + "'\\'; SELECT 1;", false)).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"B", "x"})
    void twoQuotesEndBitsAndStartAPlainString(String prefix) throws IOException {
        assertThat(count("SELECT " + prefix + "'0''\\';'; SELECT 1;", false)).isEqualTo(2);
    }

    private static boolean backslashIsOrdinary(String setting, boolean initial) throws IOException {
        int before = count(setting, initial);
        return switch (count(setting + "; SELECT '\\'; SELECT '; -- '", initial) - before) {
            case 1 -> false;
            case 2 -> true;
            default -> throw new AssertionError(setting);
        };
    }

    private static int count(String script, boolean initial) throws IOException {
        int count = 0;
        try (ScriptReader reader =
                ScriptReader.open(new ByteArrayInputStream(Scripts.utf8(script)), "s.sql", Section.UPGRADE, initial)) {
            for (Piece piece = reader.next(); piece != null; piece = reader.next()) {
                Objects.requireNonNull(piece.statement());
                count++;
            }
        }
        return count;
    }
}
