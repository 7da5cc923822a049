package org.keops.automigrate.script;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.Location;

/** What a statement leaves in the catalog, told from its text; {@code AftermathTest} looks for it in a server. */
class EffectTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "CREATE INDEX CONCURRENTLY i ON t (a)|IndexMade[name=i, table=t, ifNotExists=false]",
                "create unique index i on only s.t (a)|IndexMade[name=i, table=s.t, ifNotExists=false]",
                "CREATE INDEX CONCURRENTLY IF NOT EXISTS \"I.i\" ON \"S\" . t (a)|IndexMade[name=\"I.i\", table=\"S\".t, ifNotExists=true]",
                "CREATE INDEX CONCURRENTLY ON t (a)|IndexMade[name=null, table=t, ifNotExists=false]",
                "CREATE /* x */ INDEX é ON _t USING btree (a)|IndexMade[name=é, table=_t, ifNotExists=false]",
                "DROP INDEX CONCURRENTLY s.i|IndexDropped[name=s.i]",
                "DROP INDEX IF EXISTS i CASCADE|IndexDropped[name=i]",
                "REINDEX INDEX CONCURRENTLY s.i|IndexesRebuilt[scope=index, name=s.i]",
                "REINDEX (VERBOSE, CONCURRENTLY) TABLE t|IndexesRebuilt[scope=table, name=t]",
                "REINDEX (VERBOSE) SCHEMA CONCURRENTLY s|IndexesRebuilt[scope=schema, name=s]",
                "REINDEX DATABASE CONCURRENTLY|IndexesRebuilt[scope=database, name=null]",
                "ALTER TABLE s.p DETACH PARTITION \"S\".q CONCURRENTLY|PartitionDetached[parent=s.p, partition=\"S\".q]",
                "ALTER TABLE IF EXISTS ONLY p * DETACH PARTITION q CONCURRENTLY|PartitionDetached[parent=p, partition=q]",
                "CREATE DATABASE d TEMPLATE t|ObjectMade[kind=database, name=d]",
                "CREATE TABLESPACE \"D\" LOCATION '/x'|ObjectMade[kind=tablespace, name=\"D\"]",
                "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p|ObjectMade[kind=subscription, name=s]",
                "DROP DATABASE IF EXISTS d WITH (FORCE)|ObjectDropped[kind=database, name=d]",
                "DROP TABLESPACE d|ObjectDropped[kind=tablespace, name=d]",
                "DROP SUBSCRIPTION d|ObjectDropped[kind=subscription, name=d]",
                "COMMIT PREPARED 'it''s'|PreparedEnded[transaction=it's]",
                "ROLLBACK PREPARED 'a'|PreparedEnded[transaction=a]",
            })
    void isToldByTheText(String sql, String effect) {
        assertThat(effect(sql)).hasToString(effect);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "VACUUM t",
                "CLUSTER",
                "DISCARD ALL",
                "ANALYZE",
                "CHECKPOINT",
                "REFRESH MATERIALIZED VIEW CONCURRENTLY v",
                "REINDEX TABLE t",
                "REINDEX (VERBOSE) SCHEMA s",
                "REINDEX (VERBOSE",
                "ALTER SYSTEM SET work_mem = 1",
                "ALTER DATABASE d SET TABLESPACE s",
                "ALTER SUBSCRIPTION s REFRESH PUBLICATION",
            })
    void mayBeRepeated(String sql) {
        assertThat(effect(sql)).isEqualTo(new Effect.Repeatable());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CALL p()",
                "DO $$ BEGIN COMMIT; END $$",
                "CREATE TABLE t (i int)",
                "CREATE",
                "DROP TABLE t",
                "DROP INDEX",
                "ALTER INDEX i SET TABLESPACE s",
                "ALTER TABLE t ADD COLUMN a int",
                "ALTER TABLE p DETACH x",
                "ALTER TABLE p DETACH PARTITION 1",
                "ALTER TABLE 1 DETACH PARTITION p",
                "CREATE INDEX CONCURRENTLY i (a)",
                "CREATE INDEX CONCURRENTLY i ON (a)",
                // an identifier in Unicode escapes only the server's parser can read
                "CREATE INDEX CONCURRENTLY i ON U&\"d\\0061t\\+000061\" (a)",
                "DROP INDEX CONCURRENTLY u&\"d\\0061\"",
                "CREATE DATABASE U&\"d\\0061\"",
                "COMMIT",
                "COMMIT PREPARED",
                "COMMIT PREPARED ''",
                "COMMIT PREPARED 'a\\b'", // is it an escape? the setting would tell
                "COMMIT PREPARED E'a'",
                "",
            })
    void isUnknown(String sql) {
        assertThat(effect(sql)).isEqualTo(new Effect.Unknown());
    }

    /** Only the head of a long statement is read, wherever it ends. */
    @ParameterizedTest
    @ValueSource(strings = {"'", "\"", "$$", "/*"})
    void headOfALongStatementSaysEnough(String filler) {
        String long1 = "CREATE INDEX CONCURRENTLY i ON t (a) WHERE b = " + filler + "x".repeat(70_000);
        assertThat(effect(long1)).isEqualTo(new Effect.IndexMade("i", "t", false));
        String many = "CREATE INDEX CONCURRENTLY i ON t (a" + ", a".repeat(70_000) + ")";
        assertThat(effect(many)).isEqualTo(new Effect.IndexMade("i", "t", false));
    }

    private static Effect effect(String sql) {
        return Effect.of(new Statement(sql, new Location("s.sql", 1, 1), 0, sql.length(), true));
    }
}
