package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What of a script is kept in memory. */
class ByteWindowTest {
    private static final int CHUNK = 1 << 16;
    private static final int HUGE = (1 << 20) + (1 << 19);

    private final ByteWindow window =
            new ByteWindow(new ByteArrayInputStream(Scripts.utf8("12345678".repeat(HUGE / 4))), "s.sql", CHUNK);

    /** There may be thousands of small ones. */
    @Test
    void smallScriptTakesLittle() throws IOException {
        assertThat(bufferOf(100, CHUNK)).isEqualTo(1 << 10);
        assertThat(bufferOf(2_000, CHUNK)).isEqualTo(1 << 12);
        assertThat(bufferOf(10_000, CHUNK)).isEqualTo(1 << 14);
        assertThat(bufferOf(100, 1 << 9)).isEqualTo(1 << 9);
    }

    private static int bufferOf(int script, int chunk) throws IOException {
        ByteWindow small = new ByteWindow(new ByteArrayInputStream(new byte[script]), "s.sql", chunk);
        while (small.more()) {
            small.mark = 0; // all of it is one statement
        }
        return small.bytes.length;
    }

    @Test
    void bufferIsNoLargerThanAChunk() throws IOException {
        read(HUGE);
        assertThat(window.bytes).hasSize(CHUNK);
    }

    /** So that not each byte more is moved again. */
    @Test
    void whatIsWantedMovesToTheFront() throws IOException {
        while (window.offset() < HUGE) {
            window.token = window.offset();
            read(999);
            assertThat(window.bytes[(int) (window.token - window.base)]).isEqualTo((byte) ('1' + window.token % 8));
        }
        assertThat(window.bytes).hasSize(CHUNK);
    }

    @Test
    void oneHugeStatementLeavesNoHugeBuffer() throws IOException {
        window.mark = 10;
        read(HUGE);
        assertThat(window.bytes.length).isBetween(HUGE, 4 * HUGE);
        assertThat(window.bytes[(int) (window.mark - window.base)]).isEqualTo((byte) '3');
        window.forget();
        read(HUGE);
        assertThat(window.bytes).hasSize(2 * CHUNK);
    }

    @Test
    void offsetsAreThoseOfTheScript() throws IOException {
        read(HUGE);
        assertThat(window.offset()).isEqualTo(HUGE);
        assertThat(window.peek(5)).isEqualTo('6');
        assertThat(window.peek(2 * HUGE)).isEqualTo(-1);
    }

    private void read(int bytes) throws IOException {
        long end = window.offset() + bytes;
        while (window.offset() < end) {
            assertThat(window.peek(0)).isNotEqualTo(-1);
            window.at += (int) Math.min(window.limit - window.at, end - window.offset());
        }
    }
}
