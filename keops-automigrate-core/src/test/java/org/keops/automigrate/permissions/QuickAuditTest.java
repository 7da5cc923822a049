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
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.ObjectKind;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.Privilege;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.postgres.grants.AuditSql;
import org.keops.automigrate.postgres.grants.PermissionCatalog;
import org.keops.automigrate.postgres.grants.QuickAudit;
import org.keops.automigrate.postgres.session.CatalogSql;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Seeds;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.automigrate.testing.Waits;

/** The quick look never says that nothing lacks where the audit finds something; and where all was repaired, it says so. */
class QuickAuditTest {
    private static final String APP = "Quick \"app\\'s";
    private static final String APP_SQL = "\"Quick \"\"app\\'s\"";
    private static final String MIGRATOR = "quick_migrator";

    /** Acts as the owner, and not as the application's role. */
    private static final String STRANGER = "quick_stranger";

    private static final List<String> SCHEMAS = List.of("Od\"d", "sec ond");

    @BeforeAll
    static void roles() {
        Roles.make(
                APP,
                MIGRATOR,
                STRANGER,
                "quick_owner",
                "quick_granter",
                "perm_granter",
                "perm_inheriting",
                "perm_not_inheriting");
        Roles.grant("quick_owner", MIGRATOR);
        Roles.grant("quick_owner", STRANGER);
        Roles.grant(APP, MIGRATOR);
        Roles.grant("perm_inheriting", APP);
    }

    static Stream<Arguments> everyPolicyAndMigrator() {
        return Stream.of("readWrite", "readOnly", "custom", "keops", "both", "one")
                .flatMap(policy -> Stream.of("", MIGRATOR, STRANGER).map(migrator -> Arguments.of(policy, migrator)));
    }

    @ParameterizedTest
    @MethodSource("everyPolicyAndMigrator")
    @Waits
    void itNeverMissesWhatTheAuditFinds(String name, String migrator) throws Exception {
        long seed = Seeds.seed();
        Random random = new Random(seed);
        try (TestDatabase database = PostgresServer.shared().database();
                Connection connection = database.superuser().getConnection()) {
            List<String> owners =
                    List.of(PostgresServer.shared().superuser(), "quick_owner", "quick_granter", "perm_granter");
            new RandomCatalog(seed, database, APP, owners).fill(SCHEMAS, 8);
            database.execute("CREATE TABLE \"Od\"\"d\".alembic_version (version_num varchar(32) NOT NULL)");
            Answers asItIs = ask(connection, name, migrator, List.of());
            assertThat(asItIs.exact && !asItIs.quick).isFalse();

            unprotect(database);
            String script = PermissionScript.of(policy(name), null, "alembic_version");
            database.execute(script);
            if (!migrator.isEmpty()) {
                database.execute("SET ROLE " + migrator, script, "RESET ROLE");
            }
            for (String somebody : List.of("", migrator)) {
                Answers repaired = ask(connection, name, somebody, List.of());
                assertThat(repaired.exact).isFalse();
                assertThat(repaired.quick).isFalse();
            }

            int found = 0;
            // the policy of one role and one schema is about the first
            String schema = SqlNames.identifier(SCHEMAS.get(name.equals("one") ? 0 : random.nextInt(SCHEMAS.size())));
            for (String damage : damages(database, schema, random)) {
                Answers damaged = ask(connection, name, migrator, List.of(damage));
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

    /** As an error it would stand in the server's log at each boot. */
    @ParameterizedTest
    @ValueSource(strings = {"readWrite", "one"})
    void aRoleOrSchemaThatDoesNotExistIsADoubt(String policy) throws Exception {
        try (TestDatabase database = PostgresServer.shared().database();
                Connection connection = database.superuser().getConnection();
                Statement statement = connection.createStatement()) {
            int version = connection.getMetaData().getDatabaseMajorVersion();
            for (String role : List.of("quick_nobody", APP)) {
                QuickAudit audit = policy.equals("one")
                        ? QuickAudit.ofKeops(role, "nowhere")
                        : QuickAudit.of(PermissionPolicy.readWrite(role, "nowhere"));
                try (ResultSet row = statement.executeQuery("SELECT " + audit.sql("alembic_version", version))) {
                    row.next();
                    assertThat(isNo(row, 1)).isFalse();
                }
            }
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
    private static Answers ask(Connection connection, String name, String migrator, List<String> damage)
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
            if (!migrator.isEmpty()) {
                statement.execute("SET LOCAL ROLE " + migrator);
            }
            try (ResultSet row = statement.executeQuery("SELECT " + quick + ", " + asPolicy + ", " + exact)) {
                row.next();
                Answers answers = new Answers(!isNo(row, 1), !isNo(row, 2), row.getBoolean(3));
                // of what a superuser grants nothing is left to doubt
                assertThat(answers.quick)
                        .isEqualTo(migrator.isEmpty() ? answers.asPolicy : answers.quick || answers.asPolicy);
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

    /** Each way to damage what is wanted in a schema, once; each of some object of it. */
    private static List<String> damages(TestDatabase database, String schema, Random random) {
        List<String> relations = objects(database, schema, "'r', 'v', 'm', 'p'");
        List<String> sequences = objects(database, schema, "'S'");
        String relation = oneOf(relations, random);
        String name = database.name();
        List<String> all = new ArrayList<>();
        for (String privilege :
                List.of("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "ALL")) {
            all.add("REVOKE " + privilege + " ON " + oneOf(relations, random) + " FROM " + APP_SQL + " CASCADE");
        }
        for (String privilege : List.of("SELECT", "UPDATE", "USAGE")) {
            all.add("REVOKE " + privilege + " ON ALL SEQUENCES IN SCHEMA " + schema + " FROM " + APP_SQL + " CASCADE");
        }
        all.add("ALTER TABLE " + oneOf(relations, random) + " OWNER TO quick_granter");
        all.add("ALTER TABLE " + oneOf(relations, random) + " OWNER TO " + APP_SQL);
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
        all.add("REVOKE UPDATE ON SEQUENCE " + oneOf(sequences, random) + " FROM " + APP_SQL + " CASCADE");
        // what remains is not enough, or not a grant of the owner to the role itself
        all.add("GRANT TEMPORARY ON DATABASE " + name + " TO " + APP_SQL + "; REVOKE CONNECT ON DATABASE " + name
                + " FROM " + APP_SQL);
        all.add("GRANT CONNECT ON DATABASE " + name + " TO perm_inheriting; REVOKE CONNECT ON DATABASE " + name
                + " FROM " + APP_SQL);
        all.add("GRANT USAGE ON SCHEMA " + schema + " TO perm_inheriting; REVOKE USAGE ON SCHEMA " + schema + " FROM "
                + APP_SQL + " CASCADE");
        all.add("GRANT ALL ON " + relation + " TO perm_inheriting; REVOKE ALL ON " + relation + " FROM " + APP_SQL
                + " CASCADE");
        // as if there were no default privileges
        String owned = "CREATE TABLE " + schema
                + ".owned (id int); UPDATE pg_class SET relacl = NULL WHERE relname = 'owned'; ALTER TABLE " + schema
                + ".owned OWNER TO ";
        all.add(owned + APP_SQL);
        all.add(owned + "perm_inheriting; REVOKE SELECT ON " + schema + ".owned FROM perm_inheriting");
        all.add("ALTER DEFAULT PRIVILEGES FOR ROLE " + APP_SQL + " IN SCHEMA " + schema
                + " REVOKE UPDATE ON TABLES FROM " + APP_SQL);
        for (String creator : List.of("", " FOR ROLE " + MIGRATOR, " FOR ROLE " + STRANGER)) {
            for (String where : List.of("", " IN SCHEMA " + schema)) {
                all.add("ALTER DEFAULT PRIVILEGES" + creator + where + " REVOKE UPDATE ON SEQUENCES FROM " + APP_SQL);
                all.add("ALTER DEFAULT PRIVILEGES" + creator + where + " REVOKE SELECT ON TABLES FROM " + APP_SQL);
            }
        }
        return all;
    }

    private static List<String> objects(TestDatabase database, String schema, String kinds) {
        return database.query("SELECT c.oid::regclass::text FROM pg_class c WHERE relkind IN (" + kinds
                + ") AND relname <> 'alembic_version' AND relnamespace = '" + schema + "'::regnamespace ORDER BY 1");
    }

    private static String oneOf(List<String> objects, Random random) {
        return objects.get(random.nextInt(objects.size()));
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
