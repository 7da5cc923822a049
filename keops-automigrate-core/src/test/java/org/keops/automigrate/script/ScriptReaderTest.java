package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One construct of the language a line: the script, and the statements that it consists of. */
class ScriptReaderTest {

    static Stream<Arguments> constructs() {
        return Stream.of(
                of("", List.of()),
                of(" \t\n\f\u000B", List.of()),
                of("SELECT 1", List.of("SELECT 1")),
                of("SELECT 1;", List.of("SELECT 1")),
                of(";; ;SELECT 1; ;\n;", List.of("SELECT 1")),
                of("\uFEFFSELECT 1;SELECT 2", List.of("SELECT 1", "SELECT 2")),
                // comments
                of("-- a;\n/* ; */", List.of()),
                of("-- ' \nSELECT 1 -- ; '\n + 2 -- x\n; -- y", List.of("SELECT 1 -- ; '\n + 2")),
                of("SELECT 1--;\r;SELECT 2--;\r\n;", List.of("SELECT 1", "SELECT 2")),
                of("SELECT/*/*;*/;*/1;", List.of("SELECT/*/*;*/;*/1")),
                of("SELECT/**/1;/***/SELECT/*/ ;/**/;*/2;", List.of("SELECT/**/1", "SELECT/*/ ;/**/;*/2")),
                of("SELECT 1 +/* ; */2;SELECT 1 *-- ;\n2;", List.of("SELECT 1 +/* ; */2", "SELECT 1 *-- ;\n2")),
                of("SELECT 1 @/*-- ; */@-- ' */\n2;", List.of("SELECT 1 @/*-- ; */@-- ' */\n2")),
                of("SELECT 1 - - 2;SELECT 4 / * 2", List.of("SELECT 1 - - 2", "SELECT 4 / * 2")),
                of("SELECT 1 */* ; */2;SELECT 1 <--;\n2;", List.of("SELECT 1 */* ; */2", "SELECT 1 <--;\n2")),
                // plain strings
                of("SELECT 'a;b';SELECT 'it''s;';", List.of("SELECT 'a;b'", "SELECT 'it''s;'")),
                of("SELECT '\\';SELECT '--';SELECT '/*';", List.of("SELECT '\\'", "SELECT '--'", "SELECT '/*'")),
                of("SELECT 'a\n;\r\n';SELECT '𝒜é;';", List.of("SELECT 'a\n;\r\n'", "SELECT '𝒜é;'")),
                of("SELECT '$$;';SELECT '\"';", List.of("SELECT '$$;'", "SELECT '\"'")),
                // escapes
                of("SELECT E'\\';';SELECT e'\\\\';", List.of("SELECT E'\\';'", "SELECT e'\\\\'")),
                of("SELECT E'\\''';';SELECT 1;", List.of("SELECT E'\\''';'", "SELECT 1")),
                of("SELECT nameE'\\';SELECT 2;", List.of("SELECT nameE'\\'", "SELECT 2")),
                of("SELECT E'\\é\\𝒜;';", List.of("SELECT E'\\é\\𝒜;'")),
                // bits, national, Unicode
                of("SELECT B'01;', x'1F;', N'\\', n';';", List.of("SELECT B'01;', x'1F;', N'\\', n';'")),
                of("SELECT B'0''\\';SELECT 2;", List.of("SELECT B'0''\\'", "SELECT 2")),
                of("SELECT U&'\\0061;''' UESCAPE '!';", List.of("SELECT U&'\\0061;''' UESCAPE '!'")),
                of("SELECT U&\"d\\0061;t\"\"\";", List.of("SELECT U&\"d\\0061;t\"\"\"")),
                of("SELECT u & 'a';SELECT u&1;", List.of("SELECT u & 'a'", "SELECT u&1")),
                // continuation: the second part is read as the first
                of("SELECT E'a'\n'\\';';", List.of("SELECT E'a'\n'\\';'")),
                of("SELECT E'a' -- ;\n -- '\r\n\t'\\';';", List.of("SELECT E'a' -- ;\n -- '\r\n\t'\\';'")),
                of("SELECT E'a' '\\';SELECT 1;", List.of("SELECT E'a' '\\'", "SELECT 1")),
                of("SELECT E'a'/*\n*/\n'\\';SELECT 1;", List.of("SELECT E'a'/*\n*/\n'\\'", "SELECT 1")),
                of("SELECT E'a'\n,'\\';SELECT 1;", List.of("SELECT E'a'\n,'\\'", "SELECT 1")),
                of("SELECT E'a'\n'b'\n'\\';';", List.of("SELECT E'a'\n'b'\n'\\';'")),
                // identifiers
                of(
                        "SELECT \"a;\"\"b\" FROM \"--\";SELECT \"'\";",
                        List.of("SELECT \"a;\"\"b\" FROM \"--\"", "SELECT \"'\"")),
                of("SELECT \"\\\";SELECT 1;", List.of("SELECT \"\\\"", "SELECT 1")),
                of("SELECT été$1;SELECT _$;", List.of("SELECT été$1", "SELECT _$")),
                // dollar quotes
                of("SELECT $$;$$;SELECT $a$;$$;$a$;", List.of("SELECT $$;$$", "SELECT $a$;$$;$a$")),
                of("SELECT $a$ x$$a$;SELECT 2;", List.of("SELECT $a$ x$$a$", "SELECT 2")),
                of("SELECT $a$ x$b$a$;SELECT 2;", List.of("SELECT $a$ x$b$a$", "SELECT 2")),
                of("SELECT $a$ $ab$;$a $A$;$a$;", List.of("SELECT $a$ $ab$;$a $A$;$a$")),
                of("SELECT a$b$c;SELECT 2;", List.of("SELECT a$b$c", "SELECT 2")),
                of("SELECT $1;SELECT $1$a$;$a$;", List.of("SELECT $1", "SELECT $1$a$;$a$")),
                of("SELECT 1$a$;$a$;SELECT 1a$b$;SELECT 2", List.of("SELECT 1$a$;$a$", "SELECT 1a$b$", "SELECT 2")),
                of("SELECT $é𝒜$;$é$;$é𝒜$;", List.of("SELECT $é𝒜$;$é$;$é𝒜$")),
                of("SELECT $a;SELECT $ a$;SELECT 2;", List.of("SELECT $a", "SELECT $ a$", "SELECT 2")),
                of("SELECT $1a$;SELECT 2;$1a$", List.of("SELECT $1a$", "SELECT 2", "$1a$")),
                of("SELECT $_9$;$_9$$$;$$;", List.of("SELECT $_9$;$_9$$$;$$")),
                of("SELECT ARRAY[$$;$$]$q$;$q$", List.of("SELECT ARRAY[$$;$$]$q$;$q$")),
                // numbers
                of(
                        "SELECT 1.5e3, .5, 1., 0x1F, 1_000;SELECT a[1..2];",
                        List.of("SELECT 1.5e3, .5, 1., 0x1F, 1_000", "SELECT a[1..2]")),
                // what other tools take for their own
                of(
                        "SELECT '?' ? '??', :name, :'n', ${x}, {fn x};",
                        List.of("SELECT '?' ? '??', :name, :'n', ${x}, {fn x}")),
                // parentheses
                of("SELECT (1;2);SELECT );SELECT 2;", List.of("SELECT (1;2)", "SELECT )", "SELECT 2")),
                of("SELECT '(';SELECT 1 /* ( */;SELECT 2", List.of("SELECT '('", "SELECT 1", "SELECT 2")),
                of("SELECT (1;", List.of("SELECT (1;")),
                of(
                        "CREATE RULE r AS ON INSERT TO t DO (INSERT INTO a VALUES (1); DELETE FROM b;);SELECT 1;",
                        List.of(
                                "CREATE RULE r AS ON INSERT TO t DO (INSERT INTO a VALUES (1); DELETE FROM b;)",
                                "SELECT 1")),
                of(
                        "CREATE SCHEMA s CREATE TABLE t (a int) CREATE VIEW v AS SELECT 1;SELECT 1",
                        List.of("CREATE SCHEMA s CREATE TABLE t (a int) CREATE VIEW v AS SELECT 1", "SELECT 1")));
    }

    static Stream<Arguments> bodies() {
        String head = "CREATE FUNCTION f() RETURNS int ";
        return Stream.of(
                of(head + "BEGIN ATOMIC SELECT 1; SELECT 2; END;SELECT 3", 2),
                of("create or replace procedure f() begin/**/atomic;;RETURN false;;end;SELECT 3", 2),
                of(head + "BEGIN ATOMIC SELECT CASE WHEN a THEN CASE b WHEN 1 THEN 2 END ELSE 3 END; END;SELECT 3", 2),
                of(head + "BEGIN ATOMIC SELECT (CASE WHEN a THEN 1 END); END;SELECT 3", 2),
                of(head + "LANGUAGE sql RETURN CASE WHEN true THEN 1 END;SELECT 3", 2),
                of(head + "AS $$BEGIN ATOMIC;$$;SELECT 3", 2),
                of(head + "AS 'SELECT 1';SELECT 3", 2),
                of("CREATE TABLE t (begin int, atomic int);BEGIN;SELECT 3;END", 4),
                of("BEGIN;CREATE TABLE atomic();END;", 3),
                // names where psql sees keywords; the server does not
                of("CREATE FUNCTION begin() RETURNS int AS 'SELECT 1';SELECT 3", 2),
                of(head + "BEGIN ATOMIC SELECT t.end, t.case FROM t; END;SELECT 3", 2),
                of(head + "BEGIN ATOMIC SELECT 1 AS end; SELECT 2 AS case; END;SELECT 3", 2),
                of(head + "BEGIN ATOMIC SELECT \"end\", \"case\", 'end' FROM begin; END;SELECT 3", 2),
                of("CREATE AGGREGATE begin(int) (sfunc = f, stype = int);SELECT 3", 2),
                of("CREATE TRIGGER t BEFORE INSERT ON a EXECUTE FUNCTION begin();SELECT 3", 2));
    }

    @ParameterizedTest
    @MethodSource("constructs")
    void isSplitAsTheServerDoes(String script, List<String> statements) {
        assertThat(Scripts.texts(script)).isEqualTo(statements);
    }

    @ParameterizedTest
    @MethodSource("constructs")
    void isTheSameByteByByte(String script, List<String> statements) {
        byte[] bytes = Scripts.utf8(script);
        for (InputStream in : List.of(Scripts.dripping(bytes), Scripts.stuttering(bytes))) {
            assertThat(Scripts.read(in, Section.UPGRADE))
                    .extracting(read -> read.statement().text())
                    .isEqualTo(statements);
        }
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void bodyIsOneStatement(String script, int statements) {
        assertThat(Scripts.texts(script)).hasSize(statements);
    }

    @Test
    void statementMayBeLongerThanTheWindow() {
        String filler = "x".repeat(40_000);
        String longOne = "SELECT 1 /* é */, '" + filler.repeat(9) + "', $a$" + filler.repeat(3) + "$a$";
        List<String> statements = List.of("A", longOne, "B", longOne, longOne, "C");
        String script = "-- " + filler + "\n" + String.join("; -- " + filler + "\n /* " + filler + "*/", statements);
        assertThat(Scripts.texts(script)).isEqualTo(statements);
        assertThat(Scripts.readAll(Scripts.dripping(Scripts.utf8(script))))
                .isEqualTo(Scripts.readAll(new ByteArrayInputStream(Scripts.utf8(script))));
    }

    /** What is in memory moves while a token is read: whoever held an index, or half of a sum, would go on elsewhere. */
    @Test
    void isTheSameWhereverTheWindowEnds() {
        String tail =
                "SELECT E'\\\\\\'', U&'\\0061''b', \"q\"\"r\", $a$;$b$;$a$, 1.5e3, $1 /* /* ; */ */ -- ;\r\n 'é' ;\r\n"
                        + "COPY t FROM STDIN; -- c\r\n1;\r\n2;\n\\.\r\nSELECT 'x'\n 'y';\n-- downgrade\nSELECT 2;";
        List<String> statements = Scripts.texts(tail);
        assertThat(statements).hasSize(4).contains(">1;\r\n2;\n", "SELECT 'x'\n 'y'");
        for (int before = 0; before < 6_000; before++) { // past the first two ends
            assertThat(Scripts.texts(" ".repeat(before) + tail))
                    .as("behind %d", before)
                    .isEqualTo(statements);
        }
    }

    @Test
    void scriptThatCanNotBeReadIsClosed() {
        AtomicBoolean closed = new AtomicBoolean();
        InputStream broken = new FilterInputStream(InputStream.nullInputStream()) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                throw new IOException("broken");
            }

            @Override
            public void close() {
                closed.set(true);
            }
        };
        assertThatThrownBy(() -> ScriptReader.open(broken, "a1.sql", Section.UPGRADE))
                .hasMessage("broken");
        assertThat(closed).isTrue();
    }

    private static Arguments of(String script, Object expected) {
        return Arguments.of(script, expected);
    }
}
