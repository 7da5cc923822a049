package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.postgres.lock.MigrationLock;
import org.keops.automigrate.postgres.session.Asked;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.session.StopSignal;
import org.keops.automigrate.testing.FakePeer;
import org.keops.automigrate.testing.Pgbouncer;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Style;
import org.keops.automigrate.testing.TestDatabase;

/** Through a pooler that gives every transaction another session, or each client one: what works, and what is left there. */
class BehindPgbouncerTest {
    private static final PostgresServer SERVER = PostgresServer.shared();

    @TempDir
    Path scripts;

    @TempDir
    Path directory;

    private TestDatabase database;

    @BeforeEach
    void prepare() throws Exception {
        Assumptions.assumeTrue(Pgbouncer.isInstalled(), "pgbouncer is not on the PATH");
        SERVER.role("pooled_owner", "owner");
        SERVER.role("pooled_app", "app");
        database = SERVER.database();
        database.execute(
                "CREATE SCHEMA shop AUTHORIZATION pooled_owner", "GRANT CREATE ON SCHEMA public TO pooled_owner");
        // more revisions than the driver needs to begin naming its statements in the server
        for (int i = 1; i <= 8; i++) {
            script(
                    "r" + i,
                    i == 1 ? "" : "r" + (i - 1),
                    "CREATE TABLE shop.t" + i + " (); SET lock_timeout = " + i + ";"
                            + " DO $$ BEGIN EXECUTE 'SET work_mem = 77" + i + "'; END $$;");
        }
    }

    @AfterEach
    void drop() {
        if (database != null) {
            database.close();
        }
    }

    @Test
    void upgradesInTransactionsAndLeavesNothingInTheSession() throws Exception {
        try (Pgbouncer pooler = start("transaction")) {
            DataSource pooled = pooled(pooler);
            assertThat(migrator(true).run(pooled).scenario()).isEqualTo(Scenario.BEHIND);
            assertThat(migrator(true).run(pooled).scenario()).isEqualTo(Scenario.AT_HEAD);
            assertThat(database.query("SELECT count(*) FROM pg_tables WHERE schemaname = 'shop'"))
                    .containsExactly("8");
            assertNothingIsLeft(pooled);
        }
    }

    @Test
    void inOneTransactionToo() throws Exception {
        try (Pgbouncer pooler = start("transaction")) {
            assertThat(migrator(false).run(pooled(pooler)).scenario()).isEqualTo(Scenario.BEHIND);
            assertNothingIsLeft(pooled(pooler));
        }
    }

    @Test
    void aFailureLeavesNothingEither() throws Exception {
        script("r9", "r8", "SET lock_timeout = 9; SELECT nonsense;");
        try (Pgbouncer pooler = start("transaction")) {
            assertThat(migrator(true).run(pooled(pooler)).scenario()).isEqualTo(Scenario.FAILED);
            assertNothingIsLeft(pooled(pooler));
            assertThat(database.query("SELECT version_num FROM alembic_version"))
                    .containsExactly("r8");
        }
    }

    @Test
    void whatMustRunOutsideATransactionIsRefusedAndNothingIsTouched() throws Exception {
        script("r9", "r8", "-- Transactional: no\n\nCREATE INDEX CONCURRENTLY i ON shop.t1 ((1));");
        try (Pgbouncer pooler = start("transaction")) {
            BootReport report = migrator(false).run(pooled(pooler));
            assertThat(report.outcome())
                    .isInstanceOfSatisfying(
                            Outcome.Inaccessible.class,
                            it -> assertThat(it.reason()).isEqualTo(Obstacle.POOLER));
            assertThat(database.query("SELECT relname FROM pg_class WHERE relname = 'alembic_version'"
                            + " OR relnamespace = 'shop'::regnamespace"))
                    .isEmpty();
            assertNothingIsLeft(pooled(pooler));
        }
    }

    /** It is looked for in the transaction that the repair begins with. */
    @Test
    void whatAScriptHasMadeForThePolicyIsFound() throws Exception {
        script("r9", "r8", "CREATE SCHEMA made; CREATE TABLE made.t (id int);");
        database.execute("GRANT CREATE ON DATABASE " + database.name() + " TO pooled_owner");
        try (Pgbouncer pooler = start("transaction")) {
            BootReport report = builder("made").run(pooled(pooler));
            assertThat(report.scenario()).isEqualTo(Scenario.BEHIND);
            assertThat(report.permissions().findings()).noneMatch(finding -> finding.contains("there is no schema"));
            assertThat(report.permissions().repaired()).contains("GRANT USAGE ON SCHEMA \"made\" TO \"pooled_app\"");
            assertNothingIsLeft(pooled(pooler));
        }
    }

    /** The repair goes on in the transaction of that look: there the lock is. */
    @Test
    void aLookThatFailsCostsNoRepair() throws Exception {
        try (Pgbouncer pooler = start("transaction");
                FakePeer misquoting =
                        FakePeer.that(FakePeer.misquoting(pooler.port(), "true AS lacks", "nosuch AS lac"))) {
            assertThat(migrator(false).run(pooled(pooler)).scenario()).isEqualTo(Scenario.BEHIND);
            database.execute("REVOKE USAGE ON SCHEMA shop FROM pooled_app");
            BootReport report = AutoMigrator.configure()
                    .scripts(scripts.toString())
                    .permissions(PermissionPolicy.readWrite("pooled_app", "shop", "nosuch"))
                    .build()
                    .repairPermissions(pooled(misquoting.port()));
            assertThat(report.permissions().findings())
                    .as("what was seen before")
                    .anyMatch(finding -> finding.contains("there is no schema \"nosuch\""))
                    .noneMatch(finding -> finding.contains("not repaired"));
            assertThat(report.permissions().repaired()).contains("GRANT USAGE ON SCHEMA \"shop\" TO \"pooled_app\"");
            assertNothingIsLeft(pooled(pooler));
        }
    }

    /** The lock is asked for before it is known that there is a pooler: its session is not ours to lock or to set up. */
    @Test
    void nothingIsLockedOrSetInASessionOfThePoolers() throws Exception {
        try (Pgbouncer pooler = start("transaction");
                Session session =
                        Session.adopt(pooled(pooler).getConnection(), Duration.ofMinutes(1), new StopSignal());
                MigrationLock lock = new MigrationLock(session, false, Duration.ZERO)) {
            String what =
                    "SELECT (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())"
                            + " || ' ' || (SELECT count(*) FROM pg_settings WHERE source = 'session' AND name IN"
                            + " ('idle_in_transaction_session_timeout', 'statement_timeout', 'tcp_user_timeout'))"
                            + " || ' ' || current_setting('application_name')";
            String before = Queries.query(session.connection(), what, BehindPgbouncerTest::first);
            String under = lock.tryAnd(new Asked<>(List.of(what), answers -> answers.next(BehindPgbouncerTest::first)));
            assertThat(lock.isHeld()).isFalse();
            assertThat(under).startsWith("0 0 ").isEqualTo(before).doesNotContain("keops-automigrate");
            assertThat(Queries.query(session.connection(), what, BehindPgbouncerTest::first))
                    .isEqualTo(before);
        }
    }

    private static String first(ResultSet row) throws SQLException {
        row.next();
        return row.getString(1);
    }

    @Test
    void worksInSessionMode() throws Exception {
        try (Pgbouncer pooler = start("session")) {
            assertThat(migrator(true).run(pooled(pooler)).scenario()).isEqualTo(Scenario.BEHIND);
            assertThat(migrator(true).run(pooled(pooler)).scenario()).isEqualTo(Scenario.AT_HEAD);
            assertNothingIsLeft(pooled(pooler));
        }
    }

    /** The pool has one session, so that whoever comes next meets the one that was worked in. */
    private static void assertNothingIsLeft(DataSource pooled) {
        List<String> left = TestDatabase.query(pooled, """
                SELECT 'lock ' || objid FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory'
                UNION ALL SELECT 'prepared ' || statement FROM pg_prepared_statements
                UNION ALL SELECT name || ' = ' || setting FROM pg_settings
                  WHERE name IN ('lock_timeout', 'search_path', 'work_mem') AND source = 'session'
                """);
        assertThat(left).isEmpty();
    }

    private Pgbouncer start(String mode) throws Exception {
        String address = "shop = host=" + SERVER.host() + " port=" + SERVER.port() + " dbname=" + database.name();
        return Pgbouncer.start(directory, mode, Map.of("pooled_owner", "owner"), address);
    }

    private static DataSource pooled(Pgbouncer pooler) {
        return pooled(pooler.port());
    }

    private static DataSource pooled(int port) {
        return Style.PLAIN.of("jdbc:postgresql://127.0.0.1:" + port + "/shop?user=pooled_owner&password=owner");
    }

    private void script(String id, String revises, String body) throws Exception {
        String separator = body.startsWith("-- ") ? "" : "\n";
        Files.writeString(
                scripts.resolve(id + ".sql"),
                "-- " + id + "\n--\n-- Revision ID: " + id + "\n-- Revises: " + revises + "\n" + separator + body
                        + "\n");
    }

    private Migrator migrator(boolean each) {
        MigratorBuilder builder = builder("shop");
        return each ? builder.transactionPerRevision().build() : builder.build();
    }

    private MigratorBuilder builder(String schema) {
        return AutoMigrator.configure()
                .scripts(scripts.toString())
                .applicationRole("pooled_app")
                .schema(schema)
                .whenUnversioned(WhenUnversioned.upgradeFromBase());
    }
}
