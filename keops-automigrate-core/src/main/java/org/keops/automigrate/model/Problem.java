package org.keops.automigrate.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something wrong with the scripts or the configuration: where it was seen, what was seen and what to do about it.
 *
 * <p>Immutable and thread-safe.
 *
 * @param where the place
 * @param what one sentence for a person; holds neither a password nor a literal of a script
 * @param line the line of the script with the place in it, or null if there is none or it must not be shown
 */
public record Problem(Location where, String what, @Nullable SourceLine line) {

    /**
     * Checks that both parts are there.
     *
     * @param where the component of this name
     * @param what the component of this name
     * @param line the component of this name
     */
    public Problem {
        Objects.requireNonNull(where, "where");
        Objects.requireNonNull(what, "what");
    }

    /**
     * A problem of which no line is shown.
     *
     * @param where the component of this name
     * @param what the component of this name
     */
    public Problem(Location where, String what) {
        this(where, what, null);
    }

    /** {@code file:line:column: what}. */
    @Override
    public String toString() {
        return where + ": " + what;
    }
}
