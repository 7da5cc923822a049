package org.keops.bootstrap.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/** What the demo prints, and how many of its proofs failed. For one thread. */
final class Report {
    private static final String CONTINUED = " ".repeat(11);
    private static final int WIDTH = 110;

    private final PrintStream out;
    private int proofs;
    private int failed;

    Report(PrintStream out) {
        this.out = out;
    }

    void line(String text) {
        out.println(text);
    }

    void scene(String title) {
        out.println();
        out.println(title);
    }

    /** Prints a text beside its label, in lines of a readable length. */
    void entry(String label, String text) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "   %-7s ", label));
        for (String word : text.split(" ", -1)) {
            if (line.length() + word.length() >= WIDTH && line.length() > CONTINUED.length()) {
                out.println(line);
                line = new StringBuilder(CONTINUED);
            }
            line.append(' ').append(word);
        }
        out.println(line);
    }

    /**
     * Prints a proof.
     *
     * @param what what is claimed
     * @param expected what has to be read back
     * @param read what was read back
     */
    void proof(String what, Object expected, Object read) {
        boolean holds = Objects.equals(expected, read);
        proofs++;
        failed += holds ? 0 : 1;
        entry("proof", (holds ? "ok      " : "FAILED  ") + what);
        if (!holds) {
            entry("", "        expected  " + without(expected, read));
            entry("", "        but read  " + without(read, expected));
        }
    }

    /** Of long lists, only what the other has not. */
    private static Object without(Object one, Object other) {
        if (!(one instanceof List<?> lines) || !(other instanceof List<?> others)) {
            return one;
        }
        return lines.stream()
                .filter(line -> !others.contains(line))
                .map(String::valueOf)
                .collect(Collectors.joining(" | "));
    }

    int proofs() {
        return proofs;
    }

    int failed() {
        return failed;
    }
}
