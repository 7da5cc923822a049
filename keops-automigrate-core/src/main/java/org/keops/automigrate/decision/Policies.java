package org.keops.automigrate.decision;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.WhenAhead;
import org.keops.automigrate.model.WhenUnversioned;

/**
 * What the user wants done in the cases that are a matter of opinion. Immutable and thread-safe.
 *
 * @param whenUnversioned what to do with a database without a version
 * @param whenAhead what to do with a database that a newer build has upgraded
 */
public record Policies(WhenUnversioned whenUnversioned, WhenAhead whenAhead) {

    /** Checks that both are there. */
    public Policies {
        Objects.requireNonNull(whenUnversioned, "whenUnversioned");
        Objects.requireNonNull(whenAhead, "whenAhead");
    }

    /**
     * What KEOPS does, save for what is said here.
     *
     * @param whenUnversioned what to do with a database without a version, or null
     * @param whenAhead what to do with a database that a newer build has upgraded, or null
     * @return the policies
     */
    public static Policies keopsOr(@Nullable WhenUnversioned whenUnversioned, @Nullable WhenAhead whenAhead) {
        return new Policies(
                whenUnversioned == null ? WhenUnversioned.stampHead() : whenUnversioned,
                whenAhead == null ? WhenAhead.LEAVE_ALONE : whenAhead);
    }
}
