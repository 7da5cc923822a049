package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.testing.Seeds;

class CopyDataTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1\ta\n",
                "1\t\\N\n\n\t\\\\.\n\\.x\n\\..\n \\.\n",
                "1,\"a\n;'$$\n\",x\r\n\r\n",
                "'; DROP TABLE t; --\n/*\n$$\n",
                "\\\n.\n\\\n",
                "a\\.\n",
                "\u00FF\u0000\u0080\n",
            })
    void dataIsByteExact(String data) {
        String copy = "COPY t (a, b) FROM STDIN WITH (FORMAT csv)";
        for (String end : List.of("\\.\n", "\\.\r\n", "\\.")) {
            byte[] script = (copy + ";\n" + data + end).getBytes(StandardCharsets.ISO_8859_1);
            assertThat(read(new ByteArrayInputStream(script))).containsExactly(copy, ">" + data);
            assertThat(read(Scripts.dripping(script))).containsExactly(copy, ">" + data);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", " \t\n", "\r\n", " -- ; '\n", "--\r"})
    void dataStartsOnTheNextLine(String restOfLine) {
        assertThat(Scripts.texts("COPY t FROM STDIN;" + restOfLine + "1\n\\.\nSELECT 1;"))
                .containsExactly("COPY t FROM STDIN", ">1\n", "SELECT 1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "copy t from stdin",
                "COPY s.t (a, \"from\") FROM /* ; */ STDIN",
                "COPY BINARY t FROM STDIN DELIMITERS ','",
                "COPY \"from\" FROM STDIN WHERE a > 1",
                "COPY t FROM STDOUT",
            })
    void statementIsRecognised(String copy) {
        assertThat(Scripts.texts(copy + ";\n1\n\\.\n")).containsExactly(copy, ">1\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "COPY t FROM 'stdin'",
                "COPY t FROM PROGRAM 'x'",
                "COPY t TO STDOUT",
                "COPY (SELECT * FROM stdin) TO STDOUT",
                "SELECT * FROM stdin",
                "COPY t FROM \"stdin\"",
                "CREATE TABLE copy (from_ int)",
            })
    void otherStatementHasNoData(String statement) {
        assertThat(Scripts.texts(statement + ";\nSELECT 1;")).containsExactly(statement, "SELECT 1");
    }

    @Test
    void unreadDataIsSteppedOver() throws IOException {
        byte[] script = Scripts.utf8("COPY t FROM STDIN;\n1\n2\n3\n\\.\n\n  SELECT é, 1;");
        try (ScriptReader reader = ScriptReader.open(new ByteArrayInputStream(script), "s.sql", Section.UPGRADE)) {
            Piece.CopyFromStdin copy = (Piece.CopyFromStdin) Objects.requireNonNull(reader.next());
            assertThat(copy.firstLine()).isEqualTo(new Location("s.sql", 2, 1));
            assertThat(copy.data().read()).isEqualTo('1');
            Piece next = Objects.requireNonNull(reader.next());
            assertThat(next.statement().start()).isEqualTo(new Location("s.sql", 7, 3));
            assertThat(next.statement().byteOffset()).isEqualTo(31);
            assertThat(copy.data().read()).isEqualTo(-1);
        }
    }

    @Test
    void whatIsReadIsCounted() throws IOException {
        byte[] script = Scripts.utf8("COPY t FROM STDIN;\n1\n\\x\n2\né\n\\.\n");
        try (ScriptReader reader = ScriptReader.open(new ByteArrayInputStream(script), "s.sql", Section.UPGRADE)) {
            CopyData data = ((Piece.CopyFromStdin) Objects.requireNonNull(reader.next())).data();
            byte[] three = new byte[3];
            assertThat(data.read(new byte[0])).isZero();
            assertThat(data.read(three)).isEqualTo(3); // a line and a part of the next, which begins with a backslash
            assertThat(three).isEqualTo(Scripts.utf8("1\n\\"));
            assertThat(data.bytesRead()).isEqualTo(3);
            assertThat(data.linesRead()).isEqualTo(1);
            assertThat(data.readAllBytes()).isEqualTo(Scripts.utf8("x\n2\né\n"));
            assertThat(data.bytesRead()).isEqualTo(10);
            assertThat(data.linesRead()).isEqualTo(4);
            assertThat(data.read(new byte[0])).isZero();
            assertThat(data.read(three)).isEqualTo(-1);
        }
    }

    @Test
    void dataIsReadAsItIsAskedFor() throws IOException {
        InputStream endless = new InputStream() {
            private final byte[] start = Scripts.utf8("COPY t FROM STDIN;\n");
            private int at;

            @Override
            public int read() {
                return at < start.length ? start[at++] : "12\n".charAt(at++ % 3);
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                for (int i = 0; i < length; i++) {
                    target[offset + i] = (byte) read();
                }
                return length;
            }
        };
        try (ScriptReader reader = ScriptReader.open(endless, "s.sql", Section.UPGRADE)) {
            Piece.CopyFromStdin copy = (Piece.CopyFromStdin) Objects.requireNonNull(reader.next());
            assertThat(copy.data().skip(2_000_000)).isEqualTo(2_000_000);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n COPY t FROM STDIN;\n1\n",
                "\n COPY t FROM STDIN;\n1\n\\. \n",
                "\n COPY t FROM STDIN;\n1\\.\n",
                "\n COPY t FROM STDIN;",
                "\n COPY t FROM STDIN",
                "\n COPY t FROM STDIN\n-- downgrade\n",
            })
    void missingEndIsReportedAtTheStatement(String script) {
        assertThatExceptionOfType(ScriptSyntaxException.class)
                .isThrownBy(() -> Scripts.texts(script))
                .withMessage(
                        "s.sql:2:2: the data of this COPY ... FROM STDIN is not ended by a line \\. anywhere in the"
                                + " script");
    }

    @Test
    void nothingMayStandBetweenStatementAndData() {
        assertThatExceptionOfType(ScriptSyntaxException.class)
                .isThrownBy(() -> Scripts.texts("COPY t FROM STDIN; SELECT 1;\n1\n\\.\n"))
                .withMessage(
                        "s.sql:1:20: the data of COPY ... FROM STDIN starts on the next line; nothing but a comment"
                                + " may stand here");
    }

    private static List<String> read(InputStream in) {
        Scripts.Read read = Scripts.read(in, Section.UPGRADE).get(0);
        return List.of(read.statement().text(), read.data().get(0));
    }

    /** Eight bytes at a time or one, wherever the words begin. */
    @Test
    void linesEndWhereTheyEndHoweverTheyLie() {
        Random random = new Random(Seeds.seed());
        byte[] alphabet = {'\n', '\\', '.', 'a', '\r', 0, (byte) 0x8A, (byte) 0xDC, (byte) 0xFF};
        DataLines lines = new DataLines();
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(60)];
            int dense = 3 + random.nextInt(60);
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = alphabet[Math.min(alphabet.length - 1, random.nextInt(dense))];
            }
            int from = random.nextInt(bytes.length + 1);
            int to = from + random.nextInt(bytes.length - from + 1);
            int feeds = 0;
            int end = from;
            while (end < to && !(end > from && bytes[end - 1] == '\n' && bytes[end] == '\\')) {
                feeds += bytes[end++] == '\n' ? 1 : 0;
            }
            assertThat(lines.pass(bytes, from, to))
                    .as("%s from %d to %d", Arrays.toString(bytes), from, to)
                    .isEqualTo(end);
            assertThat(lines.count()).isEqualTo(feeds);
        }
    }
}
