package org.keops.automigrate.script;

import org.jspecify.annotations.Nullable;

/** The keys of a script's header: those of the docstring that Alembic's {@code script.py.mako} writes, and one of ours. */
enum HeaderKey {
    REVISION_ID("Revision ID", "revision"),
    REVISES("Revises", "downrevision"),
    CREATE_DATE("Create Date", "creationdate"),
    BRANCH_LABELS("Branch Labels", "branch"),
    DEPENDS_ON("Depends On", "depends"),
    TRANSACTIONAL("Transactional", "transaction");

    private static final HeaderKey[] ALL = values();
    private static final int FEW_LETTERS = 8;

    private final String key;
    /** What people write instead, without spaces; found here because it differs by more than a slip of the pen. */
    private final String instead;

    HeaderKey(String key, String instead) {
        this.key = key;
        this.instead = instead;
    }

    String key() {
        return key;
    }

    /** The key that is written so, in any case; not the locale's case: I and i belong together in Turkey too. */
    static @Nullable HeaderKey of(String written) {
        for (HeaderKey key : ALL) {
            if (key.key.equalsIgnoreCase(written)) {
                return key;
            }
        }
        return null;
    }

    /** The key that was probably meant, or null if it looks like ordinary prose. */
    static @Nullable HeaderKey resembling(String written) {
        String letters = letters(written);
        for (HeaderKey key : ALL) {
            String right = letters(key.key);
            int slips = right.length() < FEW_LETTERS ? 1 : 2;
            if (letters.equals(key.instead) || distance(letters, right) <= slips) {
                return key;
            }
        }
        return null;
    }

    private static String letters(String written) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < written.length(); i++) {
            char c = written.charAt(i);
            if (c != ' ' && c != '_' && c != '-') {
                letters.append(Character.toLowerCase(c));
            }
        }
        return letters.toString();
    }

    /** Levenshtein's distance: how many letters to add, drop or replace. */
    private static int distance(String one, String other) {
        int[] above = new int[other.length() + 1];
        for (int i = 0; i <= other.length(); i++) {
            above[i] = i;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] row = new int[other.length() + 1];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = above[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
            }
            above = row;
        }
        return above[other.length()];
    }
}
