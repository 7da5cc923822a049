package org.keops.automigrate.postgres.execution;

import java.sql.Connection;

/** One direction of a revision that is written in Java. */
@FunctionalInterface
public interface Code {

    /**
     * Runs it.
     *
     * @param connection lent for the time of the call
     * @throws Exception whatever goes wrong in it
     */
    void run(Connection connection) throws Exception;
}
