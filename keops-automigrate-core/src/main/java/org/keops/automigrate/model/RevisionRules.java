package org.keops.automigrate.model;

import java.util.Optional;
import java.util.Set;

/**
 * What a script may call its revision and its branches.
 *
 * <p>Alembic forbids {@code @ - + :} in ids because its target grammar uses them; it finds out about the length only
 * when the row is written, after the script has run. Both are refused here before anything runs. Stateless.
 */
public final class RevisionRules {
    /** The length of {@code alembic_version.version_num}, in characters. */
    public static final int LONGEST_ID = 32;

    private static final String FORBIDDEN = "@-+:";
    private static final Set<String> RESERVED = Set.of("head", "heads", "base", "current");

    private RevisionRules() {}

    /**
     * Says what is wrong with a revision id.
     *
     * @param id the id as written
     * @return a sentence that names the id, or empty if a revision may be called so
     */
    public static Optional<String> problemWithId(String id) {
        int length = id.codePointCount(0, id.length());
        if (length > LONGEST_ID) {
            return Optional.of("revision id '" + id + "' has " + length + " characters; alembic_version holds at most "
                    + LONGEST_ID);
        }
        return problemWithName("revision id", id);
    }

    /**
     * Says what is wrong with a branch label.
     *
     * @param label the label as written
     * @return a sentence that names the label, or empty if a branch may be called so
     */
    public static Optional<String> problemWithLabel(String label) {
        return problemWithName("branch label", label);
    }

    private static Optional<String> problemWithName(String kind, String name) {
        if (name.isEmpty()) {
            return Optional.of(kind + " is empty");
        }
        if (RESERVED.contains(name)) {
            return Optional.of(kind + " '" + name + "' is a word of the target grammar; choose another");
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (FORBIDDEN.indexOf(c) >= 0 || Character.isWhitespace(c) || Character.isISOControl(c)) {
                return Optional.of(kind + " '" + name + "' holds the character '" + printable(c)
                        + "'; allowed is anything but @ - + : and white space");
            }
        }
        return Optional.empty();
    }

    private static String printable(char c) {
        return Character.isISOControl(c) ? String.format("\\u%04x", (int) c) : String.valueOf(c);
    }
}
