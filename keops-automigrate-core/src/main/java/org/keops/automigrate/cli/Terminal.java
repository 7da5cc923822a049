package org.keops.automigrate.cli;

import java.io.PrintWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What surrounds the process.
 *
 * @param out for results
 * @param err for messages
 * @param environment the environment variables
 * @param prompt asks for a password, or null where nobody can be asked
 * @param bottom where a progress bar goes, or null where nobody would look at one
 */
record Terminal(
        PrintWriter out,
        PrintWriter err,
        Map<String, String> environment,
        @Nullable Prompt prompt,
        @Nullable BottomLine bottom) {

    /** Asks a person for a secret. */
    interface Prompt {
        /** The secret as typed, or null at the end of the input. */
        char @Nullable [] read(String question);
    }

    /** A variable, or null if it is missing or empty. */
    @Nullable
    String variable(String name) {
        String value = environment.get(name);
        return value == null || value.isEmpty() ? null : value;
    }
}
