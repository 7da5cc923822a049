package org.keops.automigrate.script;

import java.util.Locale;
import java.util.Set;
import org.keops.automigrate.model.Location;

/**
 * Comments that somebody may have meant as the line {@code -- downgrade}. Taken for mere comments they would let the way
 * back run right behind the way forth. Stateless.
 */
final class SectionLookalike {
    /** No longer line is looked at to its end: it is prose. */
    static final int LONGEST = 48;

    private static final String DOWNGRADE = "downgrade";
    private static final Set<String> WORDS = Set.of(
            DOWNGRADE,
            "downgrades",
            "downgradesection",
            "down",
            "upgrade",
            "upgrades",
            "upgradesection",
            "migratedown",
            "migrateup",
            "goosedown",
            "gooseup");

    private SectionLookalike() {}

    /**
     * Refuses a comment that looks like a section line and is none.
     *
     * @param comment the comment's line, from its first character on
     * @param where where it stands
     * @throws ScriptSyntaxException if it does
     */
    static void refuse(String comment, Location where) {
        StringBuilder letters = new StringBuilder();
        int words = 0;
        boolean inWord = false;
        for (int i = 0; i < comment.length(); i++) {
            boolean letter = Character.isLetter(comment.charAt(i));
            words += letter && !inWord ? 1 : 0;
            inWord = letter;
            if (letter) {
                letters.append(comment.charAt(i));
            }
        }
        String all = letters.toString().toLowerCase(Locale.ROOT);
        if (words > 0 && (WORDS.contains(all) || startsWithTheWordAndGoesOnWithSigns(comment))) {
            throw new ScriptSyntaxException(
                    where,
                    "this looks like the start of a section and is none: write '-- downgrade' alone on its line, or word"
                            + " the comment differently");
        }
    }

    private static boolean startsWithTheWordAndGoesOnWithSigns(String comment) {
        int at = 0;
        while (at < comment.length() && !Character.isLetter(comment.charAt(at))) {
            at++;
        }
        if (!comment.regionMatches(true, at, DOWNGRADE, 0, DOWNGRADE.length())) {
            return false;
        }
        int behind = at + DOWNGRADE.length();
        while (behind < comment.length() && comment.charAt(behind) == ' ') {
            behind++;
        }
        return behind < comment.length() && !Character.isLetterOrDigit(comment.charAt(behind));
    }
}
