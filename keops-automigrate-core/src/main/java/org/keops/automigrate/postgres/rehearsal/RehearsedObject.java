package org.keops.automigrate.postgres.rehearsal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Entitlement;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.permissions.Wanted;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.Queries;

/**
 * An object that a role is to be able to use. Immutable.
 *
 * @param name kind and name, for a person
 * @param probe what the role is to be able to plan, for relations
 * @param question a query whether the role, its parameter, holds what is wanted
 */
record RehearsedObject(String name, @Nullable String probe, String question) {
    /** As {@code pg_relation_is_updatable} numbers them. */
    private static final int UPDATE = 1 << 2;

    private static final int INSERT = 1 << 3;
    private static final int DELETE = 1 << 4;

    /** Kind, oid, name, what it can do, a column that can be set. Foreign tables are only read: asking for more may fail. */
    private static final String OBJECTS = CatalogSql.pinned("""
            SELECT 'database', d.oid, CAST(d.datname AS text), 0, NULL
              FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()
            UNION ALL
            SELECT 'schema', n.oid, CAST(n.nspname AS text), 0, NULL
              FROM pg_catalog.pg_namespace n WHERE n.nspname = CAST(? AS name)
            UNION ALL
            (SELECT CASE WHEN c.relkind = 'S' THEN 'sequence' WHEN c.relkind = 'v' THEN 'view'
                         WHEN c.relkind = 'm' THEN 'materialized view' WHEN c.relkind = 'f' THEN 'foreign table'
                         ELSE 'table' END, c.oid, CAST(c.relname AS text),
                    CASE WHEN c.relkind = ANY (CAST(ARRAY['r', 'p', 'v'] AS "char"[]))
                         THEN pg_catalog.pg_relation_is_updatable(c.oid, true) ELSE 0 END,
                    (SELECT CAST(a.attname AS text) FROM pg_catalog.pg_attribute a
                      WHERE a.attrelid = c.oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
                        AND (c.relkind <> 'v' OR pg_catalog.pg_column_is_updatable(c.oid, a.attnum, true))
                      ORDER BY a.attnum LIMIT 1)
               FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = CAST(? AS name) AND c.relname <> CAST(? AS name)
                AND c.relkind = ANY (CAST(ARRAY['r', 'p', 'v', 'm', 'f', 'S'] AS "char"[]))
              ORDER BY c.relname)
            UNION ALL
            SELECT 'routine', p.oid, CAST(CAST(p.oid AS pg_catalog.regprocedure) AS text), 0, NULL
              FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
             WHERE n.nspname = CAST(? AS name)
            UNION ALL
            SELECT 'type', t.oid, CAST(t.typname AS text), 0, NULL
              FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
             WHERE n.nspname = CAST(? AS name) AND (t.typtype <> 'm' OR t.typacl IS NOT NULL)
               AND (t.typelem = CAST(0 AS pg_catalog.oid) OR t.typlen <> -1)
               AND (t.typrelid = CAST(0 AS pg_catalog.oid) OR t.typacl IS NOT NULL
                    OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
            UNION ALL
            SELECT DISTINCT 'default', q.oid, pg_catalog.concat(CAST(q.oid AS pg_catalog.regclass), ' behind a default of ',
                            CAST(c.oid AS pg_catalog.regclass)), 0, NULL
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_catalog.pg_attrdef f ON f.adrelid = c.oid
              JOIN pg_catalog.pg_depend d ON d.classid = CAST('pg_catalog.pg_attrdef' AS pg_catalog.regclass)
                   AND d.objid = f.oid AND d.refclassid = CAST('pg_catalog.pg_class' AS pg_catalog.regclass)
              JOIN pg_catalog.pg_class q ON q.oid = d.refobjid AND q.relkind = 'S'
             WHERE n.nspname = CAST(? AS name) AND (q.relnamespace <> c.relnamespace OR CAST(? AS text) = '')
            UNION ALL
            SELECT DISTINCT 'function', p.oid, pg_catalog.concat(CAST(p.oid AS pg_catalog.regprocedure),
                            ' behind a constraint, an index, a generated column, a trigger or the partitions of ', CAST(c.oid AS pg_catalog.regclass)), 0, NULL
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             CROSS JOIN LATERAL (
                   SELECT CAST('pg_catalog.pg_constraint' AS pg_catalog.regclass), k.oid
                     FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid
                   UNION ALL
                   SELECT CAST('pg_catalog.pg_class' AS pg_catalog.regclass), i.indexrelid
                     FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid
                   UNION ALL
                   SELECT CAST('pg_catalog.pg_trigger' AS pg_catalog.regclass), t.oid
                     FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND t.tgqual IS NOT NULL
                   UNION ALL
                   SELECT CAST('pg_catalog.pg_class' AS pg_catalog.regclass), t.partrelid
                     FROM pg_catalog.pg_partitioned_table t WHERE t.partrelid = c.oid
                   UNION ALL
                   SELECT CAST('pg_catalog.pg_attrdef' AS pg_catalog.regclass), f.oid
                     FROM pg_catalog.pg_attrdef f JOIN pg_catalog.pg_attribute a
                       ON a.attrelid = f.adrelid AND a.attnum = f.adnum AND a.attgenerated <> ''
                    WHERE f.adrelid = c.oid) b(classid, objid)
              JOIN pg_catalog.pg_depend d ON d.classid = b.classid AND d.objid = b.objid
                   AND d.refclassid = CAST('pg_catalog.pg_proc' AS pg_catalog.regclass)
              JOIN pg_catalog.pg_proc p ON p.oid = d.refobjid
             WHERE n.nspname = CAST(? AS name) AND (p.pronamespace <> c.relnamespace OR CAST(? AS text) = '')
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t
                                WHERE b.classid = CAST('pg_catalog.pg_trigger' AS pg_catalog.regclass)
                                  AND t.oid = b.objid AND t.tgfoid = p.oid)
            UNION ALL
            SELECT DISTINCT 'foreign key of', r.oid, pg_catalog.concat(CAST(c.oid AS pg_catalog.regclass),
                            ', looked up in ', CAST(r.oid AS pg_catalog.regclass), ' as its owner ',
                            CAST(r.relowner AS pg_catalog.regrole)), 0, NULL
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'f'
              JOIN pg_catalog.pg_class r ON r.oid = k.confrelid
             WHERE n.nspname = CAST(? AS name)
               AND NOT (pg_catalog.has_schema_privilege(r.relowner, r.relnamespace, 'USAGE')
                        AND pg_catalog.has_any_column_privilege(r.relowner, r.oid, 'SELECT')
                        AND pg_catalog.has_any_column_privilege(r.relowner, r.oid, 'UPDATE'))
            UNION ALL
            SELECT DISTINCT 'foreign key to', r.oid, pg_catalog.concat(CAST(c.oid AS pg_catalog.regclass),
                            ', followed in ', CAST(r.oid AS pg_catalog.regclass), ' as its owner ',
                            CAST(r.relowner AS pg_catalog.regrole)), 0, NULL
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_catalog.pg_constraint k ON k.confrelid = c.oid AND k.contype = 'f'
              JOIN pg_catalog.pg_class r ON r.oid = k.conrelid
             WHERE n.nspname = CAST(? AS name)
               AND NOT (pg_catalog.has_schema_privilege(r.relowner, r.relnamespace, 'USAGE')
                        AND pg_catalog.has_any_column_privilege(r.relowner, r.oid, 'SELECT')
                        AND CASE WHEN k.confdeltype = 'c'
                                 THEN pg_catalog.has_table_privilege(r.relowner, r.oid, 'DELETE')
                                 ELSE pg_catalog.has_any_column_privilege(r.relowner, r.oid, 'UPDATE') END)
            """);

    /** Everything that the policy names for a role in a schema, the database and the schema included. */
    static List<RehearsedObject> all(Connection connection, Entitlement entitlement, String versionTable)
            throws SQLException {
        String schema = entitlement.schema();
        String onSequences = entitlement.on(ObjectKind.SEQUENCE).isEmpty() ? "" : "wanted";
        String onRoutines = entitlement.on(ObjectKind.ROUTINE).isEmpty() ? "" : "wanted";
        int version = connection.getMetaData().getDatabaseMajorVersion();
        return Queries.query(
                connection,
                OBJECTS,
                rows -> read(rows, entitlement, version),
                schema,
                schema,
                versionTable,
                schema,
                schema,
                schema,
                onSequences,
                schema,
                onRoutines,
                schema,
                schema);
    }

    @Override
    public String toString() {
        return name;
    }

    private static List<RehearsedObject> read(ResultSet rows, Entitlement entitlement, int version)
            throws SQLException {
        List<RehearsedObject> all = new ArrayList<>();
        while (rows.next()) {
            String kind = rows.getString(1);
            long oid = rows.getLong(2);
            String name = rows.getString(3);
            Set<String> wanted = wanted(kind, entitlement, version);
            if (!wanted.isEmpty()) {
                String qualified = SqlNames.identifier(entitlement.schema(), name);
                all.add(new RehearsedObject(
                        kind + " " + shown(kind, name, qualified),
                        isRelation(kind) ? probe(qualified, wanted, rows.getInt(4), rows.getString(5)) : null,
                        question(kind, oid, wanted)));
            }
        }
        return all;
    }

    /** As SQL writes it; routines come so. */
    private static String shown(String kind, String name, String qualified) {
        return switch (kind) {
            case "database", "schema" -> SqlNames.identifier(name);
            case "routine", "function", "default", "foreign key of", "foreign key to" -> name;
            default -> qualified;
        };
    }

    private static Set<String> wanted(String kind, Entitlement entitlement, int version) {
        return switch (kind) {
            case "database" -> Set.of("CONNECT");
            case "schema" -> Set.of("USAGE");
            case "sequence" -> Wanted.on(entitlement, ObjectKind.SEQUENCE, version);
            case "materialized view" -> Wanted.on(entitlement, ObjectKind.MATERIALIZED_VIEW, version);
            case "routine" -> Wanted.on(entitlement, ObjectKind.ROUTINE, version);
            case "type" -> Wanted.on(entitlement, ObjectKind.TYPE, version);
            case "default" -> where("USAGE", List.of("INSERT"), entitlement, version);
            case "function" -> where("EXECUTE", List.of("INSERT", "UPDATE"), entitlement, version);
            case "foreign key of" -> where("SELECT", List.of("INSERT", "UPDATE"), entitlement, version);
            case "foreign key to" -> where("SELECT", List.of("DELETE", "UPDATE"), entitlement, version);
            default -> Wanted.on(entitlement, ObjectKind.TABLE, version);
        };
    }

    /** What lies behind a table is used by whoever writes rows; the planner does not ask for all of it. */
    private static Set<String> where(String privilege, List<String> anyOf, Entitlement entitlement, int version) {
        Set<String> onTables = Wanted.on(entitlement, ObjectKind.TABLE, version);
        return anyOf.stream().anyMatch(onTables::contains) ? Set.of(privilege) : Set.of();
    }

    private static boolean isRelation(String kind) {
        return kind.equals("table") || kind.endsWith("view") || kind.equals("foreign table") || kind.equals("sequence");
    }

    /** A plan for each verb that is wanted and that the relation knows, in one round trip. */
    private static @Nullable String probe(String relation, Set<String> wanted, int verbs, @Nullable String column) {
        List<String> plans = new ArrayList<>();
        if (wanted.contains("SELECT")) {
            plans.add("EXPLAIN SELECT * FROM " + relation);
        }
        if (wanted.contains("INSERT") && (verbs & INSERT) != 0) {
            plans.add("EXPLAIN INSERT INTO " + relation + " DEFAULT VALUES");
        }
        if (wanted.contains("DELETE") && (verbs & DELETE) != 0) {
            plans.add("EXPLAIN DELETE FROM " + relation);
        }
        // last: a view's column may turn out to be an identity that can not be set, and nothing would come after it
        if (wanted.contains("UPDATE") && (verbs & UPDATE) != 0 && column != null) {
            plans.add("EXPLAIN UPDATE " + relation + " SET " + SqlNames.identifier(column) + " = DEFAULT");
        }
        return plans.isEmpty() ? null : String.join("; ", plans);
    }

    private static String question(String kind, long oid, Set<String> wanted) {
        if (kind.startsWith("foreign key")) {
            // the server follows a foreign key as the owner of the other table; those that can be followed are not
            // listed
            return "SELECT CAST(? AS name) IS NULL";
        }
        String asks = switch (kind) {
            case "database", "schema", "type", "sequence" -> kind;
            case "default" -> "sequence";
            case "routine", "function" -> "function";
            default -> "table";
        };
        String privileges =
                wanted.stream().map(privilege -> "'" + privilege + "'").collect(Collectors.joining(", "));
        return "SELECT pg_catalog.bool_and(pg_catalog.has_" + asks + "_privilege(CAST(? AS name), CAST(" + oid
                + " AS pg_catalog.oid), p)) FROM pg_catalog.unnest(ARRAY[" + privileges + "]) p";
    }
}
