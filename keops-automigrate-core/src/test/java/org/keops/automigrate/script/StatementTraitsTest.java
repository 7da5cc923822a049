package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keops.automigrate.script.StatementKind.COPY_FROM_STDIN;
import static org.keops.automigrate.script.StatementKind.COPY_TO_STDOUT;
import static org.keops.automigrate.script.StatementKind.LOCAL_SETTING;
import static org.keops.automigrate.script.StatementKind.ORDINARY;
import static org.keops.automigrate.script.StatementKind.OUTSIDE_TRANSACTION;
import static org.keops.automigrate.script.StatementKind.SAVEPOINT;
import static org.keops.automigrate.script.StatementKind.SESSION_SETTING;
import static org.keops.automigrate.script.StatementKind.TRANSACTION_END;
import static org.keops.automigrate.script.StatementKind.TRANSACTION_SETTING;
import static org.keops.automigrate.script.StatementKind.TRANSACTION_START;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.Location;

class StatementTraitsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "CREATE INDEX CONCURRENTLY i ON t (a)|CREATE INDEX CONCURRENTLY",
                "create /* x */ unique index/**/concurrently if not exists i ON t (a)|CREATE INDEX CONCURRENTLY",
                "CREATE INDEX CONCURRENTLY ON t (a)|CREATE INDEX CONCURRENTLY",
                "DROP INDEX CONCURRENTLY IF EXISTS i|DROP INDEX CONCURRENTLY",
                "REINDEX TABLE CONCURRENTLY t|REINDEX CONCURRENTLY",
                "REINDEX (VERBOSE, TABLESPACE x) INDEX CONCURRENTLY i|REINDEX CONCURRENTLY",
                "REINDEX (CONCURRENTLY) TABLE t|REINDEX CONCURRENTLY",
                "REINDEX (VERBOSE, CONCURRENTLY on) INDEX i|REINDEX CONCURRENTLY",
                "REINDEX SCHEMA CONCURRENTLY s|REINDEX CONCURRENTLY",
                "REINDEX SCHEMA s|REINDEX SCHEMA",
                "REINDEX (VERBOSE) DATABASE d|REINDEX DATABASE",
                "REINDEX SYSTEM d|REINDEX SYSTEM",
                "CLUSTER|CLUSTER",
                "CLUSTER VERBOSE|CLUSTER",
                "CLUSTER (VERBOSE)|CLUSTER",
                "VACUUM|VACUUM",
                "VACUUM (FULL, ANALYZE) t|VACUUM",
                "CREATE DATABASE d|CREATE DATABASE",
                "DROP DATABASE IF EXISTS d WITH (FORCE)|DROP DATABASE",
                "ALTER DATABASE d SET TABLESPACE s|ALTER DATABASE SET TABLESPACE",
                "CREATE TABLESPACE s LOCATION 'x'|CREATE TABLESPACE",
                "DROP TABLESPACE s|DROP TABLESPACE",
                "ALTER SYSTEM SET work_mem = 1|ALTER SYSTEM",
                "ALTER SYSTEM RESET ALL|ALTER SYSTEM",
                "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p|CREATE SUBSCRIPTION",
                "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (create_slot = true, connect)|CREATE SUBSCRIPTION",
                "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (copy_data = false)|CREATE SUBSCRIPTION",
                "DISCARD ALL|DISCARD ALL",
                "COMMIT PREPARED 'x'|COMMIT PREPARED",
                "ROLLBACK PREPARED 'x'|ROLLBACK PREPARED",
            })
    void refusesATransaction(String sql, String command) {
        StatementTraits traits = traits(sql);
        assertThat(traits.kind()).isEqualTo(OUTSIDE_TRANSACTION);
        assertThat(traits.command()).isEqualTo(command);
        assertThat(traits.refusesTransaction(13)).isTrue();
        assertThat(traits.refusesTransaction(18)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE ONLY s.t DETACH PARTITION s.p CONCURRENTLY",
                "ALTER TABLE IF EXISTS t DETACH PARTITION p CONCURRENTLY",
                "ALTER SUBSCRIPTION s REFRESH PUBLICATION",
                "ALTER SUBSCRIPTION s SET PUBLICATION p",
                "ALTER SUBSCRIPTION s ADD PUBLICATION p WITH (refresh)",
                "ALTER SUBSCRIPTION s DROP PUBLICATION p WITH (refresh = on)",
            })
    void refusesATransactionSince14(String sql) {
        assertThat(traits(sql).kind()).isEqualTo(OUTSIDE_TRANSACTION);
        assertThat(traits(sql).refusesTransaction(13)).isFalse();
        assertThat(traits(sql).refusesTransaction(14)).isTrue();
    }

    /** Options of the slot on the other side: {@code failover} came with 17, to take {@code two_phase} back with 18. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "17|ALTER SUBSCRIPTION s SET (failover)",
                "17|ALTER SUBSCRIPTION s SET (synchronous_commit = off, failover = false)",
                "17|ALTER SUBSCRIPTION s SET (failover, two_phase = off)",
                "18|ALTER SUBSCRIPTION s SET (two_phase = false)",
                "18|ALTER SUBSCRIPTION s SET (two_phase = 0)",
            })
    void refusesATransactionSince(int major, String sql) {
        assertThat(traits(sql).command()).isEqualTo("ALTER SUBSCRIPTION SET");
        assertThat(traits(sql).refusesTransaction(major - 1)).isFalse();
        assertThat(traits(sql).refusesTransaction(major)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER SUBSCRIPTION s SET (two_phase = true)",
                "ALTER SUBSCRIPTION s SET (synchronous_commit = off)",
                "ALTER SUBSCRIPTION s SKIP (failover)",
                "DROP SUBSCRIPTION s SET (failover)",
                "DROP TABLE t DETACH PARTITION p CONCURRENTLY",
                "CREATE INDEX concurrently_not ON t (a)",
                "CREATE INDEX \"concurrently\" ON t (a)",
                "CREATE TABLE concurrently (vacuum int)",
                "DROP INDEX i, concurrently",
                "REINDEX TABLE t",
                "REINDEX (CONCURRENTLY false) TABLE t",
                "REINDEX (VERBOSE) INDEX i",
                "CLUSTER t",
                "CLUSTER VERBOSE t USING i",
                "CLUSTER (VERBOSE) t",
                "ALTER DATABASE d SET work_mem = 1",
                "ALTER DATABASE d RENAME TO tablespace",
                "ALTER TABLESPACE s RENAME TO t",
                "ALTER TABLE t DETACH PARTITION p",
                "ALTER TABLE t DETACH PARTITION p FINALIZE",
                "ALTER TABLE t DETACH PARTITION \"concurrently\"",
                "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
                "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = false)",
                "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (enabled = true, create_slot = 'off')",
                "ALTER SUBSCRIPTION s SET PUBLICATION p WITH (refresh = false)",
                "ALTER SUBSCRIPTION s DISABLE",
                "DROP SUBSCRIPTION s",
                "ALTER TYPE e ADD VALUE 'x'",
                "ANALYZE t",
                "SELECT 'VACUUM'",
                "PREPARE p AS SELECT 1",
                "PREPARE transaction AS SELECT 1",
                "PREPARE transaction (int) AS SELECT 1",
                "SET CONSTRAINTS ALL DEFERRED",
                "COPY t FROM 'file'",
                "COPY (SELECT a FROM stdin) TO 'stdout'",
                "1",
                "(SELECT 1)",
            })
    void isOrdinary(String sql) {
        assertThat(traits(sql).kind()).isEqualTo(ORDINARY);
        assertThat(traits(sql).refusesTransaction(18)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "BEGIN|TRANSACTION_START",
                "begin transaction isolation level serializable|TRANSACTION_START",
                "START TRANSACTION READ ONLY|TRANSACTION_START",
                "COMMIT|TRANSACTION_END",
                "COMMIT AND CHAIN|TRANSACTION_END",
                "END WORK|TRANSACTION_END",
                "ROLLBACK|TRANSACTION_END",
                "ROLLBACK WORK AND NO CHAIN|TRANSACTION_END",
                "ABORT|TRANSACTION_END",
                "PREPARE TRANSACTION 'x'|TRANSACTION_END",
                "SAVEPOINT s|SAVEPOINT",
                "RELEASE s|SAVEPOINT",
                "ROLLBACK TO s|SAVEPOINT",
                "ROLLBACK WORK TO SAVEPOINT s|SAVEPOINT",
                "ROLLBACK TRANSACTION TO s|SAVEPOINT",
                "SET TRANSACTION READ ONLY|TRANSACTION_SETTING",
                "SET LOCAL TRANSACTION READ ONLY|TRANSACTION_SETTING",
                "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY|TRANSACTION_SETTING",
                "SET search_path = s|SESSION_SETTING",
                "SET ROLE r|SESSION_SETTING",
                "SET SESSION AUTHORIZATION r|SESSION_SETTING",
                "SET TIME ZONE 'UTC'|SESSION_SETTING",
                "RESET ALL|SESSION_SETTING",
                "DISCARD TEMP|SESSION_SETTING",
                "SET LOCAL search_path = s|LOCAL_SETTING",
                "COPY t FROM STDIN|COPY_FROM_STDIN",
                "COPY (SELECT ';' FROM stdin) TO STDOUT|COPY_TO_STDOUT",
                "COPY t (a) to stdin|COPY_TO_STDOUT",
                "COPY t (a, \"from\") FROM stdout WITH (FORMAT csv)|COPY_FROM_STDIN",
            })
    void meansSomethingForTheSession(String sql, StatementKind kind) {
        assertThat(traits(sql).kind()).isEqualTo(kind);
        assertThat(kind)
                .isIn(
                        TRANSACTION_START,
                        TRANSACTION_END,
                        SAVEPOINT,
                        TRANSACTION_SETTING,
                        SESSION_SETTING,
                        LOCAL_SETTING,
                        COPY_FROM_STDIN,
                        COPY_TO_STDOUT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE ROLE r LOGIN PASSWORD 'canary'",
                "CREATE ROLE canary PASSWORD", // no password follows, but whatever the role is called
                "alter user r with encrypted password 'canary'",
                "CREATE USER MAPPING FOR r SERVER s OPTIONS (user 'x', password 'canary')",
                "ALTER SERVER s OPTIONS (SET password 'canary')",
                "CREATE SUBSCRIPTION s CONNECTION 'password=canary' PUBLICATION p",
                "ALTER SUBSCRIPTION s CONNECTION 'password=canary'",
                "ALTER SYSTEM SET primary_conninfo = 'password=canary'",
                "DO $$ BEGIN EXECUTE 'ALTER ROLE r PASSWORD ''canary'''; END $$",
            })
    void secretIsNeverShown(String sql) {
        Statement statement = statement(sql);
        assertThat(statement.traits().secret()).isTrue();
        assertThat(statement + " " + statement.traits() + " " + new Piece.Sql(statement))
                .doesNotContain("canary");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE ROLE r LOGIN",
                "CREATE TABLE users (password text)",
                "GRANT r TO s",
                "DO $$ BEGIN END $$",
                "DROP SUBSCRIPTION s",
                "UPDATE users SET password = 'x'",
            })
    void mostStatementsAreNoSecret(String sql) {
        assertThat(traits(sql).secret()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE INDEX IF NOT EXISTS i ON t (a)",
                "create unique index if not exists i on t (a)",
                "CREATE INDEX /* soon */ CONCURRENTLY IF NOT EXISTS i ON t (a)",
                "CREATE UNIQUE INDEX concurrently If NOT EXISTS \"I\" ON s.t (a)"
            })
    void anIndexMayBeThereAlready(String sql) {
        assertThat(traits(sql).indexIfNotExists()).isTrue();
        assertThat(Effect.of(statement(sql)))
                .isInstanceOfSatisfying(
                        Effect.IndexMade.class,
                        made -> assertThat(made.ifNotExists()).isTrue());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE INDEX i ON t (a)",
                "CREATE INDEX CONCURRENTLY i ON t (a)",
                "CREATE UNIQUE INDEX i ON t (a)",
                "CREATE INDEX ON t (a)",
                "CREATE INDEX \"if\" ON t (a)",
                "CREATE TABLE IF NOT EXISTS t (a int)",
                "DROP INDEX IF EXISTS i",
                "DROP INDEX CONCURRENTLY IF EXISTS i",
                "INSERT INTO index SELECT 1"
            })
    void mostStatementsMakeNoSuchIndex(String sql) {
        assertThat(traits(sql).indexIfNotExists()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO t VALUES (1)",
                "update t SET a = 1",
                "With a AS (SELECT 1) TABLE a",
                "create table t (password text)",
                "Create Table\"t\" (a int)",
                "CREATE VIEW v AS SELECT 1",
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE SEQUENCE s",
                "CREATE TYPE e AS ENUM ('concurrently')",
                "DROP TABLE t, detach, partition, concurrently",
                "DROP VIEW v",
                "CREATE TABLE"
            })
    void firstWordsTellWhatAllTokensTell(String sql) {
        assertThat(KnownCommands.of(sql)).isEqualTo(new Classifier(sql, true).traits());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLESPACE t LOCATION '/x'",
                "CREATE  TABLE t (a int)",
                "CREATE/**/TABLE t (a int)",
                "DROP TABLES",
                "CREATE INDEX i ON t (a)",
                "insertion",
                "create tabl\u00E9"
            })
    void otherStatementsAreNotKnownByTheirFirstWords(String sql) {
        assertThat(KnownCommands.of(sql)).isNull();
    }

    @Test
    void commandNamesTheStatementWithoutItsText() {
        assertThat(statement("create table secret (a int)")).hasToString("s.sql:1:1 CREATE TABLE");
        assertThat(statement("INSERT INTO t VALUES ('secret')")).hasToString("s.sql:1:1 INSERT");
        assertThat(statement("'secret'")).hasToString("s.sql:1:1 ");
        assertThat(traits("").command()).isEmpty();
        assertThat(traits("ANALYZE t").command()).isEqualTo("ANALYZE");
        assertThat(traits("zap").command()).isEqualTo("ZAP");
        assertThat(traits("CREATE USER MAPPING FOR r SERVER s").command()).isEqualTo("CREATE USER MAPPING");
        assertThat(traits("CREATE USER r PASSWORD 'secret'").command()).isEqualTo("CREATE USER");
        assertThat(traits("CREATE \"secret\"").command()).isEqualTo("CREATE");
    }

    private static StatementTraits traits(String sql) {
        return statement(sql).traits();
    }

    private static Statement statement(String sql) {
        return new Statement(sql, new Location("s.sql", 1, 1), 0, sql.length(), true);
    }
}
