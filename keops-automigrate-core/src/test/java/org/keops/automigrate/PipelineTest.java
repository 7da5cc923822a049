package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.source.ScriptFile;
import org.keops.automigrate.source.ScriptSource;
import org.keops.automigrate.testing.CountingProxy;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.Seeds;
import org.keops.automigrate.testing.TestDatabase;

/** The statements of a transaction travel together: with the same result, the same errors and fewer round trips. */
class PipelineTest {
    private static final List<String> GOOD = List.of(
            "CREATE TABLE t%1$d (i int PRIMARY KEY, s text DEFAULT 'é;')",
            "INSERT INTO trace (what) VALUES ('%1$d ? ?? :x ${y} {fn now()}')",
            "INSERT INTO trace (what) SELECT g FROM generate_series(1, %2$d) g RETURNING id",
            "SELECT pg_catalog.setval('trace_id_seq', %1$d + 1000)",
            "SELECT nextval('trace_id_seq') FROM generate_series(1, 1500)",
            "DO $$ BEGIN RAISE NOTICE 'n %1$d'; INSERT INTO trace (what) VALUES ('do'); END $$",
            "UPDATE trace SET what = what || 'x' WHERE id %% 2 = 0",
            "CREATE RULE r%1$d AS ON DELETE TO trace DO ALSO (INSERT INTO log VALUES ('a;'); INSERT INTO log VALUES ('b'))",
            "DELETE FROM trace WHERE id %% 7 = 0",
            "COPY trace (what) FROM STDIN;\na\nb\\tc\n\\.\n",
            "SET search_path = pg_catalog, public",
            "SAVEPOINT s%1$d",
            "COMMENT ON TABLE trace IS $$ ; ' $1 $$",
            "DROP TABLE IF EXISTS nosuch",
            "INSERT INTO trace (what) VALUES (repeat('x', 10)), ('%3$s')");

    private static final List<String> BAD = List.of(
            "INSERT INTO nosuch VALUES (1)",
            "SELECT 'a',\n  1/(id - id) FROM trace UNION SELECT 'b', 1/0",
            "CREATE TABLE log (i int)",
            "SELEC 1",
            "DO $$\nBEGIN\n  PERFORM nosuch;\nEND $$",
            "INSERT INTO trace (id) VALUES (NULL)",
            // only COMMIT finds this one
            "CREATE TABLE d (i int PRIMARY KEY, j int REFERENCES d DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO d VALUES (1, 2)",
            "COPY trace (id) FROM STDIN;\n1000000\nx\n\\.\n");

    @TempDir
    Path directory;

    @Test
    void oneAtATimeAndTogetherAreTheSame() {
        Random random = new Random(Seeds.seed());
        for (int round = 0; round < 25; round++) {
            write(random, round % 2 == 1);
            boolean perRevision = random.nextInt(3) == 0;
            UnaryOperator<MigratorBuilder> way = b -> perRevision ? b.transactionPerRevision() : b;
            List<String> together = outcome(way);
            assertThat(outcome(b -> way.apply(b).oneStatementAtATime())).isEqualTo(together);
        }
    }

    private void write(Random random, boolean broken) {
        Scripts scripts = new Scripts(clean());
        int count = 1 + random.nextInt(6);
        int guilty = broken ? random.nextInt(count) : -1;
        int number = 0;
        for (int i = 0; i < count; i++) {
            List<String> statements = new ArrayList<>();
            for (int k = random.nextInt(20); k >= 0; k--) {
                String filler = "y".repeat(random.nextInt(8) == 0 ? 40_000 : 5);
                String pattern = GOOD.get(random.nextInt(GOOD.size()));
                statements.add(String.format(pattern, number++, random.nextInt(5), filler));
            }
            if (i == guilty) {
                statements.add(random.nextInt(statements.size() + 1), BAD.get(random.nextInt(BAD.size())));
            }
            StringBuilder body = new StringBuilder();
            for (String statement : statements) {
                body.append(statement.startsWith("COPY") ? statement : statement + ";\n");
            }
            scripts.add("r" + i, i == 0 ? "" : "r" + (i - 1), body.toString());
        }
    }

    private List<String> outcome(UnaryOperator<MigratorBuilder> way) {
        try (TestDatabase database = database()) {
            BootReport report = run(database.superuser(), way);
            List<String> seen = new ArrayList<>();
            seen.add(report.outcome().toString());
            report.steps().forEach(step -> seen.add(step.statements() + " " + step.rowsCopied()));
            seen.addAll(database.query("SELECT relname || ' ' || relkind::text FROM pg_class WHERE relnamespace ="
                    + " 'public'::regnamespace ORDER BY 1"));
            seen.addAll(database.query("SELECT id || ' ' || what FROM trace ORDER BY 1"));
            seen.addAll(database.query("SELECT s FROM log"));
            seen.addAll(database.query("SELECT last_value::text FROM trace_id_seq"));
            return seen;
        }
    }

    @Test
    void everyRowOfAQueryIsMadeAndNoneIsKept() {
        new Scripts(directory)
                .add("a1", "", "SELECT nextval('trace_id_seq') FROM generate_series(1, 12345); SELECT 1;");
        try (TestDatabase database = database()) {
            BootReport report = run(database.superuser(), UnaryOperator.identity());
            assertThat(report.outcome()).isInstanceOf(Outcome.Upgraded.class);
            assertThat(database.query("SELECT last_value::text FROM trace_id_seq"))
                    .containsExactly("12345");
        }
    }

    @Test
    void whatTheDriverWouldSplitReachesTheServerAsOneStatement() {
        new Scripts(directory).add("a1", "", """
                CREATE RULE r AS ON INSERT TO trace DO ALSO (INSERT INTO log VALUES ('one;'); INSERT INTO log VALUES ('two'));
                INSERT INTO trace (what) VALUES ('? ?? {d 2020-01-01} :x ${y}');
                CREATE PROCEDURE p(integer) LANGUAGE sql AS 'INSERT INTO log VALUES ($1); INSERT INTO log VALUES ($1 + 1)';
                CALL p(7);
                """);
        try (TestDatabase database = database()) {
            run(database.superuser(), UnaryOperator.identity());
            assertThat(database.query("SELECT s FROM log")).containsExactly("one;", "two", "7", "8");
            assertThat(database.query("SELECT what FROM trace")).containsExactly("? ?? {d 2020-01-01} :x ${y}");
        }
    }

    /** More than one batch: what travels in the first asks for rows anyway. */
    @Test
    void changesThatReturnRowsAndRulesThatAddSomeStandBetweenThoseThatReturnNone() {
        String many = "INSERT INTO log VALUES ('x');\n".repeat(300);
        new Scripts(directory).add("a1", "", many + """
                CREATE RULE also AS ON INSERT TO trace DO ALSO SELECT 'more';
                CREATE RULE instead AS ON DELETE TO trace DO INSTEAD SELECT 'kept';
                """ + many + """
                INSERT INTO trace (what) VALUES ('one');
                UPDATE trace SET what = 'two';
                DELETE FROM trace;
                """ + many + """
                UPDATE trace SET what = 'three' reTurninG what;
                """ + many);
        try (TestDatabase database = database()) {
            BootReport report = run(database.superuser(), UnaryOperator.identity());
            assertThat(report.outcome()).isInstanceOf(Outcome.Upgraded.class);
            assertThat(database.query("SELECT what FROM trace")).containsExactly("three");
            assertThat(database.query("SELECT count(*) FROM log")).containsExactly("1200");
        }
    }

    @Test
    void aFloodOfNoticesBeforeALargeStatementBlocksNobody() {
        new Scripts(directory)
                .add(
                        "a1",
                        "",
                        "DO $$ BEGIN FOR i IN 1..50000 LOOP RAISE NOTICE '% %', i, repeat('x', 100); END LOOP; END $$;\n"
                                + "INSERT INTO log VALUES ('" + "y".repeat(3_000_000) + "');\nSELECT 1;");
        try (TestDatabase database = database()) {
            String said = logOf(() -> assertThat(
                            run(database.superuser(), UnaryOperator.identity()).outcome())
                    .isInstanceOf(Outcome.Upgraded.class));
            assertThat(said.lines().filter(line -> line.contains("xxxxx"))).hasSize(100);
            assertThat(said).contains("what else the server says is left out");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatTheServerSaysIsLoggedWithItsPlace(boolean together) {
        new Scripts(directory).add("a1", "", """
                SELECT 1;
                  DROP TABLE IF EXISTS nosuch;
                DO $$
                BEGIN
                  PERFORM 1;
                  RAISE WARNING 'mind %', 'the gap';
                END $$;
                DO $$ BEGIN RAISE NOTICE USING MESSAGE = 'saw "canary"'; PERFORM 'canary'; END $$;
                DO $$ BEGIN RAISE NOTICE 'password is canary'; END $$;
                CREATE TABLE x (i int);
                COPY x FROM STDIN;
                1
                \\.
                """);
        try (TestDatabase database = database()) {
            String said = logOf(() -> run(database.superuser(), b -> together ? b : b.oneStatementAtATime()));
            assertThat(said)
                    .containsPattern("INFO .*a1.sql:8:24: table \"nosuch\" does not exist, skipping")
                    .containsPattern("WARN .*a1.sql:12:3: mind the gap")
                    .containsPattern("INFO .*a1.sql:14:13: saw \"…\"")
                    .doesNotContain("canary");
        }
    }

    @Test
    void roundTripsDoNotGrowWithTheStatements() {
        for (boolean perRevision : List.of(false, true)) {
            int few = roundTrips(10, perRevision);
            int many = roundTrips(60, perRevision);
            // a batch in 32 KiB; or COMMIT of one, BEGIN of the next, its script, its version row and the look at the
            // settings
            assertThat(many - few).isLessThanOrEqualTo(perRevision ? 50 : 3);
        }
    }

    @Test
    void aBatchIsMeasuredInBytes() {
        int latin = roundTrips("x".repeat(30_000));
        int other = roundTrips("語".repeat(10_000));
        // each travels alone; as many characters as one message has bytes would be three messages' worth
        assertThat(other).isGreaterThan(latin - 3);
    }

    private int roundTrips(String text) {
        new Scripts(clean()).add("a1", "", ("INSERT INTO log VALUES ('" + text + "');\n").repeat(12));
        try (TestDatabase database = database();
                CountingProxy proxy = new CountingProxy(database.server(), 0)) {
            BootReport report = run(proxy.superuser(database), UnaryOperator.identity());
            assertThat(report.outcome()).isInstanceOf(Outcome.Upgraded.class);
            return proxy.takeRoundTrips();
        }
    }

    @Test
    void whatSurroundsThemTravelsTogetherToo() {
        new Scripts(directory).add("a1", "", "CREATE TABLE a (i int);");
        int least = Integer.MAX_VALUE;
        // what is sent together may arrive in pieces, with an answer between
        for (int i = 0; i < 20 && least > 4; i++) {
            try (TestDatabase database = database();
                    CountingProxy proxy = new CountingProxy(database.server(), 0)) {
                run(proxy.superuser(database), UnaryOperator.identity());
                int upgrade = proxy.takeRoundTrips();
                run(proxy.superuser(database), UnaryOperator.identity());
                least = Math.min(least, upgrade - proxy.takeRoundTrips());
            }
        }
        // beside log-in and glance: guards, lock, look behind it; the batch; COMMIT; unlock, all put back
        assertThat(least).isEqualTo(4);
    }

    @Test
    void aTransactionThatOnlyItsEndRefusesIsTheOneThatFailed() {
        new Scripts(directory)
                .add("a1", "", "CREATE TABLE a (i int);")
                .add("b2", "a1", "CREATE TABLE b (i int);")
                .add("c3", "b2", """
                        CREATE TABLE d (i int PRIMARY KEY, j int REFERENCES d DEFERRABLE INITIALLY DEFERRED);
                        INSERT INTO d VALUES (1, 2);
                        """)
                .add("d4", "c3", "CREATE TABLE e (i int);");
        try (TestDatabase database = database()) {
            BootReport report = run(database.superuser(), MigratorBuilder::transactionPerRevision);
            assertThat(report.outcome().describe())
                    .contains("violates foreign key constraint")
                    .contains("rolled back to b2");
            assertThat(report.steps()).hasSize(2);
            assertThat(database.query("SELECT version_num FROM alembic_version"))
                    .containsExactly("b2");
            assertThat(database.query("SELECT relname FROM pg_class WHERE relname IN ('a', 'b', 'd', 'e') ORDER BY 1"))
                    .containsExactly("a", "b");
        }
    }

    @Test
    void aTransactionThatIsDoneStaysWhenTheNextOneCanNotBegin() {
        new Scripts(directory)
                .add("a1", "", "CREATE TABLE a (i int);")
                .add("b2", "a1", "CREATE TABLE b (i int);")
                .add("c3", "b2", "CREATE TABLE c (i int);\nCOPY c FROM STDIN;\n1\n\\.\n"); // data is not kept in memory
        try (TestDatabase database = database()) {
            // a script that is gone when its turn comes; the look before was still let in
            BootReport report = AutoMigrator.configure()
                    .scripts(new Vanishing(ScriptSource.of(directory.toString()), "c3"))
                    .leavePermissionsAlone()
                    .transactionPerRevision()
                    .whenUnversioned(WhenUnversioned.upgradeFromBase())
                    .run(database.superuser());
            assertThat(report.outcome().describe()).contains("vanished").contains("rolled back to b2");
            assertThat(database.query("SELECT version_num FROM alembic_version"))
                    .containsExactly("b2");
            assertThat(database.query("SELECT relname FROM pg_class WHERE relname IN ('a', 'b', 'c') ORDER BY 1"))
                    .containsExactly("a", "b");
        }
    }

    private int roundTrips(int revisions, boolean perRevision) {
        Scripts scripts = new Scripts(clean());
        for (int i = 0; i < revisions; i++) {
            scripts.add("r" + i, i == 0 ? "" : "r" + (i - 1), """
                    CREATE TABLE t%1$d (i int PRIMARY KEY, s text);
                    ALTER TABLE t%1$d ADD COLUMN x int;
                    INSERT INTO t%1$d VALUES (1, 'one');
                    UPDATE t%1$d SET x = 2;
                    CREATE VIEW v%1$d AS SELECT s FROM t%1$d;
                    """.formatted(i));
        }
        try (TestDatabase database = database();
                CountingProxy proxy = new CountingProxy(database.server(), 0)) {
            BootReport report = run(proxy.superuser(database), b -> perRevision ? b.transactionPerRevision() : b);
            assertThat(report.steps()).hasSize(revisions);
            return proxy.takeRoundTrips();
        }
    }

    // -------------------------------------------------------------------------------------------------------- support

    /** Scripts of which one can be read twice: its header and the look before, but not when its turn comes. */
    private static final class Vanishing implements ScriptSource {
        private final ScriptSource scripts;
        private final String name;
        private int opened;

        Vanishing(ScriptSource scripts, String name) {
            this.scripts = scripts;
            this.name = name;
        }

        @Override
        public List<ScriptFile> list() throws IOException {
            return scripts.list().stream().map(this::watched).toList();
        }

        private ScriptFile watched(ScriptFile script) {
            return new ScriptFile(script.place(), () -> {
                if (script.place().contains(name) && ++opened > 2) {
                    throw new IOException("vanished");
                }
                return script.open();
            });
        }

        @Override
        public String describe() {
            return scripts.describe();
        }
    }

    private BootReport run(javax.sql.DataSource dataSource, UnaryOperator<MigratorBuilder> way) {
        return way.apply(AutoMigrator.configure()
                        .scripts(directory.toString())
                        .leavePermissionsAlone()
                        .whenUnversioned(WhenUnversioned.upgradeFromBase()))
                .run(dataSource);
    }

    private static TestDatabase database() {
        TestDatabase database = PostgresServer.shared().database();
        database.execute("CREATE TABLE trace (id serial, what text)", "CREATE TABLE log (s text)");
        return database;
    }

    private Path clean() {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String logOf(Runnable work) {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try (PrintStream to = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            System.setErr(to);
            work.run();
        } finally {
            System.setErr(before);
        }
        return said.toString(StandardCharsets.UTF_8);
    }
}
