package org.keops.automigrate;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Problem;

/** Collects everything that is wrong with the options. Mutable, for one thread. */
final class OptionProblems {
    private static final int LONGEST_NAME = 63;
    private static final Duration LONGEST_WAIT = Duration.ofDays(365);

    private final List<Problem> problems = new ArrayList<>();

    List<Problem> all() {
        return problems;
    }

    void add(String option, String what) {
        problems.add(new Problem(Location.of("option " + option), what));
    }

    void addAll(List<Problem> others) {
        problems.addAll(others);
    }

    void checkName(String option, @Nullable String name) {
        if (name == null) {
            return;
        }
        if (name.isEmpty() || name.indexOf('\0') >= 0) {
            add(option, "is not a name: empty, or with a NUL character");
        } else if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
            add(option, "is longer than PostgreSQL's " + LONGEST_NAME + " bytes for a name: " + name);
        }
    }

    void checkDuration(String option, Duration duration) {
        if (duration.isNegative()) {
            add(option, "must not be negative, but is " + duration);
        } else if (duration.compareTo(LONGEST_WAIT) > 0) {
            add(option, "must be at most " + LONGEST_WAIT.toDays() + " days, but is " + duration);
        }
    }
}
