package org.keops.automigrate.postgres.execution;

/**
 * How the statements of scripts are sent.
 *
 * @param oneStatementAtATime whether each waits for the answer to the one before
 * @param showStatements whether a failure shows its statement
 */
public record Sending(boolean oneStatementAtATime, boolean showStatements) {
    /** Those of a transaction together, and none is shown. */
    public static final Sending USUAL = new Sending(false, false);
}
