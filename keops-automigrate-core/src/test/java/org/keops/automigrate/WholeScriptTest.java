package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.Catalog;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.Seeds;
import org.keops.automigrate.testing.TestDatabase;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.jdbc.PreferQueryMode;

/**
 * The server reads a script as a whole, or gets the statements that we found in it: the database is the same. Nobody has
 * to say where a statement ends but the server, whose own parser splits what arrives in one simple query.
 */
class WholeScriptTest {
    /** Each may stand several times and in any order; what differs from the neighbours is where it ends. */
    private static final List<String> STATEMENTS = List.of(
            "CREATE TABLE t%1$d (a int DEFAULT (1), \"b;\"\"\" text DEFAULT 'x;''y')",
            "INSERT INTO seen (what) VALUES ('a;''b'), (E'\\';'), ($$;'$$), ($x$ $$;$x;$ $x$), (n'é𝒜;'), (U&'\\0061;')",
            "INSERT INTO seen (what) VALUES ('one' -- ; '\n ';two'), (E'a' -- ; '\n'\\';')",
            "INSERT INTO seen (what) SELECT 'n' || 1 +/* ; */-- ;\n2",
            "INSERT INTO seen (what) SELECT $a$ x$$a$",
            "INSERT INTO seen (what) VALUES ('? ?? :x ${y} {fn now()} {d ''1''}')",
            "INSERT INTO seen (what) SELECT a$b$c FROM (SELECT 'dollar' AS a$b$c) \"s;\"",
            "CREATE FUNCTION f%1$d() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN IF 1 = 1 THEN RETURN 1; END IF; END $f$",
            "CREATE FUNCTION f%1$d() RETURNS text LANGUAGE sql AS 'SELECT ''a;''; SELECT ''b'''",
            "CREATE RULE r%1$d AS ON DELETE TO seen DO ALSO (INSERT INTO log VALUES ('a;'); INSERT INTO log VALUES ('b'))",
            "CREATE SCHEMA s%1$d CREATE TABLE t (i int) CREATE VIEW v AS SELECT i FROM t",
            "CREATE VIEW v%1$d AS SELECT CASE WHEN what = ';' THEN 1 ELSE 2 END AS begin FROM seen /* ; /* ' */ \" */",
            "DO $$ BEGIN INSERT INTO seen (what) VALUES ('do;'); END $$",
            "DO 'BEGIN INSERT INTO seen (what) VALUES (''do;''); END'",
            "UPDATE seen SET what = what || ';' /* ; ' */ WHERE id %% 3 = 0 -- $$ ;\n AND id > 1",
            "DELETE FROM seen WHERE id %% 5 = 0",
            "SAVEPOINT s",
            "COMMENT ON TABLE seen IS E'it''s \\\\ ; $1'",
            "SELECT pg_catalog.setval('seen_id_seq', 1000 + %1$d)");

    /** From 14 on. */
    private static final String ATOMIC =
            "CREATE FUNCTION f%1$d() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END";

    private static final List<String> BETWEEN =
            List.of("", " ", "\n", "\r\n", "\t-- it's\n", "/* ; */", "/* /* ' */ $$ */\n", ";", " ; \n", "-- $$ x\r\n");

    private final long seed = Seeds.seed();
    private final Random random = new Random(seed);

    @TempDir
    Path directory;

    @Test
    void ourStatementsLeaveTheDatabaseThatTheWholeTextLeaves() throws Exception {
        for (int round = 0; round < 8; round++) {
            try (TestDatabase ours = database();
                    TestDatabase theirs = database()) {
                String script = script(knowsAtomic(ours) ? ATOMIC : "");
                new Scripts(directory).add("a1", "", script);
                AutoMigrator.configure()
                        .scripts(directory.toString())
                        .leavePermissionsAlone()
                        .whenUnversioned(WhenUnversioned.upgradeFromBase())
                        .run(ours.superuser())
                        .orElseThrow();
                ours.execute("DROP TABLE alembic_version");
                whole(theirs, script);
                assertThat(state(ours))
                        .as("seed %d, round %d: %s", seed, round, script)
                        .isEqualTo(state(theirs));
            }
        }
    }

    private static List<String> state(TestDatabase database) {
        List<String> state = new ArrayList<>(Catalog.of(database));
        state.addAll(database.query("SELECT id || ' ' || what FROM seen ORDER BY id, what"));
        state.addAll(database.query("SELECT what FROM log"));
        return state;
    }

    /** In this mode the driver neither looks for semicolons nor asks for descriptions: one message, the text as it is. */
    private static void whole(TestDatabase database, String script) throws SQLException {
        PGSimpleDataSource server = database.superuser();
        server.setPreferQueryMode(PreferQueryMode.SIMPLE);
        try (Connection connection = server.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false); // a savepoint wants a BEGIN
            statement.setEscapeProcessing(false);
            statement.execute(script);
            connection.commit();
        }
    }

    private static TestDatabase database() {
        TestDatabase database = PostgresServer.shared().database();
        database.execute("CREATE TABLE seen (id serial, what text)", "CREATE TABLE log (what text)");
        return database;
    }

    private static boolean knowsAtomic(TestDatabase database) {
        return !database.query("SHOW server_version_num").get(0).startsWith("13");
    }

    private String script(String another) {
        List<String> statements = new ArrayList<>(STATEMENTS);
        statements.add(another);
        StringBuilder script = new StringBuilder();
        for (int i = 0, count = 5 + random.nextInt(40); i < count; i++) {
            script.append(String.format(pick(statements), i)).append(pick(BETWEEN));
            script.append(';').append(pick(BETWEEN));
        }
        return script.toString();
    }

    private String pick(List<String> list) {
        return list.get(random.nextInt(list.size()));
    }
}
