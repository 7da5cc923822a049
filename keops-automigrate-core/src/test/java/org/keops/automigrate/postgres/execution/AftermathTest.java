package org.keops.automigrate.postgres.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.postgres.execution.Aftermath.Verdict;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.script.Effect;
import org.keops.automigrate.script.ScriptReader;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;

/** What the catalog says of objects that belong to no schema; indexes and partitions are OutsideTransactionTest's. */
class AftermathTest {
    private TestDatabase database;
    private Connection connection;
    private String name;

    @BeforeEach
    void connect() throws SQLException {
        database = PostgresServer.shared().database();
        connection = database.superuser().getConnection();
        name = "\"Odd one of " + database.name() + "\"";
    }

    @AfterEach
    void drop() throws SQLException {
        connection.close();
        database.close();
    }

    @Test
    void aTablespace() throws Exception {
        // in the data directory of the server, wherever that is
        execute("SET allow_in_place_tablespaces = on");
        String make = "CREATE TABLESPACE " + name + " LOCATION ''";
        String take = "DROP TABLESPACE IF EXISTS " + name;
        seesWhether(make, make);
        seesWhether(take, take);
    }

    @Test
    void aSubscription() throws Exception {
        String make = "CREATE SUBSCRIPTION " + name + " CONNECTION 'dbname=nosuch' PUBLICATION p";
        String take = "DROP SUBSCRIPTION " + name;
        seesWhether(make, make + " WITH (connect = false)");
        execute("ALTER SUBSCRIPTION " + name + " SET (slot_name = NONE)");
        seesWhether(take, take);
    }

    @Test
    void aPreparedTransaction() throws Exception {
        assumeTrue(!database.query("SELECT 1 WHERE current_setting('max_prepared_transactions') <> '0'")
                .isEmpty());
        String gid = "'it''s of " + database.name() + "'";
        for (String end : List.of("COMMIT PREPARED " + gid, "ROLLBACK PREPARED " + gid)) {
            execute("BEGIN; CREATE TABLE t (i int); PREPARE TRANSACTION " + gid);
            seesWhether(end, end);
            execute("DROP TABLE IF EXISTS t");
        }
    }

    @Test
    void whatWasThereBeforeIsNotTakenForOurs() throws Exception {
        execute("SET allow_in_place_tablespaces = on");
        String make = "CREATE TABLESPACE " + name + " LOCATION ''";
        execute(make);
        assertThat(aftermath(make).after(aftermath(make).before())).isEqualTo(Verdict.LEFT_NOTHING);
        execute("DROP TABLESPACE " + name);
    }

    /** Before it runs and after, asked in the order in which an interruption lets it be asked. */
    private void seesWhether(String statement, String run) throws Exception {
        List<String> before = aftermath(statement).before();
        assertThat(aftermath(statement).after(before)).as(statement).isEqualTo(Verdict.LEFT_NOTHING);
        execute(run);
        assertThat(aftermath(statement).after(before)).as(statement).isEqualTo(Verdict.TOOK_EFFECT);
    }

    private Aftermath aftermath(String statement) throws IOException {
        byte[] script = statement.getBytes(StandardCharsets.UTF_8);
        try (ScriptReader reader = ScriptReader.open(new ByteArrayInputStream(script), "a.sql", Section.UPGRADE)) {
            return new Aftermath(
                    connection, Effect.of(Objects.requireNonNull(reader.next()).statement()));
        }
    }

    private void execute(String sql) throws SQLException {
        Queries.execute(connection, sql);
    }
}
