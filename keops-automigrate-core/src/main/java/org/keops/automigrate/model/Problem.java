package org.keops.automigrate.model;

import java.util.Objects;

/**
 * Something wrong with the scripts or the configuration: where it was seen, what was seen and what to do about it.
 *
 * <p>Immutable and thread-safe.
 *
 * @param where the place
 * @param what one sentence for a person; holds neither a password nor a literal of a script
 */
public record Problem(Location where, String what) {

    /**
     * Checks that both parts are there.
     *
     * @param where the component of this name
     * @param what the component of this name
     */
    public Problem {
        Objects.requireNonNull(where, "where");
        Objects.requireNonNull(what, "what");
    }

    /** {@code file:line:column: what}. */
    @Override
    public String toString() {
        return where + ": " + what;
    }
}
