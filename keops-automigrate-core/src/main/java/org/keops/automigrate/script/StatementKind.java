package org.keops.automigrate.script;

/** What a statement means for the transaction and the session that run it. */
public enum StatementKind {
    /** Nothing special: it runs inside a transaction block and leaves the session as it is. */
    ORDINARY,
    /** Takes its rows from the script: {@code COPY … FROM STDIN}. */
    COPY_FROM_STDIN,
    /** Sends rows to whoever runs the script: {@code COPY … TO STDOUT}. */
    COPY_TO_STDOUT,
    /** Starts a transaction block: {@code BEGIN}, {@code START TRANSACTION}. */
    TRANSACTION_START,
    /** Ends it: {@code COMMIT}, {@code END}, {@code ROLLBACK}, {@code ABORT}, {@code PREPARE TRANSACTION}. */
    TRANSACTION_END,
    /** Moves within it: {@code SAVEPOINT}, {@code RELEASE}, {@code ROLLBACK TO}. */
    SAVEPOINT,
    /** Sets something of the transaction or the ones to come: {@code SET TRANSACTION}, {@code SET SESSION CHARACTERISTICS}. */
    TRANSACTION_SETTING,
    /** Changes the session beyond the statement: {@code SET}, {@code RESET}, {@code DISCARD} but {@code DISCARD ALL}. */
    SESSION_SETTING,
    /** Changes the session until the transaction ends: {@code SET LOCAL}. */
    LOCAL_SETTING,
    /** Refuses a transaction block (25001), see {@link StatementTraits#refusesTransaction(int)}. */
    OUTSIDE_TRANSACTION
}
