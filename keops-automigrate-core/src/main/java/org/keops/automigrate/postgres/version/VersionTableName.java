package org.keops.automigrate.postgres.version;

import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.SqlNames;

/**
 * Where the version table is to be looked for: Alembic's {@code version_table} and {@code version_table_schema}.
 *
 * @param schema the schema, or null to look along the search path, as Alembic does by default
 * @param table the table's name
 */
public record VersionTableName(@Nullable String schema, String table) {

    /** The name as it is written in a query. */
    public String sql() {
        return SqlNames.identifier(schema, table);
    }

    @Override
    public String toString() {
        return schema == null ? table : schema + "." + table;
    }
}
