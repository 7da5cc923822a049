package org.keops.automigrate.postgres.session;

import java.util.List;

/**
 * Statements that travel together, and how their answers are read.
 *
 * @param statements without parameters
 * @param reader reads the answers that have rows, in their order
 */
public record Asked<T>(List<String> statements, Answers.Reader<T> reader) {

    /** Copies its parts. */
    public Asked {
        statements = List.copyOf(statements);
    }
}
