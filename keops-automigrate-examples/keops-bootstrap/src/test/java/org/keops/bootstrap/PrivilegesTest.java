package org.keops.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keops.bootstrap.testing.Revisions.HEAD;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.bootstrap.testing.KeopsFixture;

/** After a boot the application may do what KEOPS's seven statements let it do, to the letter of the catalog. */
class PrivilegesTest {
    private static final KeopsFixture KEOPS = KeopsFixture.shared();

    private static final String CATALOG = """
            SELECT 'database ' || coalesce(datacl::text, 'default')
              FROM pg_database WHERE datname = current_database()
            UNION ALL
            SELECT 'schema ' || nspname || ' ' || coalesce(nspacl::text, 'default')
              FROM pg_namespace WHERE nspname IN ('keopsdb', 'public')
            UNION ALL
            SELECT relkind::text || ' ' || relname || ' ' || coalesce(relacl::text, 'default')
              FROM pg_class WHERE relnamespace IN ('keopsdb'::regnamespace, 'public'::regnamespace)
            UNION ALL
            SELECT 'column ' || attrelid::regclass || ' ' || attname || ' ' || attacl::text
              FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid::regclass::text LIKE 'keopsdb.%'
            UNION ALL
            SELECT 'type ' || typname || ' ' || coalesce(typacl::text, 'default')
              FROM pg_type WHERE typnamespace = 'keopsdb'::regnamespace
            UNION ALL
            SELECT 'function ' || proname || ' ' || coalesce(proacl::text, 'default')
              FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            UNION ALL
            SELECT concat_ws(' ', 'default', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype, defaclacl)
              FROM pg_default_acl
             ORDER BY 1
            """;

    @Test
    void ofADatabaseThatWasJustUpgraded() {
        try (TestDatabase ours = KEOPS.legacy();
                TestDatabase keops = KEOPS.copy(ours)) {
            AutoMigrator.run(ours.superuser()).orElseThrow();
            KeopsFixture.upgradeOnly(keops, HEAD);
            sevenStatements(keops);

            assertThat(privileges(ours)).isEqualTo(privileges(keops)).hasSizeGreaterThan(30);
        }
    }

    @Test
    void ofADatabaseThatNeverHadAny() {
        try (TestDatabase ours = KEOPS.legacy()) {
            KeopsFixture.upgradeOnly(ours, HEAD);
            takeAway(ours);
            try (TestDatabase keops = KEOPS.server().databaseLike(ours.name())) {
                AutoMigrator.run(ours.superuser()).orElseThrow();
                sevenStatements(keops);

                assertThat(privileges(ours)).isEqualTo(privileges(keops));
            }
        }
    }

    private static void takeAway(TestDatabase database) {
        database.execute(
                "REVOKE ALL ON ALL TABLES IN SCHEMA keopsdb FROM keopsdb",
                "REVOKE ALL ON ALL SEQUENCES IN SCHEMA keopsdb FROM keopsdb",
                "REVOKE ALL ON SCHEMA keopsdb FROM keopsdb",
                "REVOKE CONNECT ON DATABASE " + database.name() + " FROM keopsdb",
                "GRANT CONNECT ON DATABASE " + database.name() + " TO PUBLIC",
                "ALTER DEFAULT PRIVILEGES REVOKE ALL ON SEQUENCES FROM keopsdb",
                "ALTER DEFAULT PRIVILEGES FOR ROLE keopsdb IN SCHEMA keopsdb REVOKE ALL ON TABLES FROM keopsdb");
    }

    private static void sevenStatements(TestDatabase database) {
        database.execute(
                "REVOKE CONNECT ON DATABASE " + database.name() + " FROM PUBLIC",
                "GRANT CONNECT ON DATABASE " + database.name() + " TO keopsdb",
                "ALTER DEFAULT PRIVILEGES FOR ROLE keopsdb IN SCHEMA keopsdb"
                        + " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO keopsdb",
                "GRANT USAGE ON SCHEMA keopsdb TO keopsdb",
                "ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO keopsdb",
                "GRANT ALL ON ALL SEQUENCES IN SCHEMA keopsdb TO keopsdb",
                "GRANT ALL ON ALL TABLES IN SCHEMA keopsdb TO keopsdb");
    }

    private static List<String> privileges(TestDatabase database) {
        return database.query(CATALOG);
    }
}
