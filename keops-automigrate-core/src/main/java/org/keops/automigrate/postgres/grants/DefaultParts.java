package org.keops.automigrate.postgres.grants;

/** What objects that are made later will grant. Stateless. */
final class DefaultParts {
    /**
     * Without a right to speak for the application's role there is nothing to be done, and nothing lost. From 16 on it
     * takes a member that inherits.
     */
    static final AuditPart KEOPS_DEFAULT_TABLES = new AuditPart("""
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
            """);

    static final AuditPart KEOPS_DEFAULT_SEQUENCES = new AuditPart("""
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
            """);

    /** What a new object would grant: the defaults of all schemas, or else the built-in ones, and those of the schema. */
    static final AuditPart DEFAULTS = new AuditPart("""
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
            """);

    private DefaultParts() {}
}
