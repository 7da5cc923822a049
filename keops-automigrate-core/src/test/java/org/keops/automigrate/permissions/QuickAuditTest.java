package org.keops.automigrate.permissions;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.Privilege;
import org.keops.automigrate.postgres.grants.AuditSql;
import org.keops.automigrate.postgres.grants.PermissionCatalog;
import org.keops.automigrate.postgres.grants.QuickAudit;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Seeds;
import org.keops.automigrate.testing.TestDatabase;

/** The quick look never says that nothing lacks where the audit finds something; and where all was repaired, it says so. */
class QuickAuditTest {
    private static final String APP = "Quick \"app\\'s";
    private static final String APP_SQL = "\"Quick \"\"app\\'s\"";
    private static final String MIGRATOR = "quick_migrator";
    private static final List<String> SCHEMAS = List.of("Od\"d", "sec ond");
    private static final int DAMAGES = 30;

    @BeforeAll
    static void roles() {
        Roles.make(
                APP,
                MIGRATOR,
                "quick_owner",
                "quick_granter",
                "perm_granter",
                "perm_inheriting",
                "perm_not_inheriting");
        Roles.grant("quick_owner", MIGRATOR);
        Roles.grant(APP, MIGRATOR);
        Roles.grant("perm_inheriting", APP);
    }

    static Stream<Arguments> everyPolicyAndMigrator() {
        return Stream.of("readWrite", "readOnly", "custom", "keops", "both", "one")
                .flatMap(policy -> Stream.of(Arguments.of(policy, true), Arguments.of(policy, false)));
    }

    @ParameterizedTest
    @MethodSource("everyPolicyAndMigrator")
    void itNeverMissesWhatTheAuditFinds(String name, boolean superuser) throws Exception {
        long seed = Seeds.seed();
        Random random = new Random(seed);
        try (TestDatabase database = PostgresServer.shared().database();
                Connection connection = database.superuser().getConnection()) {
            List<String> owners =
                    List.of(PostgresServer.shared().superuser(), "quick_owner", "quick_granter", "perm_granter");
            new RandomCatalog(seed, database, APP, owners).fill(SCHEMAS, 8);
            database.execute("CREATE TABLE \"Od\"\"d\".alembic_version (version_num varchar(32) NOT NULL)");
            Answers asItIs = ask(connection, name, superuser, List.of());
            assertThat(asItIs.exact && !asItIs.quick).isFalse();

            unprotect(database);
            String script = PermissionScript.of(policy(name), null, "alembic_version");
            database.execute(script);
            Answers repaired = ask(connection, name, true, List.of());
            assertThat(repaired.exact).isFalse();
            assertThat(repaired.quick).isFalse();
            if (!superuser) {
                database.execute("SET ROLE " + MIGRATOR, script, "RESET ROLE");
                assertThat(ask(connection, name, false, List.of()).exact).isFalse();
            }

            int found = 0;
            for (int i = 0; i < DAMAGES; i++) {
                List<String> damage = damage(database, random);
                Answers damaged = ask(connection, name, superuser, damage);
                found += damaged.exact ? 1 : 0;
                assertThat(damaged.exact && !damaged.quick)
                        .as("seed %d: %s", seed, damage)
                        .isFalse();
            }
            assertThat(found).isPositive();
        }
    }

    /** Nothing planted on the search path may be taken for what is meant; the text is sent as it is written. */
    @Test
    void everyOperatorAndTypeIsPinned() {
        for (String name : List.of("readWrite", "custom", "keops", "both")) {
            String sql = QuickAudit.of(policy(name)).sql("alembic_version", 18);
            assertThat(CatalogSql.pinned(sql)).isEqualTo(sql);
        }
    }

    /** A boot asks it of KEOPS's policy without making the policy, and only of KEOPS's where it doubts a little more. */
    @Test
    void keopsAloneIsPinnedToo() {
        for (int version = 13; version <= 18; version++) {
            String sql = QuickAudit.ofKeops(APP, "Od\"d").sql("alembic_version", version);
            assertThat(CatalogSql.pinned(sql)).isEqualTo(sql);
        }
    }

    private static QuickAudit quick(String name) {
        return name.equals("one") ? QuickAudit.ofKeops(APP, SCHEMAS.get(0)) : QuickAudit.of(policy(name));
    }

    /** The same question, put as for a policy of any kind. */
    private record Answers(boolean quick, boolean asPolicy, boolean exact) {}

    /** What all say of a damage, which is taken back. */
    private static Answers ask(Connection connection, String name, boolean superuser, List<String> damage)
            throws SQLException {
        PermissionPolicy policy = policy(name);
        int version = connection.getMetaData().getDatabaseMajorVersion();
        String quick = quick(name).sql("alembic_version", version);
        String asPolicy = QuickAudit.of(policy).sql("alembic_version", version);
        String exact = Queries.filled(
                AuditSql.of(policy).anything(), PermissionCatalog.parameters(policy, "alembic_version", version));
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : damage) {
                statement.execute(sql);
            }
            if (!superuser) {
                statement.execute("SET LOCAL ROLE " + MIGRATOR);
            }
            try (ResultSet row = statement.executeQuery("SELECT " + quick + ", " + asPolicy + ", " + exact)) {
                row.next();
                Answers answers = new Answers(!isNo(row, 1), !isNo(row, 2), row.getBoolean(3));
                // of what a superuser grants nothing is left to doubt
                assertThat(answers.quick).isEqualTo(superuser ? answers.asPolicy : answers.quick || answers.asPolicy);
                return answers;
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /** As a boot takes it: whatever is not a plain no is a doubt. */
    private static boolean isNo(ResultSet row, int column) throws SQLException {
        return "f".equals(row.getString(column));
    }

    /** No grant helps there, so that nothing would ever be all right. */
    private static void unprotect(TestDatabase database) {
        database.execute("DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT oid FROM pg_class WHERE relrowsecurity LOOP"
                + " EXECUTE 'ALTER TABLE ' || t || ' DISABLE ROW LEVEL SECURITY'; END LOOP; END $$");
    }

    private static List<String> damage(TestDatabase database, Random random) {
        List<String> relations =
                database.query("SELECT c.oid::regclass::text FROM pg_class c WHERE relkind IN ('r','v','m','p')"
                        + " AND relnamespace::regnamespace::text IN ('\"Od\"\"d\"', '\"sec ond\"') ORDER BY 1");
        List<String> sequences = database.query("SELECT c.oid::regclass::text FROM pg_class c WHERE relkind = 'S'"
                + " AND relnamespace::regnamespace::text IN ('\"Od\"\"d\"', '\"sec ond\"') ORDER BY 1");
        String schema = random.nextBoolean() ? "\"Od\"\"d\"" : "\"sec ond\"";
        String relation = relations.get(random.nextInt(relations.size()));
        String name = database.name();
        List<String> all = new ArrayList<>();
        for (String privilege :
                List.of("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "ALL")) {
            all.add("REVOKE " + privilege + " ON " + relation + " FROM " + APP_SQL + " CASCADE");
        }
        for (String privilege : List.of("SELECT", "UPDATE", "USAGE")) {
            all.add("REVOKE " + privilege + " ON ALL SEQUENCES IN SCHEMA " + schema + " FROM " + APP_SQL + " CASCADE");
        }
        all.add("ALTER TABLE " + relation + " OWNER TO quick_granter");
        all.add("ALTER TABLE " + relation + " OWNER TO " + APP_SQL);
        all.add("GRANT ALL ON " + relation + " TO PUBLIC; REVOKE ALL ON " + relation + " FROM " + APP_SQL + " CASCADE");
        all.add("CREATE TABLE " + schema + ".added (id serial) PARTITION BY RANGE (id)");
        all.add("CREATE TABLE " + schema + ".protected (id int); ALTER TABLE " + schema
                + ".protected ENABLE ROW LEVEL SECURITY; GRANT ALL ON " + schema + ".protected TO " + APP_SQL);
        all.add("CREATE MATERIALIZED VIEW " + schema + ".added AS SELECT 1 AS one");
        all.add("CREATE SEQUENCE " + schema + ".added");
        all.add("CREATE FUNCTION " + schema + ".added() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION "
                + schema + ".added() FROM PUBLIC, " + APP_SQL);
        all.add("CREATE TYPE " + schema + ".added AS (a int); REVOKE ALL ON TYPE " + schema + ".added FROM PUBLIC, "
                + APP_SQL);
        all.add("REVOKE USAGE ON SCHEMA " + schema + " FROM " + APP_SQL + " CASCADE");
        all.add("ALTER SCHEMA " + schema + " OWNER TO quick_granter");
        all.add("ALTER SCHEMA " + schema + " RENAME TO elsewhere");
        all.add("REVOKE CONNECT ON DATABASE " + name + " FROM " + APP_SQL);
        all.add("GRANT CONNECT ON DATABASE " + name + " TO PUBLIC");
        all.add("REVOKE CONNECT ON DATABASE " + name + " FROM PUBLIC");
        all.add("GRANT INSERT ON \"Od\"\"d\".alembic_version TO " + APP_SQL);
        for (String where : List.of("", " IN SCHEMA " + schema)) {
            for (String what : List.of("TABLES", "SEQUENCES", "ROUTINES", "TYPES")) {
                // built-in ones of a whole database can only be taken away there
                all.add("ALTER DEFAULT PRIVILEGES" + where + " REVOKE ALL ON " + what + " FROM " + APP_SQL
                        + (where.isEmpty() ? ", PUBLIC" : ""));
                all.add("ALTER DEFAULT PRIVILEGES FOR ROLE " + APP_SQL + where + " REVOKE ALL ON " + what + " FROM "
                        + APP_SQL);
            }
        }
        for (String sequence : sequences) {
            all.add("REVOKE UPDATE ON SEQUENCE " + sequence + " FROM " + APP_SQL + " CASCADE");
        }
        return List.of(all.get(random.nextInt(all.size())));
    }

    private static PermissionPolicy policy(String name) {
        String[] schemas = SCHEMAS.toArray(new String[0]);
        return switch (name) {
            case "readWrite" -> PermissionPolicy.readWrite(APP, schemas);
            case "readOnly" -> PermissionPolicy.readOnly(APP, schemas);
            case "custom" ->
                PermissionPolicy.custom(APP, schemas)
                        .allowing(ObjectKind.TABLE, Privilege.SELECT, Privilege.INSERT, Privilege.REFERENCES)
                        .allowing(ObjectKind.SEQUENCE, Privilege.USAGE)
                        .allowing(ObjectKind.TYPE, Privilege.USAGE)
                        .revokingConnectFromPublic();
            case "both" -> PermissionPolicy.keops(APP, schemas[0]).and(PermissionPolicy.readWrite(APP, schemas[1]));
            case "one" -> PermissionPolicy.keops(APP, schemas[0]);
            default -> PermissionPolicy.keops(APP, schemas[0]).and(PermissionPolicy.keops(APP, schemas[1]));
        };
    }
}
