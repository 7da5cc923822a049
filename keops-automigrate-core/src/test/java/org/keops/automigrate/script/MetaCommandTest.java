package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MetaCommandTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`\\connect other`|`s.sql:1:1: '\\connect' is for psql, not for the server; a script upgrades the database that it is run on, so remove the line`",
                "`A;\\n  \\i file.sql`|`s.sql:2:3: '\\i' is for psql, not for the server; put the statements of that file here, or give it a revision of its own`",
                "`\\copy t FROM 'x'`|`s.sql:1:1: '\\copy' is for psql, not for the server; write COPY ... FROM STDIN; with the data on the lines behind it and \\. on the last`",
                "`SELECT 'x' \\gexec`|`s.sql:1:12: '\\gexec' is for psql, not for the server; run generated statements with DO $$ ... EXECUTE format(...) ... $$;`",
                "`SELECT 1\\;SELECT 2`|`s.sql:1:9: '\\;' is for psql, not for the server; end the statement with a semicolon alone`",
                "`\\.`|`s.sql:1:1: '\\.' is for psql, not for the server; it ends the data of COPY ... FROM STDIN, and no such statement stands before it`",
                "`SELECT (1 \\g`|`s.sql:1:11: '\\g' is for psql, not for the server; end the statement with a semicolon alone`",
                "`\\!ls`|`s.sql:1:1: '\\!' is for psql, not for the server; a script runs no programs`",
                "`\\~`|`s.sql:1:1: '\\~' is for psql, not for the server; remove it, or write it as SQL`",
                "`\\é`|`s.sql:1:1: a backslash outside of quotes is for psql, not for the server; remove it, or write it as SQL`",
                "`\\aé`|`s.sql:1:1: '\\a' is for psql, not for the server; remove it, or write it as SQL`",
                "`\\abcdefghijklmnopqrstuvwxyz`|`s.sql:1:1: '\\abcdefghijklmnopqrstuvwx' is for psql, not for the server; remove it, or write it as SQL`",
                "`\\timing;`|`s.sql:1:1: '\\timing' is for psql, not for the server; remove it, or write it as SQL`",
                "`\\ x`|`s.sql:1:1: a backslash outside of quotes is for psql, not for the server; remove it, or write it as SQL`",
                "`\\set x 'secret'`|`s.sql:1:1: '\\set' is for psql, not for the server; there are no variables; write the value itself`",
                "`SELECT 1 \\restrict`|`s.sql:1:10: '\\restrict' is for psql, not for the server; remove it, or write it as SQL`",
            })
    void isRefusedByName(String script, String message) {
        assertThatExceptionOfType(ScriptSyntaxException.class)
                .isThrownBy(() -> Scripts.texts(script.replace("\\n", "\n")))
                .withMessage(message);
    }

    @Test
    void guardsOfPgDumpAreSteppedOver() {
        assertThat(Scripts.texts("--\n-- x\n\n\\restrict 'aB;3\n\nA;\n\n\\unrestrict aB;3"))
                .containsExactly("A");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"SELECT '\\i'", "SELECT \"\\i\"", "SELECT $$\\i$$", "SELECT 1 /* \\i */ + 2", "A -- \\i\n + B"})
    void isNoneInQuotesAndComments(String script) {
        assertThat(Scripts.texts(script)).containsExactly(script);
    }
}
