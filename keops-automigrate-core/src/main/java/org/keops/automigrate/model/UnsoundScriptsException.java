package org.keops.automigrate.model;

import java.util.List;

/**
 * The scripts do not describe a sound history: a mistake of the program, found before a database is asked anything.
 *
 * <p>It lists every problem, not just the first, so that one look at the log is enough. Immutable and thread-safe.
 */
public final class UnsoundScriptsException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    /**
     * Creates the exception.
     *
     * @param problems what is wrong, at least one
     */
    public UnsoundScriptsException(List<Problem> problems) {
        super(message(problems));
        this.problems = List.copyOf(problems);
    }

    /**
     * Everything that is wrong.
     *
     * @return the problems in the order in which they were found
     */
    public List<Problem> problems() {
        return problems;
    }

    private static String message(List<Problem> problems) {
        StringBuilder text = new StringBuilder(
                problems.size() == 1
                        ? "the scripts have a problem:"
                        : "the scripts have " + problems.size() + " problems:");
        for (Problem problem : problems) {
            text.append('\n').append(problem);
        }
        return text.toString();
    }
}
