package org.keops.automigrate.postgres.grants;

/**
 * The schema, and what can be selected from in it. Stateless.
 *
 * <p>A GRANT of a superuser is the owner's. One of a member of the owner is its own, or that of another role that it is a
 * member of, wherever these may grant it all: what was granted so counts as well, or it would be granted at every boot.
 */
final class SchemaParts {
    static final AuditPart SCHEMA = new AuditPart("""
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
                                            AND CASE WHEN a.grantor = g.nspowner THEN true
                                                     WHEN pg_catalog.current_setting('is_superuser') = 'on' THEN false
                                                     ELSE pg_catalog.pg_has_role(a.grantor, 'USAGE') END)
                            ELSE pg_catalog.has_schema_privilege(g.role, g.nsp, 'USAGE') END
            """);

    /**
     * Where default privileges reach it they have given what is not the application's. Not where the migrating role, which
     * is no owner, is the application's or acts as it: it writes the version by this very right.
     */
    static final AuditPart VERSION_TABLE = new AuditPart("""
            'VERSION_TABLE', CAST(g.rolname AS text), CAST(g.nspname AS text),
            CAST(pg_catalog.pg_get_userbyid(w.grantor) AS text), w.privileges,
            CASE WHEN w.grantor = c.relowner AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
                  AND (c.relowner = CAST(pg_catalog.to_regrole(pg_catalog.quote_ident(current_user)) AS pg_catalog.oid)
                       OR pg_catalog.current_setting('is_superuser') = 'on'
                       OR NOT EXISTS (SELECT FROM pg_catalog.aclexplode(c.relacl) o
                                       WHERE o.is_grantable AND o.grantee <> c.relowner
                                         AND pg_catalog.pg_has_role(o.grantee, 'USAGE')))
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
              AND (pg_catalog.pg_has_role(c.relowner, 'USAGE') OR NOT pg_catalog.pg_has_role(g.role, 'USAGE'))
            """);

    static final AuditPart RELATION = new AuditPart("""
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
                                            AND CASE WHEN a.grantor = x.relowner THEN true
                                                     WHEN pg_catalog.current_setting('is_superuser') = 'on' THEN false
                                                     ELSE pg_catalog.pg_has_role(a.grantor, 'USAGE') END)
                            WHEN x.relkind = 'S' THEN pg_catalog.has_sequence_privilege(g.role, x.sample, p)
                            ELSE pg_catalog.has_table_privilege(g.role, x.sample, p) END)) h(held)
            WHERE h.held <> w.privileges
            """);

    static final AuditPart ROW_SECURITY = new AuditPart("""
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
            """);

    private SchemaParts() {}
}
