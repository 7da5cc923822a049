package org.keops.automigrate.script;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Statements of which the first words, with a blank between them, say it all: most of a script. Stateless. */
final class KnownCommands {
    private static final String[] WORDS = {
        "insert",
        "create table",
        "update",
        "delete",
        "select",
        "with",
        "comment",
        "grant",
        "revoke",
        "truncate",
        "merge",
        "create view",
        "create function",
        "create sequence",
        "create type",
        "drop table",
        "drop view"
    };
    private static final StatementTraits[] TRAITS = traits();

    private KnownCommands() {}

    /** The traits, or null where it takes more than these words to tell. */
    static @Nullable StatementTraits of(String text) {
        for (int i = 0; i < WORDS.length; i++) {
            if (begins(text, WORDS[i])) {
                return TRAITS[i];
            }
        }
        return null;
    }

    /** In any case, of ASCII only, as the server sees it. */
    private static boolean begins(String text, String word) {
        int end = word.length();
        if (text.length() < end) {
            return false;
        }
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (c >= 0x80 || (c | 0x20) != word.charAt(i)) {
                return false;
            }
        }
        return text.length() == end || (text.charAt(end) < 0x80 && !Bytes.isWordPart((byte) text.charAt(end)));
    }

    private static StatementTraits[] traits() {
        StatementTraits[] traits = new StatementTraits[WORDS.length];
        for (int i = 0; i < WORDS.length; i++) {
            traits[i] = new StatementTraits(StatementKind.ORDINARY, WORDS[i].toUpperCase(Locale.ROOT), 0, false);
        }
        return traits;
    }
}
