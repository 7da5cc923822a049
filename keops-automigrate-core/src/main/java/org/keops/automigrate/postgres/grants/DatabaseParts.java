package org.keops.automigrate.postgres.grants;

/** Who may connect. Stateless. */
final class DatabaseParts {
    /** By a right of its own where PUBLIC is to lose it; where PUBLIC keeps it, any right will do. */
    static final AuditPart CONNECT = new AuditPart("""
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
                                  AND CASE WHEN NOT x.strict OR a.grantor = db.datdba THEN true
                                           WHEN pg_catalog.current_setting('is_superuser') = 'on' THEN false
                                           ELSE pg_catalog.pg_has_role(a.grantor, 'USAGE') END)
               AND (x.strict OR db.exclusive
                    OR NOT pg_catalog.has_database_privilege(app.oid, db.oid, 'CONNECT'))
            """);

    /** Whoever acts as the owner logs in as somebody else, who is not to be locked out. */
    static final AuditPart OWN_CONNECT = new AuditPart("""
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
            """);

    /**
     * A REVOKE takes back what the owner granted, and what others granted they have to take back themselves. So has the
     * owner where the migrating role, its member, may grant by another right: its REVOKE would be about that, and do nothing.
     */
    static final AuditPart PUBLIC_CONNECT = new AuditPart("""
            'PUBLIC_CONNECT', '', '', CAST(pg_catalog.pg_get_userbyid(a.grantor) AS text), NULL,
            CASE WHEN a.grantor = db.datdba AND pg_catalog.pg_has_role(db.datdba, 'USAGE')
                  AND (db.datdba = CAST(pg_catalog.to_regrole(pg_catalog.quote_ident(current_user)) AS pg_catalog.oid)
                       OR pg_catalog.current_setting('is_superuser') = 'on'
                       OR NOT EXISTS (SELECT FROM pg_catalog.aclexplode(db.acl) o
                                       WHERE o.is_grantable AND o.privilege_type = 'CONNECT' AND o.grantee <> db.datdba
                                         AND pg_catalog.pg_has_role(o.grantee, 'USAGE')))
                 THEN ARRAY['CONNECT'] ELSE CAST(ARRAY[] AS text[]) END,
            ARRAY[CAST(db.datname AS text)]
            """, """
            FROM db CROSS JOIN LATERAL pg_catalog.aclexplode(db.acl) a
             WHERE db.closing AND a.grantee = CAST(0 AS pg_catalog.oid) AND a.privilege_type = 'CONNECT'
            """);

    private DatabaseParts() {}
}
