package org.keops.automigrate.script;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.keops.automigrate.model.Location;

/**
 * Comments that somebody may have meant as the line {@code -- downgrade}. Taken for mere comments they would let the way
 * back run right behind the way forth, so among statements it refuses rather one too many. Stateless.
 */
final class SectionLookalike {
    /** Of a longer comment, in bytes, no more is looked at. */
    static final int LONGEST = 200;

    private static final Set<String> SECTION = Set.of("downgrade", "downgrades", "upgrades");
    /** What other tools write, and what a tired person does, with nothing or little else on the line. */
    private static final Set<String> SHORT = Set.of("down", "upgrade", "rollback", "undo");

    private static final String DOWN = "down";

    private SectionLookalike() {}

    /**
     * Refuses a comment that looks like a section line and is none.
     *
     * @param comment the comment from its first character on, as much of it as counts
     * @param inBody whether it stands among statements; a header may speak of downgrades
     * @param where where it stands
     * @throws ScriptSyntaxException if it does
     */
    static void refuse(String comment, boolean inBody, Location where) {
        List<String> words = words(comment);
        if (words.isEmpty()) {
            return;
        }
        boolean begins = SECTION.contains(words.get(0)) || (words.size() > 1 && SECTION.contains(words.get(1)));
        boolean says =
                (words.size() == 1 && SHORT.contains(words.get(0))) || (words.size() == 2 && words.contains(DOWN));
        if (inBody ? begins || says : words.size() == 1 && SECTION.contains(words.get(0))) {
            throw new ScriptSyntaxException(
                    where,
                    "this looks like the start of a section and is none: write '-- downgrade' alone on its line, or let"
                            + " the comment begin with another word");
        }
    }

    private static List<String> words(String comment) {
        List<String> words = new ArrayList<>();
        int at = 0;
        while (at < comment.length()) {
            int start = at;
            while (at < comment.length() && Character.isLetter(comment.charAt(at))) {
                at++;
            }
            if (at > start) {
                words.add(comment.substring(start, at).toLowerCase(Locale.ROOT));
            } else {
                at++;
            }
        }
        return words;
    }
}
