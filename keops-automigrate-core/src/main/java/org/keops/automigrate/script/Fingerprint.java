package org.keops.automigrate.script;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * What a section of a script says to the server, in one short text: the same for two scripts that differ in comments, in
 * white space, in line endings or in the case of words that PostgreSQL folds anyway, and else another.
 *
 * <p>What stands in quotes, dollar quotes among them, and the data of a COPY count as they are but for their line endings,
 * for the server keeps them. Two fingerprints tell something about each other only if their algorithm is the same.
 * Immutable and thread-safe.
 *
 * @param algorithm the name of the way in which it was made
 * @param hash what came of it, in hexadecimal
 */
public record Fingerprint(String algorithm, String hash) {
    /** How fingerprints are made now. Whatever changes one of them changes this name as well. */
    public static final String ALGORITHM = "sql-tokens-1";

    /** Checks that both parts are there. */
    public Fingerprint {
        Objects.requireNonNull(algorithm, "algorithm");
        Objects.requireNonNull(hash, "hash");
    }

    /**
     * Reads a section to its end.
     *
     * @param script the script; closed when it is read
     * @param file its name, for messages
     * @param section the section; one that is not there is like one without statements
     * @param standardConformingStrings the session's setting of that name before the script runs
     * @return its fingerprint
     * @throws IOException if the script cannot be read
     * @throws ScriptSyntaxException if it cannot be understood
     */
    public static Fingerprint of(InputStream script, String file, Section section, boolean standardConformingStrings)
            throws IOException {
        FingerprintDigest digest = new FingerprintDigest();
        try (ScriptReader reader = ScriptReader.open(script, file, section, standardConformingStrings)) {
            for (Piece piece = reader.next(); piece != null; piece = reader.next()) {
                digest.add(piece);
            }
        }
        return digest.fingerprint();
    }

    /**
     * Takes a stored fingerprint apart.
     *
     * @param text what {@link #toString()} gave
     * @return the fingerprint
     */
    public static Fingerprint parse(String text) {
        int colon = text.indexOf(':');
        return new Fingerprint(text.substring(0, Math.max(0, colon)), text.substring(colon + 1));
    }

    /** Algorithm and hash, to be stored. */
    @Override
    public String toString() {
        return algorithm + ":" + hash;
    }
}
