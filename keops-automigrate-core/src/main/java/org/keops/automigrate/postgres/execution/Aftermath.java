package org.keops.automigrate.postgres.execution;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.script.Effect;

/**
 * What a statement that commits by itself has left in the catalog. What was there before it is noted, so that only what
 * is ours is taken away. Names are resolved under the script's own settings, as the statement resolves them. Used by one
 * thread, for one statement.
 */
final class Aftermath {
    private static final String INDEXES = CatalogSql.pinned("""
            SELECT CAST(c.oid AS text), i.indisvalid, pg_catalog.format('%I.%I', n.nspname, c.relname)
              FROM pg_catalog.pg_index i
              JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE i.indrelid = CAST(pg_catalog.to_regclass(?) AS pg_catalog.oid)
            """);
    private static final String NAMED_INDEX =
            INDEXES + CatalogSql.pinned(" AND c.relname = CAST((pg_catalog.parse_ident(?))[1] AS name)");
    private static final String RELATION =
            CatalogSql.pinned("SELECT CAST(CAST(pg_catalog.to_regclass(?) AS pg_catalog.oid) AS text)");
    private static final String HALVES = CatalogSql.pinned("""
            SELECT CAST(c.oid AS text), false, pg_catalog.format('%I.%I', n.nspname, c.relname)
              FROM pg_catalog.pg_index i
              JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE NOT i.indisvalid AND c.relname OPERATOR(pg_catalog.~) '_cc(new|old)[0-9]*$'
               AND i.indrelid = ANY (
                   SELECT t.oid FROM pg_catalog.pg_class t WHERE t.oid = ANY (ARRAY(:tables))
                   UNION ALL SELECT t.reltoastrelid FROM pg_catalog.pg_class t WHERE t.oid = ANY (ARRAY(:tables)))
            """);
    private static final String TABLES_OF_RELATION = CatalogSql.pinned("""
            SELECT CAST(pg_catalog.to_regclass(?) AS pg_catalog.oid)
            UNION ALL SELECT CAST(p.relid AS pg_catalog.oid)
                        FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(?)) p
            UNION ALL SELECT x.indrelid FROM pg_catalog.pg_index x
                       WHERE x.indexrelid = CAST(pg_catalog.to_regclass(?) AS pg_catalog.oid)
            UNION ALL SELECT x.indrelid FROM pg_catalog.pg_index x
                       WHERE x.indexrelid = ANY (SELECT CAST(p.relid AS pg_catalog.oid)
                             FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(?)) p)
            """);
    private static final String TABLES_OF_SCHEMA = CatalogSql.pinned("""
            SELECT r.oid FROM pg_catalog.pg_class r
             WHERE r.relnamespace = CAST(pg_catalog.to_regnamespace(?) AS pg_catalog.oid)
            """);
    private static final String TABLES_OF_DATABASE = "SELECT r.oid FROM pg_catalog.pg_class r";
    private static final String ATTACHED = CatalogSql.pinned("""
            SELECT CAST(h.inhrelid AS text) FROM pg_catalog.pg_inherits h
             WHERE h.inhparent = CAST(pg_catalog.to_regclass(?) AS pg_catalog.oid)
               AND h.inhrelid = CAST(pg_catalog.to_regclass(?) AS pg_catalog.oid)
            """);
    private static final String PENDING = ATTACHED + " AND h.inhdetachpending";
    private static final String PREPARED =
            CatalogSql.pinned("SELECT CAST(p.transaction AS text) FROM pg_catalog.pg_prepared_xacts p WHERE p.gid = ?");

    private final Connection connection;
    private final Effect effect;

    Aftermath(Connection connection, Effect effect) {
        this.connection = connection;
        this.effect = effect;
    }

    /** Whether the statement took effect. */
    enum Verdict {
        TOOK_EFFECT,
        LEFT_NOTHING,
        UNKNOWN
    }

    /** The objects that are there before the statement and that it could be mistaken for, or that it is to take away. */
    List<String> before() throws SQLException {
        if (effect instanceof Effect.IndexMade made) {
            return indexes(made).stream().map(Index::oid).toList();
        }
        if (effect instanceof Effect.IndexesRebuilt rebuilt) {
            return halves(rebuilt).stream().map(Index::oid).toList();
        }
        return present();
    }

    /** Looks what became of the statement; takes away the half index that it left, and finishes half a detachment. */
    Verdict after(List<String> before) throws SQLException {
        if (effect instanceof Effect.IndexMade made) {
            return afterIndexMade(made, before);
        }
        if (effect instanceof Effect.IndexesRebuilt rebuilt) {
            for (Index half : halves(rebuilt)) {
                if (!before.contains(half.oid())) {
                    drop(half);
                }
            }
            return Verdict.LEFT_NOTHING;
        }
        if (effect instanceof Effect.PartitionDetached detached && finishDetaching(detached)) {
            return Verdict.TOOK_EFFECT;
        }
        if (effect instanceof Effect.Repeatable) {
            return Verdict.LEFT_NOTHING;
        }
        if (effect instanceof Effect.Unknown) {
            return Verdict.UNKNOWN;
        }
        List<String> now = present();
        boolean made = effect instanceof Effect.ObjectMade;
        boolean changed = made ? !before.containsAll(now) : !now.containsAll(before);
        return changed ? Verdict.TOOK_EFFECT : Verdict.LEFT_NOTHING;
    }

    /**
     * Refuses to take an index that is there but not valid for the one that is wanted: {@code IF NOT EXISTS} would.
     *
     * @throws SQLException if there is such an index
     */
    static void refuseInvalidIndex(Connection connection, Effect effect) throws SQLException {
        if (!(effect instanceof Effect.IndexMade made) || !made.ifNotExists() || made.name() == null) {
            return;
        }
        for (Index index : new Aftermath(connection, effect).indexes(made)) {
            if (!index.valid()) {
                throw new SQLException("the index " + index.name()
                        + " is there, but not valid, so it would be taken for the one that is wanted without being of"
                        + " any use; somebody else's CREATE INDEX CONCURRENTLY is not done or was interrupted: DROP INDEX"
                        + " CONCURRENTLY it, then boot again");
            }
        }
    }

    private Verdict afterIndexMade(Effect.IndexMade made, List<String> before) throws SQLException {
        List<Index> ours = new ArrayList<>(indexes(made));
        ours.removeIf(index -> before.contains(index.oid()));
        if (ours.isEmpty()) {
            return Verdict.LEFT_NOTHING;
        }
        if (ours.size() > 1) {
            return Verdict.UNKNOWN;
        }
        if (ours.get(0).valid()) {
            return Verdict.TOOK_EFFECT;
        }
        drop(ours.get(0));
        return Verdict.LEFT_NOTHING;
    }

    private boolean finishDetaching(Effect.PartitionDetached detached) throws SQLException {
        if (oids(PENDING, detached.parent(), detached.partition()).isEmpty()) {
            return false;
        }
        Queries.execute(
                connection,
                "ALTER TABLE " + detached.parent() + " DETACH PARTITION " + detached.partition() + " FINALIZE");
        return true;
    }

    private void drop(Index index) throws SQLException {
        Queries.execute(connection, "DROP INDEX CONCURRENTLY IF EXISTS " + index.name());
    }

    private List<Index> indexes(Effect.IndexMade made) throws SQLException {
        return made.name() == null
                ? Queries.query(connection, INDEXES, Index::readAll, made.table())
                : Queries.query(connection, NAMED_INDEX, Index::readAll, made.table(), made.name());
    }

    private List<Index> halves(Effect.IndexesRebuilt rebuilt) throws SQLException {
        String name = rebuilt.name();
        if (name == null
                || rebuilt.scope().equals("database")
                || rebuilt.scope().equals("system")) {
            return Queries.query(connection, HALVES.replace(":tables", TABLES_OF_DATABASE), Index::readAll);
        }
        if (rebuilt.scope().equals("schema")) {
            return Queries.query(connection, HALVES.replace(":tables", TABLES_OF_SCHEMA), Index::readAll, name, name);
        }
        String[] names = {name, name, name, name, name, name, name, name};
        return Queries.query(connection, HALVES.replace(":tables", TABLES_OF_RELATION), Index::readAll, names);
    }

    private List<String> present() throws SQLException {
        if (effect instanceof Effect.IndexDropped dropped) {
            return oids(RELATION, dropped.name());
        }
        if (effect instanceof Effect.PartitionDetached detached) {
            return oids(ATTACHED, detached.parent(), detached.partition());
        }
        if (effect instanceof Effect.ObjectMade made) {
            return oids(object(made.kind()), made.name());
        }
        if (effect instanceof Effect.ObjectDropped dropped) {
            return oids(object(dropped.kind()), dropped.name());
        }
        if (effect instanceof Effect.PreparedEnded ended) {
            return oids(PREPARED, ended.transaction());
        }
        return List.of();
    }

    private static String object(String kind) {
        String sql = switch (kind) {
            case "database" -> "SELECT CAST(o.oid AS text) FROM pg_catalog.pg_database o WHERE o.datname = ";
            case "tablespace" -> "SELECT CAST(o.oid AS text) FROM pg_catalog.pg_tablespace o WHERE o.spcname = ";
            // its list of columns is not for everybody, these are
            default -> "SELECT CAST(o.oid AS text) FROM pg_catalog.pg_subscription o WHERE o.subname = ";
        };
        return CatalogSql.pinned(sql + "CAST((pg_catalog.parse_ident(?))[1] AS name)");
    }

    private List<String> oids(String sql, @Nullable String... parameters) throws SQLException {
        return Queries.query(
                connection,
                sql,
                rows -> {
                    List<String> oids = new ArrayList<>();
                    while (rows.next()) {
                        if (rows.getString(1) != null) {
                            oids.add(rows.getString(1));
                        }
                    }
                    return oids;
                },
                parameters);
    }

    private record Index(String oid, boolean valid, String name) {

        static List<Index> readAll(ResultSet rows) throws SQLException {
            List<Index> all = new ArrayList<>();
            while (rows.next()) {
                all.add(new Index(rows.getString(1), rows.getBoolean(2), rows.getString(3)));
            }
            return all;
        }
    }
}
