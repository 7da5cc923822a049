package org.keops.automigrate.model;

/**
 * A place in a script, for messages.
 *
 * <p>Immutable and thread-safe.
 *
 * @param file the script as its source names it, for example {@code alembic/versions/84c03f89212d_add_feedback.sql}
 * @param line the line, counted from 1; 0 means the whole file
 * @param column the column in characters (code points), counted from 1; 0 means the whole line
 */
public record Location(String file, int line, int column) implements Comparable<Location> {

    /**
     * The whole of a file.
     *
     * @param file the script as its source names it
     * @return a location without line and column
     */
    public static Location of(String file) {
        return new Location(file, 0, 0);
    }

    @Override
    public int compareTo(Location other) {
        int byFile = file.compareTo(other.file);
        if (byFile != 0) {
            return byFile;
        }
        int byLine = Integer.compare(line, other.line);
        return byLine != 0 ? byLine : Integer.compare(column, other.column);
    }

    /** {@code file:line:column}, without the parts that are not known. */
    @Override
    public String toString() {
        if (line == 0) {
            return file;
        }
        return column == 0 ? file + ":" + line : file + ":" + line + ":" + column;
    }
}
