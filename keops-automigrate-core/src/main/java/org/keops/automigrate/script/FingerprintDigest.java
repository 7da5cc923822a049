package org.keops.automigrate.script;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Makes a {@link Fingerprint} of pieces as they are read: SHA-256 over their tokens, a NUL behind each, two behind each
 * statement. Not thread-safe.
 */
public final class FingerprintDigest {
    private final MessageDigest digest = sha256();
    private final Operators operators = new Operators(this::token);

    /** Creates the digest of no piece. */
    public FingerprintDigest() {}

    /**
     * Adds a piece.
     *
     * @param piece the piece; data behind it is read to its end
     * @throws IOException if the data cannot be read
     */
    public void add(Piece piece) throws IOException {
        add(piece.statement());
        if (piece instanceof Piece.CopyFromStdin copy) {
            token(HexFormat.of().formatHex(digest(copy.data())).getBytes(StandardCharsets.US_ASCII));
        }
        digest.update((byte) 0);
    }

    /**
     * The fingerprint of all that was added; the digest starts over.
     *
     * @return the fingerprint
     */
    public Fingerprint fingerprint() {
        return new Fingerprint(Fingerprint.ALGORITHM, HexFormat.of().formatHex(digest.digest()));
    }

    private void add(Statement statement) {
        ByteWindow window = new ByteWindow(statement.text().getBytes(StandardCharsets.UTF_8));
        Lexer lexer = new Lexer(window, statement.standardConformingStrings());
        try {
            for (Token token = lexer.next(); token != Token.END; token = lexer.next()) {
                int from = window.tokenIndex();
                if (token == Token.SYMBOL) {
                    operators.accept(window.bytes[from], from);
                } else {
                    operators.end();
                    token(token, window.bytes, from, window.at);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is read: all bytes are there
        }
        operators.end();
    }

    private void token(Token token, byte[] bytes, int from, int to) {
        switch (token) {
            case WORD, NUMBER -> fold(bytes, from, to);
            case STRING, QUOTED_IDENTIFIER -> quoted(bytes, from, to);
            default -> digest.update(bytes, from, to - from);
        }
        digest.update((byte) 0);
    }

    private void token(byte[] token) {
        digest.update(token);
        digest.update((byte) 0);
    }

    /** In lower case, as the server takes words: of ASCII alone, since for the rest its locale would count. */
    private void fold(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            digest.update(bytes[i] >= 'A' && bytes[i] <= 'Z' ? (byte) (bytes[i] | 0x20) : bytes[i]);
        }
    }

    /** As it stands, but for the case of a letter ahead of the quote, and for the line endings. */
    private void quoted(byte[] bytes, int from, int to) {
        fold(bytes, from, from + 1);
        new LineFeeds(digest).update(bytes, from + 1, to);
    }

    private static byte[] digest(InputStream data) throws IOException {
        MessageDigest digest = sha256();
        LineFeeds lines = new LineFeeds(digest);
        byte[] buffer = new byte[1 << 16];
        for (int count = data.read(buffer); count != -1; count = data.read(buffer)) {
            lines.update(buffer, 0, count);
        }
        return digest.digest();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Digests text whose lines may end with CR or CRLF as if they ended with LF. */
    private static final class LineFeeds {
        private final MessageDigest digest;
        private boolean afterCarriageReturn;

        LineFeeds(MessageDigest digest) {
            this.digest = digest;
        }

        void update(byte[] bytes, int from, int to) {
            int start = from;
            for (int i = from; i < to; i++) {
                boolean lineFeedOfPair = afterCarriageReturn && bytes[i] == '\n';
                afterCarriageReturn = bytes[i] == '\r';
                if (afterCarriageReturn || lineFeedOfPair) {
                    digest.update(bytes, start, i - start);
                    start = i + 1;
                }
                if (afterCarriageReturn) {
                    digest.update((byte) '\n');
                }
            }
            digest.update(bytes, start, to - start);
        }
    }
}
