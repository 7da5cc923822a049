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
    private final @Nullable String table;

    /**
     * Prepares a search.
     *
     * @param name what to look for
     * @param table the table that a look has found already, as SQL names it; null where none is known
     */
    public VersionTableFinder(VersionTableName name, @Nullable String table) {
        this.name = name;
        this.table = table;
    }

    /**
     * What to ask; independent of each other, so that they can travel together. If a table is known it is read with the rest, and
     * the server refuses that where it has gone meanwhile.
     */
    public List<String> questions() {
        String wanted = name.schema();
        String candidates = Queries.filled(CANDIDATES, name.table());
        String place = Queries.filled(PLACE, wanted == null ? "" : wanted);
        return table == null
                ? List.of(candidates, place)
                : List.of(candidates, place, rowsOf(table), TableComment.sql(table));
    }

    private static String rowsOf(String table) {
        return "SELECT version_num FROM " + table;
    }

    /** Reads the answers to {@link #questions}. */
    public Sight read(Answers answers) throws SQLException {
        List<Candidate> candidates = answers.next(Candidate::readAll);
        Found place = answers.next(this::place);
        return table == null
                ? new Sight(candidates, place, null, null)
                : new Sight(candidates, place, answers.next(VersionRows::read), answers.next(TableComment::read));
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
                return read(connection, sight, candidate, permissionsLack);
            }
        }
        if (name.schema() == null && !candidates.isEmpty()) {
            return found(elsewhere(candidates.get(0)), null);
        }
        return sight.place();
    }

    private Found read(Connection connection, Sight sight, Candidate candidate, boolean permissionsLack)
            throws SQLException {
        VersionTable table = new VersionTable(candidate.schema, name.table(), true);
        if (candidate.isNoTable()) {
            return found(
                    odd(
                            table,
                            "it is a sequence, an index or a type, and where one has that name there can be no table"),
                    null);
        }
        if (!candidate.enterable || !candidate.readable) {
            return found(
                    hidden(table + " is there, but this role may not read it; grant "
                            + (candidate.enterable ? "SELECT on it" : "USAGE on its schema")),
                    null);
        }
        TableComment comment = sight.comment();
        // a name without a schema may have led to another table since
        boolean same = comment != null && comment.schema().equals(candidate.schema);
        VersionRows rows = same ? sight.rows() : null;
        try {
            rows = rows == null ? Queries.query(connection, rowsOf(table.sql()), VersionRows::read) : rows;
        } catch (SQLException e) {
            if ("42703".equals(e.getSQLState())) {
                return found(odd(table, "it has no column version_num"), null);
            }
            throw e;
        }
        if (rows.odd() != null) {
            return found(odd(table, rows.odd()), null);
        }
        if (!rows.ids().isEmpty()) {
            return new Found(new Versioned(rows.ids(), permissionsLack), table, same ? comment : null);
        }
        return candidate.filtered
                ? found(hidden(table + " shows no rows, but row-level security may hide them from this role"), null)
                : new Found(new Unversioned(true), table, same ? comment : null);
    }

    private Found place(ResultSet row) throws SQLException {
        row.next();
        String wanted = name.schema();
        String schema = wanted == null ? row.getString(1) : wanted;
        if (schema == null || (wanted != null && !row.getBoolean(2))) {
            return found(noSchema(wanted), null);
        }
        return found(new Unversioned(false), new VersionTable(schema, name.table(), false));
    }

    private static Found found(DatabaseState state, @Nullable VersionTable table) {
        return new Found(state, table, null);
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
     * @param comment the table's comment, where that was asked for with the rest; else null
     */
    public record Found(
            DatabaseState state,
            @Nullable VersionTable table,
            @Nullable TableComment comment) {}

    /**
     * What the server has answered.
     *
     * @param candidates all that has the table's name
     * @param place where a table is to be made if there is none
     * @param rows those of the table that was known, or null
     * @param comment its comment, and where it is; or null
     */
    public record Sight(
            List<Candidate> candidates,
            Found place,
            @Nullable VersionRows rows,
            @Nullable TableComment comment) {}

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
