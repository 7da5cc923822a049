package org.keops.automigrate.permissions;

import java.util.List;
import org.keops.automigrate.testing.TestDatabase;

/** Row versions of everything that a grant writes: what nothing was written to is the same before and after. */
final class CatalogRows {
    private CatalogRows() {}

    static List<String> of(TestDatabase database) {
        return database.query("""
                SELECT x FROM (
                  SELECT 'c' || oid || ':' || xmin || ':' || ctid FROM pg_class WHERE relnamespace <> 'pg_catalog'::regnamespace
                  UNION ALL SELECT 'n' || oid || ':' || xmin FROM pg_namespace WHERE nspname !~ '^pg_temp|^pg_toast_temp'
                  UNION ALL SELECT 'd' || oid || ':' || xmin FROM pg_database WHERE datname = current_database()
                  UNION ALL SELECT 'a' || oid || ':' || xmin FROM pg_default_acl
                  UNION ALL SELECT 'p' || oid || ':' || xmin FROM pg_proc
                  UNION ALL SELECT 't' || oid || ':' || xmin FROM pg_type
                  UNION ALL SELECT 'r' || attrelid || attname || ':' || xmin FROM pg_attribute
                  UNION ALL SELECT 's' || objid || ':' || refobjid || ':' || xmin FROM pg_shdepend) t(x)
                ORDER BY x
                """);
    }

    /** Access lists, in an order that does not depend on who was granted first. */
    static List<String> accessLists(TestDatabase database) {
        return database.query("""
                SELECT o || ' ' || coalesce((SELECT string_agg(x::text, ',' ORDER BY x::text) FROM unnest(acl) x), 'null')
                  FROM (SELECT 'class ' || relnamespace::regnamespace || '.' || relname, relacl FROM pg_class
                                    WHERE relnamespace <> 'pg_toast'::regnamespace
                        UNION ALL SELECT 'schema ' || nspname, nspacl FROM pg_namespace
                        UNION ALL SELECT 'database', datacl FROM pg_database WHERE datname = current_database()
                        UNION ALL SELECT 'defaults ' || defaclrole::regrole || defaclnamespace::regnamespace || defaclobjtype::text, defaclacl
                                    FROM pg_default_acl
                        UNION ALL SELECT 'routine ' || oid::regprocedure, proacl FROM pg_proc
                        UNION ALL SELECT 'type ' || typnamespace::regnamespace || typname, typacl FROM pg_type
                                    WHERE typnamespace <> 'pg_toast'::regnamespace) t(o, acl)
                 ORDER BY 1
                """);
    }
}
