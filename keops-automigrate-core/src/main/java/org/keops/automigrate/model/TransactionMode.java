package org.keops.automigrate.model;

/** How a revision's script asks to be run, by its header key {@code Transactional:}. */
public enum TransactionMode {
    /** Nothing was said: inside a transaction unless a statement of the script refuses one. */
    AUTOMATIC,
    /** {@code Transactional: yes}: inside a transaction, together with its version rows. */
    REQUIRED,
    /** {@code Transactional: no}: each statement commits by itself, the version rows follow. */
    NONE
}
