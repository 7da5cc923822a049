package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.keops.automigrate.testing.Seeds;

class FingerprintTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SELECT 1|`SELECT\n\t1 ;`",
                "SELECT 1|`-- a comment\nSELECT /* another */ 1; -- and the last`",
                "SELECT 1|;;SELECT 1;;",
                "SELECT 1|`\uFEFFSELECT 1`",
                "SELECT a FROM t|select A from T",
                "SELECT E'a', U&\"b\", 0X1F, 1E3|select e'a',u&\"b\",0x1f,1e3",
                "SELECT a=-1|SELECT a = - 1",
                "SELECT a*-b+-+1|SELECT a * - b + - + 1",
                "SELECT a::int[1:2], f(x:=1), f(x=>-1)|SELECT a :: int [ 1 : 2 ] , f ( x := 1 ) , f ( x => - 1 )",
                "SELECT a[1:-1], b.*, .=c|SELECT a [ 1 : - 1 ] , b . * , . = c",
                "SELECT az|SELECT AZ",
                "SELECT a.b, a[1]|SELECT a . b , a [ 1 ]",
                "SELECT 1;SELECT 2|`SELECT 1\n;\n\nSELECT 2;\n`",
                "`SELECT 'a\nb', $$c\n\nd$$`|`SELECT 'a\r\nb', $$c\r\n\r\nd$$\r\n`",
                "`SELECT 'a\nb'`|`SELECT 'a\rb'`",
                "`COPY t FROM STDIN;\n1\tb\n\n\\.\n`|`copy t from stdin ;\r\n1\tb\r\n\r\n\\.\r\n`",
                "SELECT 1|`SELECT 1;\n-- downgrade\nSELECT 2`",
            })
    void isTheSame(String script, String other) throws IOException {
        assertThat(of(other)).isEqualTo(of(script));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SELECT 1|SELECT 2",
                "SELECT 1|SELECT 1; SELECT 1",
                "SELECT 1 SELECT 2|SELECT 1; SELECT 2",
                "SELECT ab|SELECT a b",
                "SELECT 'a'|SELECT 'A'",
                "SELECT 'a'|SELECT 'a '",
                "`SELECT 'a\nb'`|`SELECT 'a\n\nb'`",
                "SELECT \"a\"|SELECT \"A\"",
                "SELECT $$a$$|SELECT 'a'",
                "SELECT $$-- a$$|SELECT $$-- b$$",
                "SELECT É|SELECT é",
                "SELECT a <= 1|SELECT a < = 1",
                "SELECT a @- 1|SELECT a @ - 1",
                "SELECT a::b|SELECT a : : b",
                "SELECT f(a:=1)|SELECT f(a: =1)",
                "SELECT a ~~ b|SELECT a ~ ~ b",
                "SELECT a ~- b|SELECT a ~ - b",
                "SELECT a @;B|SELECT a;@ B",
                "`COPY t FROM STDIN;\n1\n\\.\n`|`COPY t FROM STDIN;\n2\n\\.\n`",
                "`COPY t FROM STDIN;\n1\n\\.\n`|`COPY t FROM STDIN;\n1 \n\\.\n`",
                "`COPY t FROM STDIN;\n1\n\n\\.\n`|`COPY t FROM STDIN;\n1\n\\.\n`",
            })
    void isAnother(String script, String other) throws IOException {
        assertThat(of(other)).isNotEqualTo(of(script));
    }

    /** What databases have stored must stay comparable: a change here needs a new name of the algorithm. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|sql-tokens-1:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "CREATE TABLE t (a int DEFAULT -1)|sql-tokens-1:12486d43f9da29af93d5af109a583326c551081dbf779c515686336d7ba8c963",
                "`COPY t FROM STDIN;\n1\n\\.\nSELECT 'é', $$x\r\n$$ /* */ @-1`|sql-tokens-1:59433157720da6ebcc4084a475c18b6c79e6a6f4544b78c0f922e65715fd2786",
            })
    void isWhatItWas(String script, String stored) throws IOException {
        assertThat(of(script)).hasToString(stored);
        assertThat(Fingerprint.parse(stored)).isEqualTo(of(script));
    }

    static List<Arguments> constructs() {
        return ScriptReaderTest.constructs()
                .filter(arguments -> !arguments.get()[0].equals("SELECT (1;")) // not ended, so nothing can follow it
                .toList();
    }

    @ParameterizedTest
    @MethodSource("constructs")
    void spaceBetweenTokensDoesNotCount(String script, List<String> statements) throws IOException {
        Random random = new Random(Seeds.seed());
        StringBuilder spaced = new StringBuilder();
        for (String statement : statements) {
            spaced.append(spaced(statement, random)).append(" ;\r\n");
        }
        assertThat(of(spaced.toString())).as(spaced.toString()).isEqualTo(of(String.join(";\n", statements)));
    }

    /** No comment where one would break a string in two parts, or an operator. */
    private static String spaced(String statement, Random random) throws IOException {
        ByteWindow window = new ByteWindow(Scripts.utf8(statement));
        Lexer lexer = new Lexer(window, true);
        StringBuilder spaced = new StringBuilder();
        int end = 0;
        Token before = Token.END;
        for (Token token = lexer.next(); token != Token.END; token = lexer.next()) {
            int from = (int) window.token;
            boolean adjacent = from == end;
            boolean keep = token == before && (token == Token.STRING || (token == Token.SYMBOL && adjacent));
            spaced.append(
                    keep
                            ? new String(window.bytes, end, from - end, StandardCharsets.UTF_8)
                            : random.nextBoolean() ? " /* ' */\t" : "\r\n-- \"\n");
            spaced.append(new String(window.bytes, from, window.at - from, StandardCharsets.UTF_8));
            end = window.at;
            before = token;
        }
        return spaced.toString();
    }

    @Test
    void eachSectionHasItsOwn() throws IOException {
        String script = "SELECT 1;\n-- downgrade\nSELECT 2;";
        assertThat(of(script, Section.DOWNGRADE)).isEqualTo(of("SELECT 2")).isNotEqualTo(of(script));
    }

    private static Fingerprint of(String script) throws IOException {
        return of(script, Section.UPGRADE);
    }

    private static Fingerprint of(String script, Section section) throws IOException {
        return Fingerprint.of(new ByteArrayInputStream(Scripts.utf8(script)), "s.sql", section, true);
    }
}
