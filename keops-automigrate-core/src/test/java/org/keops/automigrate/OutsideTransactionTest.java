package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Seeds;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.automigrate.testing.Wrapper;
import org.postgresql.PGConnection;

/** A revision that can not run in one transaction: how it commits, and that any interruption is made good by the next boot. */
class OutsideTransactionTest extends OnADatabase {
    private static final Set<String> TALKS = Set.of("createStatement", "prepareStatement", "commit");

    /** Every kind of statement that an interruption may hit; each INSERT must take effect once. */
    private static final String EVERYTHING = """
            INSERT INTO trace (what) VALUES ('one');
            INSERT INTO trace (what) VALUES ('two');
            CREATE INDEX CONCURRENTLY trace_what ON trace (what);
            SET search_path = other, public;
            INSERT INTO trace (what) VALUES ('other');
            CREATE UNIQUE INDEX CONCURRENTLY ON public.trace (id, what);
            INSERT INTO public.trace (what) VALUES ('three');
            VACUUM trace;
            REINDEX TABLE CONCURRENTLY public.trace;
            DROP INDEX CONCURRENTLY public.trace_what;
            INSERT INTO public.trace (what) VALUES ('four');
            """;

    @BeforeEach
    void prepare() {
        prepare(database);
        scripts.add("a", "", "SELECT 1;");
    }

    private static void prepare(TestDatabase database) {
        database.execute(
                "CREATE TABLE trace (id serial PRIMARY KEY, what text)",
                "CREATE SCHEMA other",
                "CREATE TABLE other.trace (LIKE trace INCLUDING DEFAULTS)",
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL,"
                        + " CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))",
                "INSERT INTO alembic_version VALUES ('a')");
    }

    // -------------------------------------------------------------------------------------------------------------
    // how it commits

    @Test
    void whatStandsBetweenIsOneTransaction() {
        b("""
                INSERT INTO trace (what) VALUES (pg_current_xact_id());
                INSERT INTO trace (what) VALUES (pg_current_xact_id());
                VACUUM trace;
                INSERT INTO trace (what) VALUES (pg_current_xact_id());
                """);
        Plan plan = migrator().plan(database.superuser()).plan();
        assertThat(plan.groups()).hasExactlyElementsOfTypes(Plan.OutsideTransaction.class);
        assertUpgraded();
        List<String> transactions = trace();
        assertThat(transactions.get(0)).isEqualTo(transactions.get(1)).isNotEqualTo(transactions.get(2));
        assertClean();
    }

    @Test
    void theScriptForPsqlIsCutTheSameWay() {
        b("INSERT INTO trace (what) VALUES ('b');\nVACUUM trace;\nINSERT INTO trace (what) VALUES ('c');");
        assertThat(migrator().sql("a", "b").lines().filter(line -> !line.isEmpty() && !line.startsWith("--")))
                .containsExactly(
                        "BEGIN;",
                        "INSERT INTO trace (what) VALUES ('b');",
                        "COMMIT;",
                        "VACUUM trace;",
                        "BEGIN;",
                        "INSERT INTO trace (what) VALUES ('c');",
                        "UPDATE alembic_version SET version_num='b' WHERE alembic_version.version_num = 'a';",
                        "COMMIT;");
    }

    @Test
    void forcedOutsideEachStatementCommitsByItself() {
        scripts.add("b", "a", "-- Transactional: no", """
                INSERT INTO trace (what) VALUES (pg_current_xact_id());
                INSERT INTO trace (what) VALUES (pg_current_xact_id());
                SELECT 1/0;
                """);
        assertThat(run().toString()).contains("(2 of 3 statements)", "goes on from there", "still recorded: a");
        assertThat(trace()).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void theLastTransactionIsRolledBackAndTheRestMayBeMended() {
        b("VACUUM trace; INSERT INTO trace (what) VALUES ('x'); SELECT 1/0;");
        assertThat(run().toString()).contains("division by zero", "(1 of 3 statements)");
        assertThat(trace()).isEmpty();
        b("VACUUM trace; INSERT INTO trace (what) VALUES ('y');");
        assertUpgraded();
        assertThat(trace()).containsExactly("y");
        assertClean();
    }

    @Test
    void whatARefusedCommitLeavesMayBeMended() {
        database.execute("CREATE TABLE child (id int REFERENCES trace DEFERRABLE INITIALLY DEFERRED)");
        b("VACUUM trace; INSERT INTO child VALUES (77);");
        assertThat(run().toString()).contains("[23503]", "(1 of 2 statements)");
        b("VACUUM trace; INSERT INTO trace VALUES (77, 'x'); INSERT INTO child VALUES (77);");
        assertUpgraded();
        assertClean();
    }

    @Test
    void settingsAndRolesHoldForTheScriptOnly() {
        PostgresServer.shared().role("outside_app", "app");
        database.execute("GRANT CREATE ON SCHEMA other TO outside_app", "GRANT USAGE ON SCHEMA other TO outside_app");
        b("""
                SET ROLE outside_app;
                SET search_path = other;
                CREATE TABLE theirs (i int);
                CREATE INDEX CONCURRENTLY theirs_i ON theirs (i);
                CREATE TABLE theirs_too (i int);
                """);
        scripts.add("c", "b", "INSERT INTO trace (what) VALUES (current_user);");
        assertUpgraded();
        assertThat(database.query("SELECT DISTINCT tableowner FROM pg_tables WHERE tablename LIKE 'theirs%'"))
                .containsExactly("outside_app");
        assertThat(trace()).containsExactly(PostgresServer.shared().superuser());
        assertClean();
        database.execute("DROP OWNED BY outside_app CASCADE");
    }

    @Test
    void discardingEverythingDoesNotLoseTheLock() {
        b("DISCARD ALL; INSERT INTO trace (what) SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                + " AND pid = pg_backend_pid();");
        assertUpgraded();
        assertThat(trace()).containsExactly("1");
    }

    @Test
    void onlyTheServerCanTellThatAProcedureCommits() {
        database.execute("""
                CREATE PROCEDURE twice() LANGUAGE plpgsql AS $$ BEGIN
                  INSERT INTO trace (what) VALUES ('p1'); COMMIT; INSERT INTO trace (what) VALUES ('p2'); END $$
                """);
        b("INSERT INTO trace (what) VALUES ('b');");
        scripts.add(
                "c",
                "b",
                "INSERT INTO trace (what) VALUES ('c'); CALL twice(); INSERT INTO trace (what) VALUES ('d');");
        scripts.add("d", "c", "INSERT INTO trace (what) VALUES ('e');");
        assertUpgraded("d");
        assertThat(trace()).containsExactly("b", "c", "p1", "p2", "d", "e");
        assertClean();
    }

    @Test
    void onlyTheServerCanTellThatATableIsPartitioned() {
        database.execute("CREATE TABLE parted (i int PRIMARY KEY) PARTITION BY RANGE (i)");
        b("INSERT INTO trace (what) VALUES ('b');\nREINDEX TABLE parted;");
        assertUpgraded();
        assertThat(trace()).containsExactly("b");
        assertClean();
    }

    @Test
    void theWayBackGoesTheSameWay() {
        b(
                "SELECT 1;\n-- downgrade\nCREATE INDEX CONCURRENTLY i ON trace (what);\nINSERT INTO trace (what) VALUES ('down');");
        assertUpgraded();
        killed(() -> indexExists("i"), () -> migrator().downgrade(victim, "a"));
        assertThat(comment()).contains("of downgrade b");
        migrator().downgrade(database.superuser(), "a");
        assertThat(rows()).containsExactly("a");
        assertThat(trace()).containsExactly("down");
        assertClean();
    }

    // -------------------------------------------------------------------------------------------------------------
    // the record

    @Test
    void theTablesOwnCommentComesBack() {
        database.execute("COMMENT ON TABLE alembic_version IS 'it''s \\ ours\nkeep it'");
        b("VACUUM trace; SELECT 1/0;");
        run();
        assertThat(comment()).startsWith("keops-automigrate: statement 2 failed of upgrade b\n");
        b("VACUUM trace; SET standard_conforming_strings = off; VACUUM trace;");
        assertUpgraded();
        assertThat(comment()).isEqualTo("it's \\ ours\nkeep it");
    }

    @Test
    void whoDoesNotOwnTheTableIsToldBeforeAnythingRuns() {
        PostgresServer.shared().role("outside_app", "app");
        database.execute(
                "GRANT ALL ON alembic_version TO outside_app",
                "GRANT ALL ON SCHEMA public, other TO outside_app",
                "ALTER TABLE trace OWNER TO outside_app");
        b("INSERT INTO trace (what) VALUES ('b');");
        scripts.add("c", "b", "VACUUM trace;");
        DataSource app = database.as("outside_app", "app");
        assertThat(migrator().run(app).toString())
                .contains("only its owner may write", "OWNER TO", "nothing was attempted");
        assertThat(trace()).isEmpty();
        assertThat(rows()).containsExactly("a");
        database.execute("DROP OWNED BY outside_app CASCADE");
    }

    @Test
    void aScriptEditedAfterAnInterruptionIsAnError() {
        b("CREATE INDEX CONCURRENTLY i ON trace (what); INSERT INTO trace (what) VALUES ('b');");
        killed(() -> indexExists("i"), this::run);
        b("CREATE INDEX CONCURRENTLY i ON trace (what); INSERT INTO trace (what) VALUES ('edited');");
        assertThat(run().toString()).contains("b.sql: was edited", "statement 1", "put it back", "stamp", "IS NULL");
        b(
                "-- a comment is no edit\nCREATE INDEX CONCURRENTLY i ON trace (what);\nINSERT INTO trace (what) VALUES ('b');");
        assertUpgraded();
        assertThat(trace()).containsExactly("b");
        assertClean();
    }

    @Test
    void aStampPutsAnEndToTheRecord() {
        b("CREATE INDEX CONCURRENTLY i ON trace (what); SELECT 1;");
        killed(() -> indexExists("i"), this::run);
        scripts.add("x", "", "INSERT INTO trace (what) VALUES ('x');");
        assertThat(migrator().upgrade(database.superuser(), "x").toString())
                .contains("in the middle of upgrade b", "stamp", "nothing was attempted");
        migrator().stamp(database.superuser(), "b");
        assertThat(comment()).isNull();
        assertThat(rows()).containsExactly("b");
    }

    // -------------------------------------------------------------------------------------------------------------
    // interruptions

    @Test
    void killedAtAnyMomentTheNextBootConverges() {
        int every = Integer.getInteger("kills", 8);
        Random random = new Random(Seeds.seed());
        int[] counted = {0};
        b(EVERYTHING);
        watched(counted, Integer.MAX_VALUE, this::run);
        int calls = counted[0];
        assertConverged();
        int kills = 0;
        for (int at = 1; at <= calls; at++) {
            if (every < calls && random.nextInt(calls) >= every) {
                continue;
            }
            kills++;
            database.close();
            database = PostgresServer.shared().database();
            prepare(database);
            watched(new int[1], at, this::run);
            BootReport report = run();
            assertThat(report.outcome().acceptable())
                    .as("killed at call %d: %s", at, report)
                    .isTrue();
            assertConverged();
        }
        System.out.println("kills: " + kills + " of " + calls + " calls, all converged; all of them with -Dkills=1000");
    }

    private void assertConverged() {
        assertThat(rows()).containsExactly("b");
        assertThat(trace()).containsExactly("one", "two", "three", "four");
        assertThat(database.query("SELECT what FROM other.trace")).containsExactly("other");
        assertThat(database.query(
                        "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'trace'::regclass ORDER BY 1"))
                .hasSize(2);
        assertClean();
    }

    @Test
    void anIndexInTheMakingIsMadeAgain() throws Exception {
        for (String index : List.of("CONCURRENTLY i", "CONCURRENTLY", "CONCURRENTLY IF NOT EXISTS i")) {
            database.close();
            database = PostgresServer.shared().database();
            prepare(database);
            b("INSERT INTO trace (what) VALUES ('b'); CREATE INDEX " + index + " ON trace (what);");
            parkedAndKilled("SELECT 1 FROM trace", "CREATE INDEX");
            assertThat(database.query("SELECT 1 FROM pg_index WHERE NOT indisvalid"))
                    .hasSize(1);
            assertUpgraded();
            assertThat(trace()).containsExactly("b");
            assertThat(database.query("SELECT 1 FROM pg_index WHERE indrelid = 'trace'::regclass"))
                    .hasSize(2);
            assertClean();
        }
    }

    @Test
    void whatAnInterruptedReindexLeavesIsDropped() throws Exception {
        b("REINDEX TABLE CONCURRENTLY trace;");
        parkedAndKilled("SELECT 1 FROM trace", "REINDEX");
        assertThat(database.query("SELECT 1 FROM pg_index WHERE NOT indisvalid"))
                .isNotEmpty();
        assertUpgraded();
        assertClean();
    }

    @Test
    void anInterruptedDropIsDoneAgain() throws Exception {
        database.execute("CREATE INDEX i ON trace (what)");
        b("DROP INDEX CONCURRENTLY i;");
        parkedAndKilled("SELECT 1 FROM trace", "DROP INDEX");
        assertUpgraded();
        assertThat(indexExists("i")).isFalse();
        assertClean();
    }

    @Test
    void halfADetachmentIsFinished() throws Exception {
        database.execute(
                "CREATE TABLE parted (i int) PARTITION BY RANGE (i)",
                "CREATE TABLE part PARTITION OF parted FOR VALUES FROM (1) TO (9)");
        assumeTrue(!database.query(
                        "SELECT 1 FROM pg_settings WHERE name = 'server_version_num' AND setting::int >= 140000")
                .isEmpty());
        b("ALTER TABLE parted DETACH PARTITION part CONCURRENTLY; INSERT INTO trace (what) VALUES ('b');");
        parkedAndKilled("SELECT 1 FROM parted", "ALTER TABLE");
        assertThat(database.query("SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = 'part'::regclass"))
                .containsExactly("t");
        assertUpgraded();
        assertThat(database.query("SELECT 1 FROM pg_inherits WHERE inhrelid = 'part'::regclass"))
                .isEmpty();
        assertClean();
    }

    @Test
    void objectsOfTheServerAreLookedFor() {
        String name = database.name() + "_new";
        String there = "SELECT 1 FROM pg_database WHERE datname = '" + name + "'";
        b("CREATE DATABASE " + name + "; INSERT INTO trace (what) VALUES ('b');");
        killed(() -> !database.query(there).isEmpty(), this::run);
        assertUpgraded();
        scripts.add("c", "b", "DROP DATABASE " + name + "; INSERT INTO trace (what) VALUES ('c');");
        killed(() -> database.query(there).isEmpty(), this::run);
        assertUpgraded("c");
        assertThat(trace()).containsExactly("b", "c");
        assertClean();
    }

    @Test
    void whatNobodyCanKnowIsAsked() throws Exception {
        for (boolean done : List.of(true, false)) {
            database.close();
            database = PostgresServer.shared().database();
            prepare(database);
            database.execute("""
                    CREATE PROCEDURE slow() LANGUAGE plpgsql AS $$ BEGIN
                      INSERT INTO trace (what) VALUES ('p'); COMMIT; PERFORM 1 FROM other.trace; END $$
                    """);
            b("INSERT INTO trace (what) VALUES ('b');\nCALL slow();\nINSERT INTO trace (what) VALUES ('c');");
            parkedAndKilled("LOCK TABLE other.trace IN ACCESS EXCLUSIVE MODE", "CALL");
            String asked = run().toString();
            assertThat(asked)
                    .contains("b.sql:8:1: CALL was begun by an earlier boot", "nothing tells", "(1 of 3 statements)");
            assertThat(trace()).containsExactly("b", "p");
            database.execute(asked.lines()
                    .filter(line -> line.startsWith("DO "))
                    .toList()
                    .get(done ? 0 : 1));
            assertUpgraded();
            if (done) {
                assertThat(trace()).containsExactly("b", "p", "c");
            } else {
                assertThat(trace()).containsExactly("b", "p", "p", "c");
            }
            assertClean();
        }
    }

    @Test
    void theLockTimeoutOfWhatRanBeforeIsNotInherited() {
        b("SET lock_timeout = '5s';");
        scripts.add("c", "b", """
                INSERT INTO trace (what) VALUES (current_setting('lock_timeout'));
                CREATE INDEX CONCURRENTLY trace_what ON trace (what);
                """);
        assertThat(run().scenario()).isEqualTo(Scenario.BEHIND);
        assertThat(trace()).containsExactly("0");
    }

    // -------------------------------------------------------------------------------------------------------------
    // failures of CONCURRENTLY

    @Test
    void anIndexThatCanNotBeUniqueIsTakenAway() {
        database.execute("INSERT INTO trace (what) VALUES ('x'), ('x')");
        b("INSERT INTO trace (what) VALUES ('b'); CREATE UNIQUE INDEX CONCURRENTLY i ON trace (what);");
        assertThat(run().toString()).contains("b.sql:7:73: could not create unique index", "[23505]");
        assertThat(indexExists("i")).isFalse();
        database.execute("DELETE FROM trace WHERE id = 1");
        assertUpgraded();
        assertThat(trace()).containsExactly("x", "b");
        assertClean();
    }

    @Test
    void somebodyElsesInvalidIndexIsNeitherTakenForOursNorTouched() {
        database.execute("INSERT INTO trace (what) VALUES ('x'), ('x')");
        try {
            database.execute("CREATE UNIQUE INDEX CONCURRENTLY i ON trace (what)");
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("could not create");
        }
        for (String concurrently : List.of("CONCURRENTLY ", "")) {
            b("CREATE INDEX " + concurrently + "IF NOT EXISTS i ON trace (what);");
            assertThat(run().toString()).contains("the index public.i is there, but not valid", "DROP INDEX");
            assertThat(indexExists("i")).isTrue();
        }
        database.execute("DROP INDEX i");
        assertUpgraded();
    }

    @Test
    void aLockTimeoutOfTheRoleDoesNotEndIt() throws Exception {
        b("CREATE INDEX CONCURRENTLY i ON trace (what);");
        var impatient = database.superuser();
        impatient.setOptions("-c lock_timeout=50ms");
        try (Connection reader = parking("SELECT 1 FROM trace")) {
            CompletableFuture<BootReport> boot =
                    CompletableFuture.supplyAsync(() -> migrator().run(impatient));
            Conditions.await(
                    "the index waits longer than it may",
                    () -> boot.isDone() || !database.query("""
                    SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONC%' AND datname = current_database()
                       AND wait_event = 'virtualxid' AND clock_timestamp() > query_start + interval '500 ms'
                    """).isEmpty());
            assertThat(boot).isNotDone();
            reader.rollback();
            assertThat(boot.get().scenario()).isEqualTo(Scenario.BEHIND);
        }
        assertClean();
    }

    // -------------------------------------------------------------------------------------------------------------
    // support

    private void b(String body) {
        scripts.add("b", "a", body);
    }

    private Migrator migrator() {
        return fromBase().build();
    }

    private BootReport run() {
        return migrator().run(victim);
    }

    /** Where {@link #run} connects; set only while somebody is about to kill it. */
    private DataSource victim = Wrapper.that(() -> database.superuser().getConnection());

    /** Kills the session before the given call to the server. */
    private void watched(int[] calls, int at, Runnable boot) {
        killedBefore(() -> ++calls[0] == at, boot);
    }

    /** Kills the session as soon as something is so. */
    private void killed(BooleanSupplier condition, Runnable boot) {
        boolean[] done = {false};
        killedBefore(() -> !done[0] && (done[0] = condition.getAsBoolean()), boot);
        assertThat(done[0]).isTrue();
    }

    private void killedBefore(BooleanSupplier now, Runnable boot) {
        DataSource before = victim;
        victim = Wrapper.of(database.superuser(), connection -> {
            int pid = connection.unwrap(PGConnection.class).getBackendPID();
            return Wrapper.of(connection, (method, arguments) -> {
                if (TALKS.contains(method) && now.getAsBoolean()) {
                    kill(pid);
                }
            });
        });
        try {
            boot.run();
        } finally {
            victim = before;
        }
    }

    private void kill(int pid) {
        database.query("SELECT pg_terminate_backend(" + pid + ")");
        Conditions.await(
                "the backend is gone",
                () -> database.query("SELECT 1 FROM pg_stat_activity WHERE pid = " + pid)
                        .isEmpty());
    }

    /** Lets a statement of the script wait for somebody's transaction, and kills it there. */
    private void parkedAndKilled(String sql, String statement) throws Exception {
        try (Connection reader = parking(sql)) {
            CompletableFuture<BootReport> boot = CompletableFuture.supplyAsync(this::run);
            String waiting =
                    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                            + " AND query LIKE '" + statement + "%'";
            Conditions.await(
                    "it waits", () -> boot.isDone() || !database.query(waiting).isEmpty());
            kill(Integer.parseInt(database.query(waiting).get(0)));
            assertThat(boot.get().scenario()).isEqualTo(Scenario.FAILED);
            reader.rollback();
        }
    }

    /** A transaction with a snapshot that stays open. */
    private Connection parking(String sql) throws SQLException {
        Connection connection = database.superuser().getConnection();
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
        return connection;
    }

    private void assertUpgraded() {
        BootReport report = run();
        assertThat(report.scenario()).as(report.toString()).isEqualTo(Scenario.BEHIND);
    }

    private void assertUpgraded(String head) {
        assertUpgraded();
        assertThat(rows()).containsExactly(head);
    }

    private void assertClean() {
        assertThat(database.query("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid"))
                .isEmpty();
        assertThat(comment()).isNull();
    }

    private String comment() {
        return database.query("SELECT obj_description('alembic_version'::regclass, 'pg_class')")
                .get(0);
    }

    private boolean indexExists(String name) {
        return !database.query("SELECT 1 FROM pg_class WHERE relkind = 'i' AND relname = '" + name + "'")
                .isEmpty();
    }

    private List<String> trace() {
        return database.query("SELECT what FROM trace ORDER BY id");
    }
}
