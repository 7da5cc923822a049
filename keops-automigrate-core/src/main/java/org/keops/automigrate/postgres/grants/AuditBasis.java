package org.keops.automigrate.postgres.grants;

import org.keops.automigrate.postgres.session.CatalogSql;

/** What the questions of an audit stand on, as common table expressions. Stateless. */
final class AuditBasis {
    /**
     * Parameters: see {@link PermissionCatalog#parameters}. The database is closing if PUBLIC is to lose its right to
     * connect; not while one of the roles does not exist, because nobody could connect any more.
     */
    private static final String WITH = """
            WITH wanted AS (
              SELECT w.role, w.nsp, w.on_table, w.on_matview, w.on_sequence, w.on_routine, w.on_type, w.defaults,
                     w.direct
                FROM ROWS FROM (
                       pg_catalog.unnest(CAST(? AS text[])), pg_catalog.unnest(CAST(? AS text[])),
                       pg_catalog.unnest(CAST(? AS text[])), pg_catalog.unnest(CAST(? AS text[])),
                       pg_catalog.unnest(CAST(? AS text[])), pg_catalog.unnest(CAST(? AS text[])),
                       pg_catalog.unnest(CAST(? AS text[])), pg_catalog.unnest(CAST(? AS text[])),
                       pg_catalog.unnest(CAST(? AS boolean[])))
                     w(role, nsp, on_table, on_matview, on_sequence, on_routine, on_type, defaults, direct)),
            app AS MATERIALIZED (
              SELECT r.oid, w.role AS rolname, pg_catalog.bool_or(w.direct) AS direct
                FROM wanted w
                CROSS JOIN LATERAL (SELECT CAST(pg_catalog.to_regrole(pg_catalog.quote_ident(w.role))
                                                AS pg_catalog.oid)) r(oid)
               WHERE r.oid IS NOT NULL
               GROUP BY r.oid, w.role),
            grantee AS MATERIALIZED (
              SELECT app.oid AS role, app.rolname, n.oid AS nsp, n.nspname,
                     n.nspowner, n.nspacl, w.on_table, w.on_matview, w.on_sequence, w.on_routine, w.on_type,
                     w.defaults, w.direct,
                     CAST(? AS name) AS version_table
                FROM wanted w
                JOIN app ON app.rolname = w.role
                JOIN pg_catalog.pg_namespace n ON n.nspname = CAST(w.nsp AS name)),
            db AS (
              SELECT d.oid, d.datname, d.datdba, x.acl, :exclusive AND e.everybody AS exclusive,
                     CAST(pg_catalog.pg_get_userbyid(d.datdba) AS text) AS owner,
                     :exclusive AND e.everybody AND NOT EXISTS (
                       SELECT FROM wanted w
                        WHERE pg_catalog.to_regrole(pg_catalog.quote_ident(w.role)) IS NULL) AS closing
                FROM pg_catalog.pg_database d
                CROSS JOIN LATERAL (SELECT COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba))) x(acl)
                CROSS JOIN LATERAL (
                  SELECT EXISTS (SELECT FROM pg_catalog.aclexplode(x.acl) a
                                  WHERE a.grantee = CAST(0 AS pg_catalog.oid)
                                    AND a.privilege_type = 'CONNECT')) e(everybody)
               WHERE d.datname = pg_catalog.current_database()),
            relation AS MATERIALIZED (
              SELECT c.relnamespace, c.relowner, c.relkind, c.relacl AS acl, c.relforcerowsecurity AS forced, s.secured,
                     pg_catalog.min(c.oid) AS sample:names
                FROM pg_catalog.pg_class c
                CROSS JOIN LATERAL (SELECT CASE WHEN c.relrowsecurity THEN c.oid END) s(secured)
               WHERE c.relkind = ANY (CAST(ARRAY['r', 'p', 'v', 'm', 'f', 'S'] AS "char"[]))
                 AND c.relnamespace = ANY (ARRAY(SELECT g.nsp FROM grantee g))
                 AND c.relname <> ALL (ARRAY(SELECT g.version_table FROM grantee g))
               GROUP BY c.relnamespace, c.relowner, c.relacl, c.relkind, c.relforcerowsecurity, s.secured)""";

    /** Where no access list is written down, PUBLIC may. */
    private static final String WITH_ROUTINES = """
            ,
            routine AS (
              SELECT p.pronamespace AS nsp, p.proowner AS owner, pg_catalog.min(p.oid) AS sample:names
                FROM pg_catalog.pg_proc p
               WHERE p.proacl IS NOT NULL AND p.pronamespace = ANY (ARRAY(SELECT g.nsp FROM grantee g))
               GROUP BY p.pronamespace, p.proowner, p.proacl)""";

    /** No arrays: they follow what they are made of. So do multiranges from 17 on, which have no list of their own. */
    private static final String WITH_TYPES = """
            ,
            type AS (
              SELECT t.typnamespace AS nsp, t.typowner AS owner, pg_catalog.min(t.oid) AS sample:names
                FROM pg_catalog.pg_type t
               WHERE t.typacl IS NOT NULL AND t.typnamespace = ANY (ARRAY(SELECT g.nsp FROM grantee g))
                 AND (t.typelem = CAST(0 AS pg_catalog.oid) OR t.typlen <> -1)
               GROUP BY t.typnamespace, t.typowner, t.typacl)""";

    private AuditBasis() {}

    /**
     * What the questions stand on.
     *
     * @param exclusive whether PUBLIC is to lose its right to connect
     * @param names a column with the names of relations, or nothing
     */
    static String with(boolean exclusive, String names) {
        return CatalogSql.pinned(
                WITH.replace(":exclusive", exclusive ? "true" : "false").replace(":names", names));
    }

    static String withRoutines(String names) {
        return CatalogSql.pinned(WITH_ROUTINES.replace(":names", names));
    }

    static String withTypes(String names) {
        return CatalogSql.pinned(WITH_TYPES.replace(":names", names));
    }
}
