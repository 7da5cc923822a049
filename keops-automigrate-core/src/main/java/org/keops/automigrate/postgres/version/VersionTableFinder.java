package org.keops.automigrate.postgres.version;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.DatabaseState.Unversioned;
import org.keops.automigrate.model.DatabaseState.Versioned;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.postgres.session.Answers;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.Queries;

/**
 * Finds the version table in the catalog, as Alembic would find it along the search path, and reads it.
 *
 * <p>Where Alembic would see none although there is one, hidden by a missing privilege, by row-level security or by the
 * search path, it says so: a stamp would then be wrong. Immutable and thread-safe.
 */
public final class VersionTableFinder {
    private static final String CANDIDATES = CatalogSql.pinned("""
            SELECT n.nspname, pg_catalog.pg_table_is_visible(c.oid) AS visible,
                   pg_catalog.has_schema_privilege(n.oid, 'USAGE') AS enterable,
                   pg_catalog.has_table_privilege(c.oid, 'SELECT') AS readable,
                   pg_catalog.row_security_active(c.oid) AS filtered, c.relkind
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relname = CAST(? AS name)
               AND c.relkind = ANY (CAST(ARRAY['r', 'p', 'f', 'v', 'm', 'S', 'i', 'I', 'c'] AS "char"[]))
               AND n.nspname <> 'pg_catalog'
               AND (c.relpersistence <> 't' OR pg_catalog.pg_table_is_visible(c.oid))
             ORDER BY n.nspname
            """);
    private static final String PLACE = CatalogSql.pinned("""
            SELECT pg_catalog.current_schema(),
                   EXISTS (SELECT FROM pg_catalog.pg_namespace n WHERE n.nspname = CAST(? AS name))
            """);

    private final VersionTableName name;

    public VersionTableFinder(VersionTableName name) {
        this.name = name;
    }

    /** What to ask the catalog; independent of each other, so that they can travel together. */
    public String[] questions() {
        String wanted = name.schema();
        return new String[] {
            Queries.filled(CANDIDATES, name.table()), Queries.filled(PLACE, wanted == null ? "" : wanted)
        };
    }

    /** Reads the answers to {@link #questions}. */
    public Sight read(Answers answers) throws SQLException {
        return new Sight(answers.next(Candidate::readAll), answers.next(this::place));
    }

    /**
     * Finds the table in what the catalog has answered, and reads it.
     *
     * @param permissionsLack what is known of the permissions, to be part of the state
     */
    public Found find(Connection connection, Sight sight, boolean permissionsLack) throws SQLException {
        List<Candidate> candidates = sight.candidates();
        for (Candidate candidate : candidates) {
            if (name.schema() == null ? candidate.visible : candidate.schema.equals(name.schema())) {
                return read(connection, candidate, permissionsLack);
            }
        }
        if (name.schema() == null && !candidates.isEmpty()) {
            return new Found(elsewhere(candidates.get(0)), null);
        }
        return sight.place();
    }

    private Found read(Connection connection, Candidate candidate, boolean permissionsLack) throws SQLException {
        VersionTable table = new VersionTable(candidate.schema, name.table(), true);
        if (candidate.isNoTable()) {
            return new Found(
                    odd(
                            table,
                            "it is a sequence, an index or a type, and where one has that name there can be no table"),
                    null);
        }
        if (!candidate.enterable || !candidate.readable) {
            return new Found(
                    hidden(table + " is there, but this role may not read it; grant "
                            + (candidate.enterable ? "SELECT on it" : "USAGE on its schema")),
                    null);
        }
        VersionRows rows;
        try {
            String sql = "SELECT version_num FROM " + table.sql();
            rows = Queries.query(connection, sql, VersionRows::read);
        } catch (SQLException e) {
            if ("42703".equals(e.getSQLState())) {
                return new Found(odd(table, "it has no column version_num"), null);
            }
            throw e;
        }
        if (rows.odd() != null) {
            return new Found(odd(table, rows.odd()), null);
        }
        if (!rows.ids().isEmpty()) {
            return new Found(new Versioned(rows.ids(), permissionsLack), table);
        }
        return candidate.filtered
                ? new Found(hidden(table + " shows no rows, but row-level security may hide them from this role"), null)
                : new Found(new Unversioned(true), table);
    }

    private Found place(ResultSet row) throws SQLException {
        row.next();
        String wanted = name.schema();
        String schema = wanted == null ? row.getString(1) : wanted;
        if (schema == null || (wanted != null && !row.getBoolean(2))) {
            return new Found(noSchema(wanted), null);
        }
        return new Found(new Unversioned(false), new VersionTable(schema, name.table(), false));
    }

    private static Inaccessible noSchema(@Nullable String wanted) {
        return new Inaccessible(
                Obstacle.NO_SCHEMA,
                wanted == null
                        ? "no schema of the search path exists, so a version table can not be made; see search_path"
                        : "there is no schema " + SqlNames.identifier(wanted)
                                + " for the version table; create it first");
    }

    private Inaccessible elsewhere(Candidate candidate) {
        return candidate.enterable
                ? hidden("there is a version table " + candidate.schema + "." + name.table()
                        + ", but its schema is not on the search path; set the search path, or configure"
                        + " versionTableSchema")
                : hidden("there is a version table " + candidate.schema + "." + name.table()
                        + ", but this role may not use its schema; grant USAGE on it");
    }

    private static Inaccessible hidden(String what) {
        return new Inaccessible(Obstacle.VERSION_TABLE_HIDDEN, what);
    }

    private static Inaccessible odd(VersionTable table, String what) {
        return new Inaccessible(
                Obstacle.VERSION_TABLE_ODD,
                table + " is not a version table of Alembic's: " + what + "; mend it by hand");
    }

    /**
     * What was found.
     *
     * @param state unversioned, versioned, or what hides the table
     * @param table the table or the place for it, or null where there is none
     */
    public record Found(DatabaseState state, @Nullable VersionTable table) {}

    /**
     * What the catalog has answered.
     *
     * @param candidates all that has the table's name
     * @param place where a table is to be made if there is none
     */
    public record Sight(List<Candidate> candidates, Found place) {}

    /** Something that has the table's name. */
    record Candidate(
            String schema, boolean visible, boolean enterable, boolean readable, boolean filtered, String kind) {

        boolean isNoTable() {
            return "SiIc".contains(kind);
        }

        static List<Candidate> readAll(ResultSet rows) throws SQLException {
            List<Candidate> all = new ArrayList<>();
            while (rows.next()) {
                all.add(new Candidate(
                        rows.getString(1),
                        rows.getBoolean(2),
                        rows.getBoolean(3),
                        rows.getBoolean(4),
                        rows.getBoolean(5),
                        String.valueOf(rows.getString(6))));
            }
            return all;
        }
    }
}
