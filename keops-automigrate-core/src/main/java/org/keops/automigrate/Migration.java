package org.keops.automigrate;

import java.sql.Connection;
import java.util.List;

/**
 * A revision written in Java, for what SQL cannot do; it stands in the same history as the scripts.
 *
 * <p>It runs in the transaction that records it, and that transaction is the migrator's: a migration cannot end it, close
 * or unwrap the connection, or use it later. Savepoints are its own. Whatever it throws is a failed step: everything is
 * rolled back. What it does beyond the database no rollback takes back. Called by one thread at a time.
 */
public interface Migration {

    /**
     * The revision's own id.
     *
     * @return an id as a script's {@code Revision ID:} has it
     */
    String revision();

    /**
     * The revisions it follows.
     *
     * @return their ids; empty for a first one, several for a merge
     */
    List<String> revises();

    /**
     * What it does, in a few words for the log.
     *
     * @return the revision's message, by default the name of the class
     */
    default String message() {
        return getClass().getSimpleName();
    }

    /**
     * Does it.
     *
     * @param connection the connection of the transaction, for the time of this call
     * @throws Exception if it does not work
     */
    void upgrade(Connection connection) throws Exception;

    /**
     * Takes it back.
     *
     * @param connection the connection of the transaction, for the time of this call
     * @throws Exception if it does not work
     */
    void downgrade(Connection connection) throws Exception;
}
