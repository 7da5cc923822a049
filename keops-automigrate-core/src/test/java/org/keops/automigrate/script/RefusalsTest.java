package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;

/** A server refuses a statement inside a transaction block exactly if the statement's traits say so. */
class RefusalsTest {
    private static final String REFUSED = "25001";

    private static TestDatabase database;
    private static int major;

    @BeforeAll
    static void prepare() {
        database = PostgresServer.shared().database();
        List<String> version = database.query("SHOW server_version_num");
        major = Integer.parseInt(version.get(0)) / 10_000;
        database.execute(
                "CREATE TABLE t (a int PRIMARY KEY, b int)",
                "CREATE INDEX i ON t (b)",
                "CREATE TABLE parent (a int) PARTITION BY LIST (a)",
                "CREATE TABLE part PARTITION OF parent FOR VALUES IN (1)",
                "CREATE MATERIALIZED VIEW v AS SELECT 1 AS a",
                "CREATE UNIQUE INDEX vi ON v (a)",
                "CREATE TYPE e AS ENUM ('a')",
                "CREATE SCHEMA s",
                "CREATE PUBLICATION p FOR TABLE t",
                // never enabled but in transactions that are rolled back: nothing tries to connect
                "CREATE SUBSCRIPTION sub CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p, q"
                        + " WITH (connect = false, slot_name = 'none_such')");
    }

    @AfterAll
    static void drop() {
        database.execute("ALTER SUBSCRIPTION sub SET (slot_name = NONE)", "DROP SUBSCRIPTION sub");
        database.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE INDEX CONCURRENTLY ON t (b)",
                "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS u ON t (a)",
                "CREATE INDEX IF NOT EXISTS u ON t (a)",
                "DROP INDEX CONCURRENTLY i",
                "DROP INDEX i",
                "REINDEX TABLE CONCURRENTLY t",
                "REINDEX INDEX CONCURRENTLY i",
                "REINDEX (VERBOSE) INDEX CONCURRENTLY i",
                "REINDEX (CONCURRENTLY) TABLE t",
                "REINDEX (VERBOSE, CONCURRENTLY off) TABLE t",
                "REINDEX TABLE t",
                "REINDEX INDEX i",
                "REINDEX SCHEMA s",
                "REINDEX SCHEMA CONCURRENTLY s",
                "CLUSTER",
                "CLUSTER VERBOSE",
                "CLUSTER t USING t_pkey",
                "VACUUM",
                "VACUUM t",
                "VACUUM (ANALYZE) t",
                "VACUUM FULL t",
                "ANALYZE t",
                "ANALYZE",
                "CREATE DATABASE refused",
                "DROP DATABASE refused",
                "DROP DATABASE IF EXISTS refused WITH (FORCE)",
                "ALTER DATABASE template1 SET TABLESPACE pg_default",
                "ALTER DATABASE template1 SET work_mem = '4MB'",
                "CREATE TABLESPACE refused LOCATION '/nowhere'",
                "DROP TABLESPACE refused",
                "ALTER TABLESPACE pg_default SET (seq_page_cost = 1)",
                "ALTER SYSTEM SET work_mem = '4MB'",
                "ALTER SYSTEM RESET ALL",
                "DISCARD ALL",
                "DISCARD PLANS",
                "DISCARD TEMP",
                "COMMIT PREPARED 'none_such'",
                "ROLLBACK PREPARED 'none_such'",
                "ALTER TABLE parent DETACH PARTITION part CONCURRENTLY",
                "ALTER TABLE parent DETACH PARTITION part",
                "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
                "REFRESH MATERIALIZED VIEW v",
                "ALTER TYPE e ADD VALUE 'b'",
                "CREATE SUBSCRIPTION other CONNECTION 'port=1' PUBLICATION p",
                "CREATE SUBSCRIPTION other CONNECTION 'port=1' PUBLICATION p WITH (create_slot = true)",
                "CREATE SUBSCRIPTION other CONNECTION 'port=1' PUBLICATION p WITH (connect = false)",
                "ALTER SUBSCRIPTION sub REFRESH PUBLICATION",
                "ALTER SUBSCRIPTION sub SET PUBLICATION p",
                "ALTER SUBSCRIPTION sub SET PUBLICATION p WITH (refresh = false)",
                "ALTER SUBSCRIPTION sub ADD PUBLICATION r",
                "ALTER SUBSCRIPTION sub DROP PUBLICATION p",
                "ALTER SUBSCRIPTION sub SET (synchronous_commit = off)",
                "ALTER SUBSCRIPTION sub SET (failover = false)",
                "ALTER SUBSCRIPTION sub SET (failover)",
                "ALTER SUBSCRIPTION sub SET (two_phase = false)",
                "ALTER SUBSCRIPTION sub SET (two_phase = true)",
                "ALTER SUBSCRIPTION sub DISABLE",
                "CHECKPOINT",
                "NOTIFY n",
                "LISTEN n",
                "TRUNCATE t",
                "LOCK TABLE t",
                "CREATE EXTENSION IF NOT EXISTS plpgsql",
                "SET work_mem = '4MB'",
            })
    void refusesWhatTheTraitsSay(String sql) throws SQLException {
        StatementTraits traits = new Statement(sql, new Location("s.sql", 1, 1), 0, sql.length(), true).traits();
        String sqlState = sqlState(sql);
        assumeFalse(sqlState.equals("42601"), "not in the grammar of " + major);
        assertThat(sqlState.equals(REFUSED)).as(sql + " on " + major).isEqualTo(traits.refusesTransaction(major));
    }

    /** What the server answers inside a transaction block that has done something; rolled back. */
    private static String sqlState(String sql) throws SQLException {
        try (Connection connection = database.superuser().getConnection();
                java.sql.Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            boolean needsEnabled = sql.contains("PUBLICATION") && sql.startsWith("ALTER SUBSCRIPTION");
            statement.execute(needsEnabled ? "ALTER SUBSCRIPTION sub ENABLE" : "SELECT 1");
            try {
                statement.execute(sql);
                return "";
            } catch (SQLException e) {
                return String.valueOf(e.getSQLState());
            } finally {
                connection.rollback();
            }
        }
    }
}
