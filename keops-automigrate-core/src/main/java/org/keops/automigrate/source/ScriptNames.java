package org.keops.automigrate.source;

/** Which files are scripts, and what they are called in messages. Stateless. */
final class ScriptNames {
    private static final String ENDING = ".sql";

    private ScriptNames() {}

    /**
     * Alembic ignores the names that editors give to their lock files; so do we. {@code .SQL} is a script as well: who puts
     * one there wants it run, and to pass over it would be to lose a revision in silence.
     */
    static boolean isScript(String fileName) {
        int ending = fileName.length() - ENDING.length();
        return fileName.regionMatches(true, ending, ENDING, 0, ENDING.length()) && !fileName.startsWith(".");
    }

    static String join(String folder, String fileName) {
        return folder.isEmpty() ? fileName : folder + "/" + fileName;
    }
}
