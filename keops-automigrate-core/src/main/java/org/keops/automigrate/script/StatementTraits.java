package org.keops.automigrate.script;

import java.util.Objects;

/**
 * What whoever runs a statement has to know about it, as far as its text tells.
 *
 * <p>Immutable and thread-safe.
 *
 * @param kind what it means for the transaction and the session
 * @param command the command in capitals, such as {@code CREATE INDEX CONCURRENTLY}; keywords only, fit for a log
 * @param refusesSince the first server version (major) that refuses it inside a transaction block, at least 13, or 0 if
 *     none does
 * @param secret whether its text may hold a password and must not be shown
 * @param indexIfNotExists whether it is a {@code CREATE INDEX} that is content with an index of that name
 */
public record StatementTraits(
        StatementKind kind, String command, int refusesSince, boolean secret, boolean indexIfNotExists) {

    /** Checks that all parts are there. */
    public StatementTraits {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(command, "command");
    }

    StatementTraits(StatementKind kind, String command, int refusesSince, boolean secret) {
        this(kind, command, refusesSince, secret, false);
    }

    /** Finds the traits of a statement, read as the session reads strings. */
    static StatementTraits of(String text, boolean standardConformingStrings) {
        StatementTraits known = KnownCommands.of(text);
        return known == null ? new Classifier(text, standardConformingStrings).traits() : known;
    }

    /**
     * Whether a server refuses the statement inside a transaction block with 25001. There are cases that only the
     * catalog can tell and that are not covered: REINDEX and CLUSTER of a partitioned table, DROP SUBSCRIPTION with a
     * replication slot, and a procedure that commits.
     *
     * @param serverMajor the server's major version
     * @return true if it must run by itself
     */
    public boolean refusesTransaction(int serverMajor) {
        return refusesSince != 0 && serverMajor >= refusesSince;
    }
}
