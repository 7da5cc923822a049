package org.keops.automigrate.script;

/**
 * What of a server and a session changes the meaning of a script.
 *
 * @param serverMajorVersion the server's major version: some statements refuse a transaction only on newer ones
 * @param standardConformingStrings the session's setting of that name: whether a backslash in a plain string is just one
 */
public record Dialect(int serverMajorVersion, boolean standardConformingStrings) {
    /** For scripts that are read without a server: what the newest refuses is refused. */
    public static final Dialect STRICTEST = new Dialect(18, true);
}
