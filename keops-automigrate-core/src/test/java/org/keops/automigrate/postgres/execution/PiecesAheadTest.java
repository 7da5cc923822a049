package org.keops.automigrate.postgres.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.script.Piece;
import org.keops.automigrate.script.ScriptReader;
import org.keops.automigrate.script.ScriptSyntaxException;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.testing.Conditions;

/** What is read ahead is what would be read, in its order, and no more than fits. */
class PiecesAheadTest {
    private static final int MANY = 20_000;

    /** What other tests may have left behind. */
    private final Set<Thread> others = Thread.getAllStackTraces().keySet();

    private interface Pieces {
        @Nullable
        Piece next() throws IOException;
    }

    @Test
    void thePiecesAreThoseOfTheScriptWithTheirPlacesAndData() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3_000; i++) {
            text.append("INSERT INTO t VALUES (").append(i).append(");\n");
            if (i % 700 == 0) {
                text.append("COPY t FROM STDIN;\n")
                        .append("1\t2\n".repeat(i + 1))
                        .append("\\.\n");
                text.append("SELECT '").append("x".repeat(i * 700)).append("';\n");
            }
        }
        List<String> expected;
        try (ScriptReader script = script(text, new AtomicLong())) {
            expected = told(script::next);
        }
        try (ScriptReader script = script(text, new AtomicLong());
                PiecesAhead pieces = new PiecesAhead(script)) {
            assertThat(told(pieces::next)).isEqualTo(expected);
            assertThat(pieces.next()).isNull();
        }
        assertThat(readers()).isEmpty();
    }

    private static List<String> told(Pieces pieces) throws IOException {
        List<String> told = new ArrayList<>();
        for (Piece piece = pieces.next(); piece != null; piece = pieces.next()) {
            String text = piece.statement().text();
            told.add(piece.statement().start() + " " + text.length() + " " + text.hashCode());
            // the data of one of two are left to whoever reads on
            if (piece instanceof Piece.CopyFromStdin copy && told.size() % 2 == 0) {
                told.add(new String(copy.data().readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return told;
    }

    @Test
    void theNextAreReadWhileTheFirstAreWorkedOn() throws Exception {
        StringBuilder text = many();
        AtomicLong read = new AtomicLong();
        try (ScriptReader script = script(text, read);
                PiecesAhead pieces = new PiecesAhead(script)) {
            String second = "INSERT INTO t VALUES (" + MANY / 2 + ")";
            Piece piece = pieces.next();
            while (piece != null && !piece.statement().text().equals(second)) {
                piece = pieces.next();
            }
            Conditions.await("nobody asks, and yet the reader waits for room", () -> isWaiting(readers()));
            long ahead = read.get();
            assertThat(ahead).isGreaterThan(text.indexOf(second) + (3L << 14));
            assertThat(ahead).isLessThan(text.indexOf(second) + (1L << 18));
        }
        assertThat(readers()).isEmpty();
    }

    @Test
    void behindALargeOneNothingIsReadBeforeItIsAskedFor() throws Exception {
        StringBuilder text =
                many().append("SELECT '").append("x".repeat(1 << 20)).append("';\n");
        int behind = text.length();
        text.append("SELECT '").append("y".repeat(1 << 23)).append("';\n");
        AtomicLong read = new AtomicLong();
        try (ScriptReader script = script(text, read);
                PiecesAhead pieces = new PiecesAhead(script)) {
            Piece piece = pieces.next();
            while (piece != null && piece.statement().text().length() < 1 << 20) {
                piece = pieces.next();
            }
            Conditions.await("the reader waits", () -> isWaiting(readers()));
            assertThat(read.get()).isLessThan(behind + (1L << 22));
            assertThat(pieces.next()).isNotNull();
        }
    }

    @Test
    void whatCanNotBeReadIsThrownWhereItStands() throws Exception {
        StringBuilder text = many().append("SELECT 'never closed;\n");
        try (ScriptReader script = script(text, new AtomicLong());
                PiecesAhead pieces = new PiecesAhead(script)) {
            for (int i = 0; i < MANY; i++) {
                assertThat(pieces.next()).isNotNull();
            }
            assertThatThrownBy(pieces::next)
                    .isInstanceOf(ScriptSyntaxException.class)
                    .hasMessageContaining(":" + (MANY + 1) + ":");
        }
    }

    /** Not every language knows checked exceptions. */
    @Test
    void nobodyWaitsForAReaderThatDiedOfWhatIsNotDeclared() throws Exception {
        InputStream breaking = new FilterInputStream(content(many())) {
            private int left = 1 << 17;

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                left -= 512;
                if (left < 0) {
                    sneak(new Throwable("out of order"));
                }
                return super.read(target, offset, Math.min(length, 512));
            }
        };
        try (ScriptReader script = ScriptReader.open(breaking, "a.sql", Section.UPGRADE);
                PiecesAhead pieces = new PiecesAhead(script)) {
            assertThatThrownBy(() -> assertTimeoutPreemptively(Duration.ofMinutes(1), () -> told(pieces::next)))
                    .isInstanceOf(IOException.class)
                    .hasRootCauseMessage("out of order");
        }
        assertThat(readers()).isEmpty();
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> void sneak(Throwable thrown) throws E {
        throw (E) thrown;
    }

    private static StringBuilder many() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < MANY; i++) {
            text.append("INSERT INTO t VALUES (").append(i).append(");\n");
        }
        return text;
    }

    private List<Thread> readers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("keops-automigrate-reader") && !others.contains(thread))
                .toList();
    }

    private static boolean isWaiting(List<Thread> threads) {
        return threads.size() == 1 && threads.get(0).getState() == Thread.State.WAITING;
    }

    private static ScriptReader script(CharSequence text, AtomicLong read) throws IOException {
        InputStream counted = new FilterInputStream(content(text)) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int count = super.read(target, offset, Math.min(length, 512));
                read.addAndGet(Math.max(0, count));
                return count;
            }
        };
        return ScriptReader.open(counted, "a.sql", Section.UPGRADE);
    }

    private static InputStream content(CharSequence text) {
        return new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
