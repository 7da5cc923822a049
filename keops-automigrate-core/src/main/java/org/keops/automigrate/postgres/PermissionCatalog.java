package org.keops.automigrate.postgres;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.keops.automigrate.permissions.KeopsPermissions;
import org.keops.automigrate.permissions.Observed;
import org.keops.automigrate.permissions.PermissionTarget;

/**
 * The query that finds what the application's role lacks. It takes no locks, and its first row is all that a boot at
 * head asks for.
 *
 * <p>A table or sequence counts as complete if an entry of its access list gives the role everything (a comparison of
 * bits), or else if the role has every privilege in effect: as a superuser, as the owner, or through another role.
 * Stateless.
 */
final class PermissionCatalog {
    /** Parameters: role, schema, privilege letters of a table, version table, privileges of a table. */
    static final String LACKING = CatalogSql.pinned("""
            WITH app AS (
              SELECT r.oid, r.rolname FROM pg_catalog.pg_roles r WHERE r.rolname = CAST(? AS name)),
            sch AS (
              SELECT n.oid, n.nspname, n.nspowner FROM pg_catalog.pg_namespace n WHERE n.nspname = CAST(? AS name)),
            db AS (
              SELECT d.oid, d.datname, d.datdba, COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba)) AS acl
                FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()),
            owner AS MATERIALIZED (
              SELECT o.oid, o.rolname, pg_catalog.concat('"', pg_catalog.replace(CAST(app.rolname AS text), '"', '""'), '"=') AS app,
                     pg_catalog.concat('/"', pg_catalog.replace(CAST(o.rolname AS text), '"', '""'), '"') AS owner
                FROM pg_catalog.pg_roles o CROSS JOIN app),
            entry AS MATERIALIZED (
              SELECT o.oid, CAST(o.rolname AS text) AS owner,
                     CAST(pg_catalog.concat(o.app, CAST(? AS text), o.owner) AS pg_catalog.aclitem) AS on_table,
                     CAST(pg_catalog.concat(o.app, 'rwU', o.owner) AS pg_catalog.aclitem) AS on_sequence
                FROM owner o)
            SELECT 'CONNECT' AS kind, CAST(db.datname AS text) AS name,
                   CAST(pg_catalog.pg_get_userbyid(db.datdba) AS text) AS owner, CAST(NULL AS text[]) AS held
              FROM db CROSS JOIN app
             WHERE NOT EXISTS (SELECT FROM pg_catalog.aclexplode(db.acl) a
                                WHERE a.grantee = app.oid AND a.privilege_type = 'CONNECT')
               AND (EXISTS (SELECT FROM pg_catalog.aclexplode(db.acl) a
                             WHERE a.grantee = CAST(0 AS pg_catalog.oid) AND a.privilege_type = 'CONNECT')
                    OR NOT pg_catalog.has_database_privilege(app.oid, db.oid, 'CONNECT'))
            UNION ALL
            SELECT 'PUBLIC_CONNECT', CAST(db.datname AS text), CAST(pg_catalog.pg_get_userbyid(db.datdba) AS text), NULL
              FROM db CROSS JOIN app
             WHERE EXISTS (SELECT FROM pg_catalog.aclexplode(db.acl) a
                            WHERE a.grantee = CAST(0 AS pg_catalog.oid) AND a.privilege_type = 'CONNECT')
            UNION ALL
            SELECT 'SCHEMA', CAST(sch.nspname AS text), CAST(pg_catalog.pg_get_userbyid(sch.nspowner) AS text), NULL
              FROM sch CROSS JOIN app WHERE NOT pg_catalog.has_schema_privilege(app.oid, sch.oid, 'USAGE')
            UNION ALL
            SELECT 'DEFAULT_TABLES', CAST(sch.nspname AS text), CAST(app.rolname AS text), NULL
              FROM sch CROSS JOIN app
             WHERE pg_catalog.pg_has_role(app.oid, 'MEMBER')
               AND NOT EXISTS (
                 SELECT FROM pg_catalog.pg_default_acl d
                  WHERE d.defaclrole = app.oid AND d.defaclnamespace = sch.oid AND d.defaclobjtype = 'r'
                    AND (SELECT pg_catalog.count(*) FROM pg_catalog.aclexplode(d.defaclacl) a
                          WHERE a.grantee = app.oid
                            AND a.privilege_type = ANY (ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'])) = 4)
            UNION ALL
            SELECT 'DEFAULT_SEQUENCES', '', CAST(current_user AS text), NULL
              FROM app
             WHERE app.rolname <> current_user
               AND NOT EXISTS (
                 SELECT FROM pg_catalog.pg_default_acl d JOIN pg_catalog.pg_roles me ON me.oid = d.defaclrole
                  WHERE me.rolname = current_user AND d.defaclnamespace = CAST(0 AS pg_catalog.oid)
                    AND d.defaclobjtype = 'S'
                    AND (SELECT pg_catalog.count(*) FROM pg_catalog.aclexplode(d.defaclacl) a
                          WHERE a.grantee = app.oid) = 3)
            UNION ALL
            SELECT 'TABLE', CAST(c.relname AS text), entry.owner,
                   ARRAY(SELECT p FROM pg_catalog.unnest(wanted.privileges) p
                          WHERE pg_catalog.has_table_privilege(app.oid, c.oid, p))
              FROM pg_catalog.pg_class c JOIN sch ON c.relnamespace = sch.oid
              JOIN entry ON entry.oid = c.relowner
              CROSS JOIN app
              CROSS JOIN (SELECT CAST(? AS name) AS version_table,
                                 pg_catalog.string_to_array(CAST(? AS text), ',') AS privileges) wanted
             WHERE c.relkind = ANY (CAST(ARRAY['r', 'p', 'v', 'm', 'f'] AS "char"[]))
               AND c.relname <> wanted.version_table
               AND NOT pg_catalog.aclcontains(
                         COALESCE(c.relacl, pg_catalog.acldefault('r', c.relowner)), entry.on_table)
               AND NOT (SELECT pg_catalog.bool_and(pg_catalog.has_table_privilege(app.oid, c.oid, p))
                          FROM pg_catalog.unnest(wanted.privileges) p)
            UNION ALL
            SELECT 'SEQUENCE', CAST(c.relname AS text), entry.owner,
                   ARRAY(SELECT p FROM pg_catalog.unnest(ARRAY['SELECT', 'UPDATE', 'USAGE']) p
                          WHERE pg_catalog.has_sequence_privilege(app.oid, c.oid, p))
              FROM pg_catalog.pg_class c JOIN sch ON c.relnamespace = sch.oid
              JOIN entry ON entry.oid = c.relowner
              CROSS JOIN app
             WHERE c.relkind = 'S'
               AND NOT pg_catalog.aclcontains(
                         COALESCE(c.relacl, pg_catalog.acldefault('s', c.relowner)), entry.on_sequence)
               AND NOT (pg_catalog.has_sequence_privilege(app.oid, c.oid, 'SELECT')
                        AND pg_catalog.has_sequence_privilege(app.oid, c.oid, 'UPDATE')
                        AND pg_catalog.has_sequence_privilege(app.oid, c.oid, 'USAGE'))
            """);

    private static final int MAINTAIN_SINCE = 17;

    private PermissionCatalog() {}

    /** The parameters of {@link #LACKING}, in its order. */
    static String[] parameters(PermissionTarget target, String versionTable, int serverMajorVersion) {
        return new String[] {
            target.role(),
            target.schema(),
            serverMajorVersion < MAINTAIN_SINCE ? "arwdDxt" : "arwdDxtm",
            versionTable,
            String.join(",", KeopsPermissions.table(serverMajorVersion))
        };
    }

    /** Everything on which the role lacks something. */
    static List<Observed> lacking(Session session, PermissionTarget target, String versionTable) throws SQLException {
        return Queries.query(
                session.connection(),
                LACKING,
                PermissionCatalog::read,
                parameters(target, versionTable, session.serverMajorVersion()));
    }

    private static List<Observed> read(ResultSet rows) throws SQLException {
        List<Observed> lacking = new ArrayList<>();
        while (rows.next()) {
            Array held = rows.getArray(4);
            Set<String> privileges = held == null ? Set.of() : Set.copyOf(Arrays.asList((String[]) held.getArray()));
            lacking.add(new Observed(
                    Observed.Kind.valueOf(rows.getString(1)), rows.getString(2), rows.getString(3), privileges));
        }
        return lacking;
    }
}
