package org.keops.automigrate;

import java.util.Set;
import java.util.regex.Pattern;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.model.VersionChange;
import org.keops.automigrate.postgres.version.VersionTableName;

/**
 * The statements on the version table as Alembic writes them into an offline script: names in quotes only where they need
 * them, ids as literals. Immutable and thread-safe.
 */
final class OfflineTable {
    private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_$]*");
    /** PostgreSQL's reserved words (appendix C), those that can name neither a table nor a schema. */
    private static final Set<String> RESERVED =
            Set.of(("all analyse analyze and any array as asc asymmetric authorization"
                            + " binary both case cast check collate collation column concurrently constraint create cross"
                            + " current_catalog current_date current_role current_schema current_time current_timestamp"
                            + " current_user default deferrable desc distinct do else end except false fetch for foreign freeze"
                            + " from full grant group having ilike in initially inner intersect into is isnull join lateral"
                            + " leading left like limit localtime localtimestamp natural not notnull null offset on only or"
                            + " order outer overlaps placing primary references returning right select session_user similar"
                            + " some symmetric system_user table tablesample then to trailing true union unique user using"
                            + " variadic verbose when where window with")
                    .split(" "));

    private final String name;
    private final String column;
    private final String key;

    OfflineTable(VersionTableName table) {
        String schema = table.schema();
        this.name = schema == null ? quoted(table.table()) : quoted(schema) + "." + quoted(table.table());
        this.column = name + ".version_num";
        this.key = quoted(table.table() + "_pkc");
    }

    String create() {
        return "CREATE TABLE " + name + " (\n    version_num VARCHAR(32) NOT NULL, \n    CONSTRAINT " + key
                + " PRIMARY KEY (version_num)\n);";
    }

    String apply(VersionChange change) {
        if (change instanceof VersionChange.Insert insert) {
            return "INSERT INTO " + name + " (version_num) VALUES (" + literal(insert.id()) + ") RETURNING " + column
                    + ";";
        }
        if (change instanceof VersionChange.Update update) {
            return "UPDATE " + name + " SET version_num=" + literal(update.to()) + " WHERE " + column + " = "
                    + literal(update.from()) + ";";
        }
        return change instanceof VersionChange.Delete delete
                ? "DELETE FROM " + name + " WHERE " + column + " = " + literal(delete.id()) + ";"
                : "DELETE FROM " + name + ";";
    }

    private static String literal(RevisionId id) {
        return "'" + id.value().replace("'", "''") + "'";
    }

    private static String quoted(String name) {
        return PLAIN.matcher(name).matches() && !RESERVED.contains(name) ? name : SqlNames.identifier(name);
    }
}
