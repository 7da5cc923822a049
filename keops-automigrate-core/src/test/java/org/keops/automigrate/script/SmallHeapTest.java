package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A script is streamed: a JVM with a small heap reads any amount. {@code -Dscript.megabytes=1000} for a long one. */
class SmallHeapTest {
    private static final int MEGABYTES = Integer.getInteger("script.megabytes", 120);

    @Test
    void memoryDoesNotGrowWithTheScript() throws Exception {
        String classes = directoryOf(ScriptReader.class) + File.pathSeparator + directoryOf(SmallHeapTest.class);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx16m",
                        "-cp",
                        classes,
                        Reader.class.getName(),
                        Integer.toString(MEGABYTES))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
        assertThat(output).matches("read \\d+ pieces\\R.*s\\.sql:2:3\\b.* does not fit into the memory .*\\R");
    }

    private static String directoryOf(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI())
                .toString();
    }

    /** The program with the small heap. */
    static final class Reader {
        private Reader() {}

        public static void main(String[] arguments) throws IOException {
            long pieces = 0;
            for (String unit : new String[] {
                "INSERT INTO t VALUES (1, 'text');\n",
                "INSERT INTO t VALUES (1, 'all in one line');",
                "/* comment */ ",
                "-- comment\n",
                ";"
            }) {
                pieces += read(new Repeated("", unit, "", Long.parseLong(arguments[0]) * 100_000));
            }
            long most = Long.parseLong(arguments[0]) * 300_000;
            pieces += read(new Repeated("COPY t FROM STDIN;\n", "1\tdata\t\\N\n", "\\.\n", most));
            pieces += read(new Repeated("COPY t FROM STDIN;\n", "all in one line ", "\n\\.\n", most));
            pieces += read(new Repeated("-- ", "all in one comment ", "\n", most));
            pieces += read(new Repeated("/* ", "all in one comment\n", "*/ SELECT 1;", most));
            System.out.println("read " + pieces + " pieces");
            try {
                read(new Repeated("SELECT 1;\n  SELECT '", "all in one literal ", "'", most));
            } catch (ScriptSyntaxException e) {
                System.out.println(e.problem());
            }
        }

        private static long read(InputStream in) throws IOException {
            long pieces = 0;
            try (ScriptReader reader = ScriptReader.open(in, "s.sql", Section.UPGRADE)) {
                while (reader.next() != null) {
                    pieces++;
                }
            }
            return pieces;
        }
    }

    /** A script that is made while it is read. */
    private static final class Repeated extends InputStream {
        private final byte[] head;
        private final byte[] unit;
        private final byte[] tail;
        private final long units;
        private long at;

        Repeated(String head, String unit, String tail, long size) {
            this.head = Scripts.utf8(head);
            this.unit = Scripts.utf8(unit);
            this.tail = Scripts.utf8(tail);
            this.units = size / this.unit.length;
        }

        @Override
        public int read() {
            long inBody = at++ - head.length;
            if (inBody < 0) {
                return head[(int) (at - 1)];
            }
            long inTail = inBody - units * unit.length;
            if (inTail >= tail.length) {
                return -1;
            }
            return inTail < 0 ? unit[(int) (inBody % unit.length)] : tail[(int) inTail];
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            int count = 0;
            for (int b = 0; count < length && (b = read()) != -1; count++) {
                target[offset + count] = (byte) b;
            }
            return count == 0 ? -1 : count;
        }
    }
}
