package org.keops.automigrate.postgres.grants;

/** Functions, procedures and types. Stateless. */
final class RoutineParts {
    static final AuditPart ROUTINE = new AuditPart("""
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
            """);

    static final AuditPart TYPE = new AuditPart("""
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

    private RoutineParts() {}
}
