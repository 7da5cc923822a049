package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** Autovacuum gives way only to who waits for deadlock_timeout; short tries alone would meet it until it has finished. */
class BesideAutovacuumTest {
    private static final String AT_WORK = """
            SELECT 1 FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid
             WHERE a.backend_type = 'autovacuum worker' AND l.granted AND l.relation = 'item'::regclass
            """;

    @Test
    void anUpgradeGetsTheTableThatIsBeingVacuumed(@TempDir Path directory) {
        new Scripts(directory).add("a", "", "SELECT 1;").add("b", "a", "ALTER TABLE item ADD COLUMN more int;");
        try (PostgresServer server = PostgresServer.start();
                TestDatabase database = server.database()) {
            database.execute(
                    "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
                    "INSERT INTO alembic_version VALUES ('a')",
                    // a page, a tenth of a second: it is at work for minutes
                    "CREATE TABLE item (i int, filler char(900)) WITH (autovacuum_vacuum_cost_delay = 100,"
                            + " autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 1,"
                            + " autovacuum_vacuum_scale_factor = 0, autovacuum_analyze_threshold = 1000000)",
                    "INSERT INTO item SELECT generate_series(1, 60000)",
                    "DELETE FROM item WHERE i % 2 = 0",
                    "ALTER SYSTEM SET autovacuum = on",
                    "ALTER SYSTEM SET autovacuum_naptime = '1s'",
                    "SELECT pg_reload_conf()");
            try {
                Conditions.await(
                        "autovacuum is at work", () -> !database.query(AT_WORK).isEmpty());
                BootReport report = AutoMigrator.configure()
                        .scripts(directory.toString())
                        .leavePermissionsAlone()
                        .waitForTables(Duration.ofMinutes(1))
                        .run(database.superuser());
                assertThat(report.outcome()).as("%s", report).isInstanceOf(Outcome.Upgraded.class);
            } finally {
                database.execute(
                        "ALTER SYSTEM RESET autovacuum",
                        "ALTER SYSTEM RESET autovacuum_naptime",
                        "SELECT pg_reload_conf()");
            }
        }
    }
}
