package org.keops.automigrate.postgres.grants;

import org.keops.automigrate.postgres.session.CatalogSql;

/**
 * The questions of the audit, each a FROM clause that yields a row for what lacks, and the columns that describe it: kind,
 * role, schema, owner, wanted privileges that are held, wanted privileges that may be granted, names.
 */
enum AuditPart {
    /** By a right of its own where PUBLIC is to lose it; where PUBLIC keeps it, any right will do. */
    CONNECT("""
            'CONNECT', CAST(app.rolname AS text), '', db.owner, CAST(NULL AS text[]),
            CASE WHEN pg_catalog.pg_has_role(db.datdba, 'USAGE')
                   OR pg_catalog.has_database_privilege(db.oid, 'CONNECT WITH GRANT OPTION')
                 THEN ARRAY['CONNECT'] ELSE CAST(ARRAY[] AS text[]) END,
            ARRAY[CAST(db.datname AS text)]
            """, """
            FROM db CROSS JOIN app
            CROSS JOIN LATERAL (SELECT app.direct AND pg_catalog.pg_has_role(db.datdba, 'USAGE')) x(strict)
             WHERE NOT EXISTS (SELECT FROM pg_catalog.aclexplode(db.acl) a
                                WHERE a.grantee = app.oid AND a.privilege_type = 'CONNECT'
                                  AND (NOT x.strict OR a.grantor = db.datdba))
               AND (x.strict OR db.exclusive
                    OR NOT pg_catalog.has_database_privilege(app.oid, db.oid, 'CONNECT'))
            """),
    /** Whoever acts as the owner logs in as somebody else, who is not to be locked out. */
    OWN_CONNECT("""
            'CONNECT', CAST(session_user AS text), '', db.owner, NULL,
            CASE WHEN pg_catalog.pg_has_role(db.datdba, 'USAGE')
                 THEN ARRAY['CONNECT'] ELSE CAST(ARRAY[] AS text[]) END,
            ARRAY[CAST(db.datname AS text)]
            """, """
            FROM db
             WHERE db.closing
               AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user)
               AND NOT EXISTS (
                     SELECT FROM pg_catalog.aclexplode(db.acl) a
                      WHERE a.privilege_type = 'CONNECT'
                        AND CASE WHEN a.grantee = CAST(0 AS pg_catalog.oid) THEN false
                                 ELSE pg_catalog.pg_has_role(session_user, a.grantee, 'USAGE') END)
            """),
    /** A REVOKE takes back what the owner granted, and what others granted they have to take back themselves. */
    PUBLIC_CONNECT("""
            'PUBLIC_CONNECT', '', '', CAST(pg_catalog.pg_get_userbyid(a.grantor) AS text), NULL,
            CASE WHEN a.grantor = db.datdba AND pg_catalog.pg_has_role(db.datdba, 'USAGE')
                 THEN ARRAY['CONNECT'] ELSE CAST(ARRAY[] AS text[]) END,
            ARRAY[CAST(db.datname AS text)]
            """, """
            FROM db CROSS JOIN LATERAL pg_catalog.aclexplode(db.acl) a
             WHERE db.closing AND a.grantee = CAST(0 AS pg_catalog.oid) AND a.privilege_type = 'CONNECT'
            """),
    SCHEMA("""
            'SCHEMA', CAST(g.rolname AS text), CAST(g.nspname AS text),
            CAST(pg_catalog.pg_get_userbyid(g.nspowner) AS text), NULL,
            CASE WHEN pg_catalog.pg_has_role(g.nspowner, 'USAGE')
                   OR pg_catalog.has_schema_privilege(g.nsp, 'USAGE WITH GRANT OPTION')
                 THEN ARRAY['USAGE'] ELSE CAST(ARRAY[] AS text[]) END,
            ARRAY[CAST(g.nspname AS text)]
            """, """
            FROM grantee g
             WHERE NOT CASE WHEN g.direct AND pg_catalog.pg_has_role(g.nspowner, 'USAGE')
                            THEN EXISTS (SELECT FROM pg_catalog.aclexplode(g.nspacl) a
                                          WHERE a.grantee = g.role AND a.privilege_type = 'USAGE'
                                            AND a.grantor = g.nspowner)
                            ELSE pg_catalog.has_schema_privilege(g.role, g.nsp, 'USAGE') END
            """),
    /**
     * Without a right to speak for the application's role there is nothing to be done, and nothing lost. From 16 on it
     * takes a member that inherits.
     */
    KEOPS_DEFAULT_TABLES("""
            'DEFAULT_TABLES', CAST(g.rolname AS text), CAST(g.nspname AS text), CAST(g.rolname AS text), NULL,
            ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'], ARRAY[CAST(g.nspname AS text)]
            """, """
            FROM grantee g
             WHERE g.defaults = 'AS_KEOPS'
               AND pg_catalog.pg_has_role(g.role, CASE WHEN CAST(pg_catalog.current_setting('server_version_num') AS int)
                                                       OPERATOR(pg_catalog.<) 160000 THEN 'MEMBER' ELSE 'USAGE' END)
               AND NOT EXISTS (
                 SELECT FROM pg_catalog.pg_default_acl d
                  WHERE d.defaclrole = g.role AND d.defaclnamespace = g.nsp AND d.defaclobjtype = 'r'
                    AND (SELECT pg_catalog.count(*) FROM pg_catalog.aclexplode(d.defaclacl) a
                          WHERE a.grantee = g.role
                            AND a.privilege_type = ANY (ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'])) = 4)
            """),
    KEOPS_DEFAULT_SEQUENCES("""
            'DEFAULT_SEQUENCES', CAST(app.rolname AS text), '', CAST(current_user AS text), NULL,
            ARRAY['SELECT', 'UPDATE', 'USAGE'], ARRAY['']
            """, """
            FROM app
             WHERE app.oid <> CAST(CAST(pg_catalog.quote_ident(current_user) AS pg_catalog.regrole) AS pg_catalog.oid)
               AND EXISTS (SELECT FROM grantee g WHERE g.role = app.oid AND g.defaults = 'AS_KEOPS')
               AND NOT EXISTS (
                 SELECT FROM pg_catalog.pg_default_acl d
                  WHERE d.defaclrole = CAST(CAST(pg_catalog.quote_ident(current_user) AS pg_catalog.regrole)
                                            AS pg_catalog.oid)
                    AND d.defaclnamespace = CAST(0 AS pg_catalog.oid) AND d.defaclobjtype = 'S'
                    AND (SELECT pg_catalog.count(*) FROM pg_catalog.aclexplode(d.defaclacl) a
                          WHERE a.grantee = app.oid) = 3)
            """),
    /** What a new object would grant: the defaults of all schemas, or else the built-in ones, and those of the schema. */
    DEFAULTS("""
            o.kind, CAST(g.rolname AS text), CAST(g.nspname AS text), CAST(current_user AS text),
            ARRAY(SELECT p FROM pg_catalog.unnest(o.privileges) p WHERE p = ANY (o.held)), o.privileges,
            ARRAY[CAST(g.nspname AS text)]
            """, """
            FROM grantee g
            CROSS JOIN (SELECT CAST(CAST(pg_catalog.quote_ident(current_user) AS pg_catalog.regrole)
                                    AS pg_catalog.oid)) me(oid)
            CROSS JOIN LATERAL (
              SELECT k.kind, pg_catalog.string_to_array(k.wanted, ',') AS privileges, ARRAY(
                       SELECT a.privilege_type
                         FROM (SELECT COALESCE(
                                        (SELECT d.defaclacl FROM pg_catalog.pg_default_acl d
                                          WHERE d.defaclrole = me.oid AND d.defaclobjtype = k.type
                                            AND d.defaclnamespace = CAST(0 AS pg_catalog.oid)),
                                        pg_catalog.acldefault(k.builtin, me.oid))
                               UNION ALL
                               SELECT d.defaclacl FROM pg_catalog.pg_default_acl d
                                WHERE d.defaclrole = me.oid AND d.defaclobjtype = k.type
                                  AND d.defaclnamespace = g.nsp) l(acl)
                        CROSS JOIN LATERAL pg_catalog.aclexplode(l.acl) a
                        WHERE CASE WHEN a.grantee = CAST(0 AS pg_catalog.oid) THEN true
                                   ELSE pg_catalog.pg_has_role(g.role, a.grantee, 'USAGE') END) AS held
                FROM (VALUES ('DEFAULT_TABLES', CAST('r' AS "char"), CAST('r' AS "char"), g.on_table),
                             ('DEFAULT_SEQUENCES', 'S', 's', g.on_sequence),
                             ('DEFAULT_ROUTINES', 'f', 'f', g.on_routine),
                             ('DEFAULT_TYPES', 'T', 'T', g.on_type)) k(kind, type, builtin, wanted)) o
            WHERE g.defaults = 'FOR_CREATOR'
              AND EXISTS (SELECT FROM pg_catalog.unnest(o.privileges) p WHERE p <> ALL (o.held))
            """),
    /** Where default privileges reach it they have given what is not the application's. */
    VERSION_TABLE("""
            'VERSION_TABLE', CAST(g.rolname AS text), CAST(g.nspname AS text),
            CAST(pg_catalog.pg_get_userbyid(w.grantor) AS text), w.privileges,
            CASE WHEN w.grantor = c.relowner AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
                 THEN w.privileges ELSE CAST(ARRAY[] AS text[]) END,
            ARRAY[CAST(c.relname AS text)]
            """, """
            FROM grantee g JOIN pg_catalog.pg_class c ON c.relnamespace = g.nsp AND c.relname = g.version_table
            CROSS JOIN LATERAL (
              SELECT a.grantor, pg_catalog.array_agg(a.privilege_type) AS privileges
                FROM pg_catalog.aclexplode(c.relacl) a
               WHERE a.grantee = g.role
                 AND a.privilege_type = ANY (ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'])
               GROUP BY a.grantor) w
            WHERE g.defaults = 'FOR_CREATOR' AND c.relowner <> g.role
            """),
    RELATION("""
            CASE WHEN x.relkind = 'S' THEN 'SEQUENCE' WHEN x.relkind = 'm' THEN 'MATERIALIZED_VIEW' ELSE 'TABLE' END,
            CAST(g.rolname AS text), CAST(g.nspname AS text),
            CAST(pg_catalog.pg_get_userbyid(x.relowner) AS text), h.held,
            ARRAY(SELECT p FROM pg_catalog.unnest(w.privileges) p
                   CROSS JOIN pg_catalog.concat(p, ' WITH GRANT OPTION') option
                   WHERE CASE WHEN NOT pg_catalog.has_schema_privilege(x.relnamespace, 'USAGE') THEN false
                              WHEN pg_catalog.pg_has_role(x.relowner, 'USAGE') THEN true
                              WHEN x.relkind = 'S' THEN pg_catalog.has_sequence_privilege(x.sample, option)
                              ELSE pg_catalog.has_table_privilege(x.sample, option) END),
            x.names
            """, """
            FROM relation x JOIN grantee g ON g.nsp = x.relnamespace
            CROSS JOIN LATERAL (
              SELECT pg_catalog.string_to_array(
                       CASE WHEN x.relkind = 'S' THEN g.on_sequence
                            WHEN x.relkind = 'm' THEN g.on_matview ELSE g.on_table END, ',')) w(privileges)
            CROSS JOIN LATERAL (
              SELECT ARRAY(
                SELECT p FROM pg_catalog.unnest(w.privileges) p
                 WHERE CASE WHEN g.direct AND pg_catalog.pg_has_role(x.relowner, 'USAGE')
                            THEN EXISTS (SELECT FROM pg_catalog.aclexplode(x.acl) a
                                          WHERE a.grantee = g.role AND a.privilege_type = p
                                            AND a.grantor = x.relowner)
                            WHEN x.relkind = 'S' THEN pg_catalog.has_sequence_privilege(g.role, x.sample, p)
                            ELSE pg_catalog.has_table_privilege(g.role, x.sample, p) END)) h(held)
            WHERE h.held <> w.privileges
            """),
    ROW_SECURITY("""
            'ROW_SECURITY', CAST(g.rolname AS text), CAST(g.nspname AS text),
            CAST(pg_catalog.pg_get_userbyid(x.relowner) AS text), l.commands, NULL, x.names
            """, """
            FROM relation x JOIN grantee g ON g.nsp = x.relnamespace
            CROSS JOIN LATERAL (
              SELECT ARRAY(
                SELECT c.name
                  FROM (VALUES ('SELECT', CAST('r' AS "char")), ('INSERT', 'a'), ('UPDATE', 'w'), ('DELETE', 'd'))
                         c(name, code)
                 WHERE c.name = ANY (pg_catalog.string_to_array(g.on_table, ','))
                   AND NOT EXISTS (
                     SELECT FROM pg_catalog.pg_policy p CROSS JOIN LATERAL pg_catalog.unnest(p.polroles) r
                      WHERE p.polrelid = x.secured AND p.polpermissive
                        AND (p.polcmd = CAST('*' AS "char") OR p.polcmd = c.code)
                        AND CASE WHEN r = CAST(0 AS pg_catalog.oid) THEN true
                                 ELSE pg_catalog.pg_has_role(g.role, r, 'USAGE') END))) l(commands)
            WHERE x.secured IS NOT NULL
              AND (x.forced OR NOT pg_catalog.pg_has_role(g.role, x.relowner, 'USAGE'))
              AND l.commands <> CAST(ARRAY[] AS text[])
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles r
                               WHERE r.oid = g.role AND (r.rolsuper OR r.rolbypassrls))
            """),
    ROUTINE("""
            'ROUTINE', CAST(g.rolname AS text), CAST(g.nspname AS text),
            CAST(pg_catalog.pg_get_userbyid(x.owner) AS text), NULL,
            CASE WHEN pg_catalog.has_schema_privilege(x.nsp, 'USAGE')
                  AND (pg_catalog.pg_has_role(x.owner, 'USAGE')
                       OR pg_catalog.has_function_privilege(x.sample, 'EXECUTE WITH GRANT OPTION'))
                 THEN ARRAY['EXECUTE'] ELSE CAST(ARRAY[] AS text[]) END,
            x.names
            """, """
            FROM routine x JOIN grantee g ON g.nsp = x.nsp
            WHERE g.on_routine <> '' AND NOT pg_catalog.has_function_privilege(g.role, x.sample, 'EXECUTE')
            """),
    TYPE("""
            'TYPE', CAST(g.rolname AS text), CAST(g.nspname AS text),
            CAST(pg_catalog.pg_get_userbyid(x.owner) AS text), NULL,
            CASE WHEN pg_catalog.has_schema_privilege(x.nsp, 'USAGE')
                  AND (pg_catalog.pg_has_role(x.owner, 'USAGE')
                       OR pg_catalog.has_type_privilege(x.sample, 'USAGE WITH GRANT OPTION'))
                 THEN ARRAY['USAGE'] ELSE CAST(ARRAY[] AS text[]) END,
            x.names
            """, """
            FROM type x JOIN grantee g ON g.nsp = x.nsp
            WHERE g.on_type <> '' AND NOT pg_catalog.has_type_privilege(g.role, x.sample, 'USAGE')
            """);

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

    private final String columns;
    private final String from;

    AuditPart(String columns, String from) {
        this.columns = columns;
        this.from = from;
    }

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

    String columns() {
        return CatalogSql.pinned(columns);
    }

    String from() {
        return CatalogSql.pinned(from);
    }
}
