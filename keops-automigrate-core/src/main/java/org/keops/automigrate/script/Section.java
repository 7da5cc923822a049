package org.keops.automigrate.script;

/** The two parts of a script, each introduced by a comment that stands alone on its line. */
public enum Section {
    /** From {@code -- upgrade}, or from the top of a script that has no such line. */
    UPGRADE("-- upgrade"),
    /** From {@code -- downgrade}. */
    DOWNGRADE("-- downgrade");

    private final String line;

    Section(String line) {
        this.line = line;
    }

    /**
     * The line that starts the section.
     *
     * @return the line as the guide writes it
     */
    public String line() {
        return line;
    }
}
