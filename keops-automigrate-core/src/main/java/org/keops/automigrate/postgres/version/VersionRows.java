package org.keops.automigrate.postgres.version;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.RevisionId;

/**
 * The rows of a version table, or why they are none that Alembic would have written.
 *
 * @param ids the revisions; empty if there are none or if {@code odd} says why not
 * @param odd what is odd, or null
 */
public record VersionRows(
        SortedSet<RevisionId> ids, @Nullable String odd) {
    /** Alembic takes any text type; a padded or numeric column would never match an id. */
    private static final Set<String> TEXT_TYPES = Set.of("varchar", "character varying", "text");

    /** Reads the first column of a result that stands in front of its first row. */
    static VersionRows read(ResultSet rows) throws SQLException {
        return rows.next() ? readFromCurrent(rows) : new VersionRows(new TreeSet<>(), null);
    }

    /** Reads the first column from the row that the result stands on. */
    public static VersionRows readFromCurrent(ResultSet rows) throws SQLException {
        // the driver knows the type's number; for its name it would ask the catalog, in words of its own, which the
        // search path can lead astray
        return rows.getMetaData().getColumnType(1) == Types.VARCHAR
                ? readTexts(rows)
                : oddType(rows.getMetaData().getColumnTypeName(1));
    }

    /** The same where the server has told the column's type. */
    public static VersionRows readFromCurrent(ResultSet rows, String type) throws SQLException {
        return TEXT_TYPES.contains(type) ? readTexts(rows) : oddType(type);
    }

    private static VersionRows readTexts(ResultSet rows) throws SQLException {
        SortedSet<RevisionId> ids = new TreeSet<>();
        do {
            String id = rows.getString(1);
            if (id == null || id.isEmpty()) {
                return odd("it has a row without a revision");
            }
            if (!ids.add(new RevisionId(id))) {
                return odd("it has two rows '" + id + "'");
            }
        } while (rows.next());
        return new VersionRows(ids, null);
    }

    private static VersionRows oddType(String type) {
        return odd("its column version_num has type " + type + ", not varchar(32)");
    }

    private static VersionRows odd(String what) {
        return new VersionRows(new TreeSet<>(), what);
    }
}
