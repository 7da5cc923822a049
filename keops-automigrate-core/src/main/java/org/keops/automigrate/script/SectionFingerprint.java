package org.keops.automigrate.script;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.keops.automigrate.model.Revision;

/**
 * What tells whether a section was edited: a hash of its statements and their data. What stands between statements, comments
 * above all, does not count. Immutable and thread-safe.
 *
 * @param hash SHA-256 in hexadecimal digits
 * @param statements how many statements it covers
 */
public record SectionFingerprint(String hash, int statements) {

    /**
     * Reads the beginning of a section.
     *
     * @param revision the revision
     * @param bodies opens its script
     * @param section the section
     * @param standardConformingStrings the session's setting of that name before the script runs
     * @param limit how many statements to cover at most
     * @return the fingerprint
     * @throws IOException if the script can not be read
     * @throws ScriptSyntaxException if the script can not be understood
     */
    public static SectionFingerprint of(
            Revision revision, ScriptBodies bodies, Section section, boolean standardConformingStrings, int limit)
            throws IOException {
        MessageDigest digest = FingerprintDigest.sha256();
        int statements = 0;
        try (ScriptReader reader = ScriptReader.open(
                bodies.open(revision), revision.script().file(), section, standardConformingStrings)) {
            while (statements < limit) {
                Piece piece = reader.next();
                if (piece == null) {
                    break;
                }
                digest.update(piece.statement().text().getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
                if (piece instanceof Piece.CopyFromStdin copy) {
                    update(digest, copy.data());
                }
                statements++;
            }
        }
        return new SectionFingerprint(HexFormat.of().formatHex(digest.digest()), statements);
    }

    private static void update(MessageDigest digest, InputStream data) throws IOException {
        byte[] buffer = new byte[1 << 13];
        for (int n = data.read(buffer, 0, buffer.length); n >= 0; n = data.read(buffer, 0, buffer.length)) {
            digest.update(buffer, 0, n);
        }
        digest.update((byte) 0);
    }
}
