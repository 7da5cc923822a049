package org.keops.automigrate.source;

/** Which files are scripts, and what they are called in messages. Stateless. */
final class ScriptNames {
    private static final String ENDING = ".sql";

    private ScriptNames() {}

    /** Alembic ignores the names that editors give to their lock files; so do we. */
    static boolean isScript(String fileName) {
        return fileName.endsWith(ENDING) && !fileName.startsWith(".");
    }

    static String join(String folder, String fileName) {
        return folder.isEmpty() ? fileName : folder + "/" + fileName;
    }
}
