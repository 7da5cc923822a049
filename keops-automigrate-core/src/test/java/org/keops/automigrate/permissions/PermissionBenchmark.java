package org.keops.automigrate.permissions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.keops.automigrate.model.PermissionPolicy.keops;
import static org.keops.automigrate.model.PermissionPolicy.readWrite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.Migrator;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.postgres.grants.QuickAudit;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/**
 * What audit and repair cost on a large schema, in turns with KEOPS's seven statements. Prints, asserts no times:
 * {@code mvn -o -q -pl keops-automigrate-core test -Dtest=PermissionBenchmark
 * -Dtest.arguments=-Dpermissions.benchmark=10000}.
 */
class PermissionBenchmark {
    private static final int RUNS = 15;

    private static final int NEW_PROCESSES = 100;
    private static final int SMALL = 20;

    /** The first warms up the process and is not counted. */
    private static final int ROUNDS = 1 + 3;

    @TempDir
    Path directory;

    private final Map<String, List<Measured>> measured = new LinkedHashMap<>();

    /** What one piece of work took and wrote. */
    private record Measured(long micros, String rows, String wal) {}

    @Test
    void auditAndRepair() throws SQLException {
        int tables = Integer.getInteger("permissions.benchmark", 0);
        assumeTrue(tables > 0, "a benchmark: -Dtest.arguments=-Dpermissions.benchmark=10000");
        Roles.make("bench_app");
        new Scripts(directory).add("a", "", "SELECT 1;");
        print("PostgreSQL, tables, sequences", version() + ", " + tables + ", " + tables);
        try (TestDatabase template = filled(tables)) {
            for (int round = 0; round < ROUNDS; round++) {
                boolean last = round == ROUNDS - 1;
                ours("keops", migrator(keops("bench_app", "s")), template, last);
                seven(template);
                ours("readWrite", migrator(readWrite("bench_app", "s")), template, last);
            }
        }
        measured.forEach((what, all) -> print(what, summary(all.subList(1, all.size()))));
        lookInNewProcesses(keops("bench_app", "s"), QuickAudit.ofKeops("bench_app", "s"));
        lookInNewProcesses(readWrite("bench_app", "s"), QuickAudit.of(readWrite("bench_app", "s")));
    }

    /** Most of what a boot costs the server on a schema of everyday size: a process of it that has just begun. */
    private void lookInNewProcesses(PermissionPolicy policy, QuickAudit audit) throws SQLException {
        String version = "SELECT v.version_num FROM alembic_version v";
        String look = version.replace("v.version_num", "v.version_num, " + audit.sql("alembic_version", major()));
        try (TestDatabase database = filled(SMALL)) {
            migrator(policy).run(database.superuser()).orElseThrow();
            database.execute("VACUUM ANALYZE");
            Map<String, List<Long>> times = new LinkedHashMap<>();
            for (int i = 0; i < NEW_PROCESSES; i++) {
                for (String sql : List.of(version, look)) {
                    inNewProcess(database, sql, times);
                }
            }
            String name = policy.connectRevokedFromPublic() ? "keops" : "readWrite";
            times.forEach((what, all) -> {
                Collections.sort(all);
                print(
                        name + ", " + SMALL + " tables, "
                                + what.replace(look, "the look").replace(version, "the version"),
                        "fastest " + all.get(0) + " us, median " + all.get(all.size() / 2) + " us of " + all.size());
            });
        }
    }

    private static void inNewProcess(TestDatabase database, String sql, Map<String, List<Long>> times)
            throws SQLException {
        try (Connection connection = database.superuser().getConnection();
                Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute("SELECT 1");
            for (int i = 0; i < RUNS; i++) {
                long start = System.nanoTime();
                statement.execute(sql);
                long micros = (System.nanoTime() - start) / 1000;
                times.computeIfAbsent(sql + (i == 0 ? ", new process" : ", again"), key -> new ArrayList<>())
                        .add(micros);
            }
        }
    }

    private void ours(String policy, Migrator migrator, TestDatabase template, boolean bootsToo) {
        try (TestDatabase database = PostgresServer.shared().databaseLike(template.name())) {
            measure(policy + ": first repair", database, () -> repaired(migrator.run(database.superuser())));
            database.execute("VACUUM ANALYZE");
            measure(policy + ": boot, nothing lacks", database, () -> nothing(migrator.run(database.superuser())));
            if (bootsToo) {
                fastest(policy + ": boot, nothing lacks", () -> migrator.run(database.superuser()));
                Migrator careless = migrator(PermissionPolicy.none());
                fastest(policy + ": boot without a look at permissions", () -> careless.run(database.superuser()));
            }
        }
    }

    private void seven(TestDatabase template) {
        try (TestDatabase database = PostgresServer.shared().databaseLike(template.name())) {
            String[] seven = SevenStatements.on(database.name(), "bench_app", "s");
            measure("seven statements, first time", database, () -> database.execute(seven));
            database.execute("VACUUM ANALYZE");
            measure("seven statements, nothing lacks", database, () -> database.execute(seven));
        }
    }

    private static TestDatabase filled(int tables) {
        TestDatabase database = PostgresServer.shared().database();
        database.execute(
                "CREATE SCHEMA s",
                "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)",
                "INSERT INTO alembic_version VALUES ('a')");
        for (int from = 1; from <= tables; from += 500) {
            database.execute("DO $$ BEGIN FOR i IN " + from + ".." + Math.min(from + 499, tables)
                    + " LOOP EXECUTE format('CREATE TABLE s.t%s (id int PRIMARY KEY, a text)', i);"
                    + " EXECUTE format('CREATE SEQUENCE s.q%s', i); END LOOP; END $$");
        }
        database.execute("VACUUM ANALYZE", "CHECKPOINT");
        return database;
    }

    private Migrator migrator(PermissionPolicy policy) {
        return AutoMigrator.configure()
                .scripts(directory.toString())
                .permissions(policy)
                .build();
    }

    private void measure(String what, TestDatabase database, Runnable work) {
        database.execute(
                "DROP TABLE IF EXISTS public.seen",
                "CREATE TABLE public.seen AS SELECT oid AS o, ctid::text || ':' || xmin::text AS x FROM pg_class");
        String wal = database.query("SELECT pg_current_wal_insert_lsn()").get(0);
        long start = System.nanoTime();
        work.run();
        long micros = (System.nanoTime() - start) / 1000;
        String kilobytes = database.query(
                        "SELECT pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '" + wal + "'))")
                .get(0);
        String rows = database.query("SELECT count(*) FROM pg_class c JOIN public.seen s ON s.o = c.oid"
                        + " WHERE c.ctid::text || ':' || c.xmin::text <> s.x AND c.relname <> 'seen'")
                .get(0);
        measured.computeIfAbsent(what, key -> new ArrayList<>()).add(new Measured(micros, rows, kilobytes));
    }

    private static String summary(List<Measured> rounds) {
        List<Measured> sorted = rounds.stream()
                .sorted(Comparator.comparingLong(Measured::micros))
                .toList();
        Measured median = sorted.get(sorted.size() / 2);
        return "fastest " + sorted.get(0).micros() / 1000 + " ms, median " + median.micros() / 1000 + " ms of "
                + sorted.size() + ", pg_class rows written " + median.rows() + ", WAL " + median.wal();
    }

    private static void fastest(String what, Runnable work) {
        long[] micros = new long[RUNS];
        for (int i = 0; i < RUNS; i++) {
            long start = System.nanoTime();
            work.run();
            micros[i] = (System.nanoTime() - start) / 1000;
        }
        Arrays.sort(micros);
        print(what, "fastest " + micros[0] + " us, median " + micros[RUNS / 2] + " us of " + RUNS);
    }

    private static void repaired(BootReport report) {
        assertThat(report.permissions().repaired()).isNotEmpty();
        assertThat(report.permissions().findings()).isEmpty();
    }

    private static void nothing(BootReport report) {
        assertThat(report.permissions().repaired()).isEmpty();
    }

    private static String version() throws SQLException {
        try (Connection connection =
                PostgresServer.shared().superuser("postgres").getConnection()) {
            return connection.getMetaData().getDatabaseProductVersion();
        }
    }

    private static int major() throws SQLException {
        try (Connection connection =
                PostgresServer.shared().superuser("postgres").getConnection()) {
            return connection.getMetaData().getDatabaseMajorVersion();
        }
    }

    private static void print(String what, String value) {
        System.out.printf("%-50s %s%n", what, value);
    }
}
