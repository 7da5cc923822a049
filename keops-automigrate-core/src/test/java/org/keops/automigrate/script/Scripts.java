package org.keops.automigrate.script;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Problem;

/** Reads whole scripts for the tests and checks, for every one, what must hold for all of them. */
final class Scripts {
    /** A piece and its data, read. */
    record Read(Statement statement, List<String> data) {}

    /** What came of a script: places and texts of its pieces, and the problem that ended it. */
    record Outcome(List<String> pieces, @Nullable Problem problem) {}

    private Scripts() {}

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The statements' texts; the data of a COPY is one more text, behind {@code >}. */
    static List<String> texts(String script) {
        return texts(utf8(script), Section.UPGRADE);
    }

    static List<String> texts(byte[] script, Section section) {
        List<String> texts = new ArrayList<>();
        for (Read read : read(new ByteArrayInputStream(script), section)) {
            Statement statement = read.statement();
            int from = (int) statement.byteOffset();
            byte[] source = Arrays.copyOfRange(script, from, from + statement.byteLength());
            if (!new String(source, StandardCharsets.UTF_8).equals(statement.text())) {
                throw new AssertionError("the text is not what stands at its offset: " + statement.start());
            }
            texts.add(statement.text());
            texts.addAll(read.data());
        }
        return texts;
    }

    static List<Read> read(InputStream in, Section section) {
        List<Read> all = new ArrayList<>();
        try (ScriptReader reader = ScriptReader.open(in, "s.sql", section)) {
            for (Piece piece = reader.next(); piece != null; piece = reader.next()) {
                List<String> data = List.of();
                if (piece instanceof Piece.CopyFromStdin copy) {
                    data = List.of(">" + new String(copy.data().readAllBytes(), StandardCharsets.ISO_8859_1));
                }
                all.add(new Read(piece.statement(), data));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }

    /** A stream that gives one byte at a time. */
    static InputStream dripping(byte[] script) {
        return new ByteArrayInputStream(script) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(1, length));
            }
        };
    }

    /** A stream that gives a byte or none: not even what {@link InputStream} forbids ends a script early. */
    static InputStream stuttering(byte[] script) {
        return new ByteArrayInputStream(script) {
            private boolean gives;

            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                gives = !gives;
                return gives ? super.read(target, offset, Math.min(1, length)) : 0;
            }
        };
    }

    static Outcome readAll(InputStream in) {
        List<String> pieces = new ArrayList<>();
        try (ScriptReader reader = ScriptReader.open(in, "s.sql", Section.UPGRADE)) {
            for (Piece piece = reader.next(); piece != null; piece = reader.next()) {
                Statement statement = piece.statement();
                pieces.add(statement.start() + " " + statement.byteOffset() + " " + statement.text());
            }
            return new Outcome(pieces, null);
        } catch (ScriptSyntaxException e) {
            return new Outcome(pieces, e.problem());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
