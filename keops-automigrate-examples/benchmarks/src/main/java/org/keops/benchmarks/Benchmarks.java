package org.keops.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs everybody in turns on one server and writes the page. For one run. */
final class Benchmarks {
    static final double SLOW_WIRE_MILLIS = 10;
    private static final int HERD = 20;

    private final Server server;
    private final Path work;
    private final int rounds;
    private final List<String> parts;
    private final @Nullable String python;
    private final @Nullable Path psql;
    private final StringBuilder page = new StringBuilder();

    private Benchmarks(Server server, Path work) throws IOException {
        this.server = server;
        this.work = work;
        this.rounds = Integer.getInteger("benchmarks.rounds", 7);
        this.parts = List.of(System.getProperty("benchmarks.parts", "all").split(","));
        this.python = Python.interpreter();
        this.psql = Python.find("psql");
    }

    public static void main(String[] args) throws Exception {
        Path work = Path.of(System.getProperty("benchmarks.work", "target/benchmarks"))
                .toAbsolutePath();
        delete(work);
        Files.createDirectories(work);
        try (Server server = new Server()) {
            Benchmarks benchmarks = new Benchmarks(server, work);
            try {
                benchmarks.run();
            } finally {
                // also what was measured before something failed
                String page = benchmarks.page.toString();
                System.out.println(page);
                if (args.length > 0) {
                    Page.write(Path.of(args[0]), page);
                }
            }
        } finally {
            delete(work);
        }
    }

    private void run() throws Exception {
        Description.write(page, server.version(), python != null, psql);
        if (wants("nothing")) {
            nothingToDo();
        }
        if (wants("latency")) {
            nothingOnASlowWire();
        }
        Applying applying = new Applying(server, work, rounds, python, psql, page);
        if (wants("apply")) {
            applying.scripts();
        }
        if (wants("big")) {
            applying.big();
        }
        if (wants("copy")) {
            applying.copy();
        }
        if (wants("herd")) {
            herd();
        }
        if (wants("kills")) {
            kills();
        }
        if (wants("fleet")) {
            section(
                    "500 boots at once",
                    "Threads of one process, each with a connection of its own through one proxy.");
            Fleet.run(server, Corpus.everyday(work, 23), page);
        }
        if (wants("bystanders")) {
            bystanders();
        }
        Description.sizes(page);
        if (wants("pure")) {
            PureParts.run(page);
        }
    }

    private void kills() throws Exception {
        List<String> names = contestants(false);
        Kills kills = new Kills(server, work, python);
        String table = kills.run(names);
        section(
                "Killed in the middle of an upgrade, and run again",
                Kills.SCRIPTS
                        + " scripts; the process is killed at moments that are spread evenly over the time that an"
                        + " upgrade takes, then a new one runs. It fails if it says so, or has not ended within "
                        + Kills.MOST_SECONDS + " s.");
        page.append(table);
    }

    private void bystanders() throws Exception {
        Bystanders bystanders = new Bystanders(server, work, python);
        String table = bystanders.run(Math.max(1, rounds / 2));
        section(
                "Readers beside an upgrade that has to wait",
                "Six sessions read a table every 10 ms, while a column is added to it; a transaction that has read the table"
                        + " stays open for " + bystanders.seconds()
                        + " s from the moment that the upgrade waits for it. All rounds together.");
        page.append(table);
    }

    private boolean wants(String part) {
        return parts.contains("all") || parts.contains(part);
    }

    private List<String> contestants(boolean raw) {
        List<String> names = new ArrayList<>(Contestants.IN_JAVA);
        if (raw) {
            names.add(names.indexOf(Contestants.RAW) + 1, Contestants.RAW_ON_A_THREAD);
        } else {
            names.remove(Contestants.RAW);
        }
        if (python != null) {
            names.add(Contestants.ALEMBIC);
        }
        return Contestants.wanted(names);
    }

    private void nothingToDo() throws Exception {
        List<String> names = contestants(true);
        Table times = new Table(names);
        Table others = new Table(names);
        for (String size :
                System.getProperty("benchmarks.revisions", "23,1000,10000").split(",")) {
            int revisions = Integer.parseInt(size);
            Path corpus = Corpus.everyday(work, revisions);
            Map<String, String> databases = adopted(names, corpus);
            long warmMillis = revisions > 2_000 ? 1_000 : 1_500;
            for (int round = 0; round < rounds; round++) {
                boolean alsoWarm = round < 3;
                for (String name : names) {
                    progress("nothing to do, " + revisions + ", " + name);
                    try (Trial trial =
                            trial(name, databases.get(name), server.port(), corpus, alsoWarm ? warmMillis : 0)) {
                        trial.ready().go();
                        Trial.Figures cold = trial.cold();
                        times.add(revisions + " revisions, cold", name, millis(cold.coldNanos()));
                        if (alsoWarm) {
                            Trial.Figures warm = trial.warm(cold);
                            times.add(revisions + " revisions, warm", name, millis(warm.warmNanos()));
                            times.add(revisions + " revisions, warm, migrator kept", name, millis(warm.keptNanos()));
                        }
                        if (!name.equals(Contestants.ALEMBIC)) {
                            others.add(revisions + " revisions: classes loaded", name, cold.classes());
                            others.add(revisions + " revisions: MB of heap at its peak", name, cold.peakHeap() / 1e6);
                        }
                    }
                }
            }
            for (String name : names) {
                allocated(revisions, name, databases.get(name), corpus, others);
                DelayingProxy.Counts counts = onTheWire(name, databases.get(name), corpus);
                others.add(revisions + " revisions: round trips", name, counts.roundTrips());
                others.add(revisions + " revisions: new connections", name, counts.connections());
                others.add(revisions + " revisions: messages of the client", name, counts.messages());
            }
            databases.values().forEach(server::drop);
        }
        section(
                "Nothing to do",
                "The first call in a fresh JVM whose pool is open, call to return; and a call in a JVM that"
                        + " has made many. Ours audits the permissions of one role on one schema, unless it says otherwise."
                        + " `warm` configures anew for each call, as an application does that calls once."
                        + " `raw` is no tool: one `SELECT` of the version, by JDBC; it is the limit."
                        + " `raw-on-a-thread` asks its one question on a thread that it begins and waits for, as ours does the"
                        + " first time, so that nobody hangs. What is allocated is counted once, in a process of its own; a"
                        + " dash is more than that has room for.");
        page.append(times.markdown("ms, median (min–max)")).append('\n');
        page.append(others.markdown("what else it costs, cold"));
    }

    private void allocated(int revisions, String name, @Nullable String database, Path corpus, Table others)
            throws Exception {
        if (name.equals(Contestants.ALEMBIC)) {
            return;
        }
        String url = Server.url(server.port(), String.valueOf(database));
        try (Trial trial = Trial.counting(name, url, corpus)) {
            trial.ready().go();
            long bytes = trial.cold().bytes();
            if (bytes >= 0) {
                others.add(revisions + " revisions: kB allocated", name, bytes / 1e3);
            }
        }
    }

    private DelayingProxy.Counts onTheWire(String name, @Nullable String database, Path corpus) throws Exception {
        try (DelayingProxy proxy = new DelayingProxy(server.port(), 0);
                Trial trial = trial(name, database, proxy.port(), corpus, 0)) {
            trial.ready();
            DelayingProxy.Counts before = proxy.counts();
            trial.go();
            trial.cold();
            return proxy.counts().since(before);
        }
    }

    private void nothingOnASlowWire() throws Exception {
        List<String> names = contestants(true);
        Table times = new Table(names);
        Path corpus = Corpus.everyday(work, 200);
        Map<String, String> databases = adopted(names, corpus);
        try (DelayingProxy proxy = new DelayingProxy(server.port(), SLOW_WIRE_MILLIS)) {
            for (int round = 0; round < Math.max(1, rounds / 2); round++) {
                for (String name : names) {
                    progress("nothing to do at 10 ms, " + name);
                    try (Trial trial = trial(name, databases.get(name), proxy.port(), corpus, 1_500)) {
                        trial.ready().go();
                        Trial.Figures figures = trial.warm(trial.cold());
                        times.add("cold", name, millis(figures.coldNanos()));
                        times.add("warm", name, millis(figures.warmNanos()));
                    }
                }
            }
        }
        databases.values().forEach(server::drop);
        section(
                "Nothing to do, 200 revisions, at 10 ms round-trip time",
                "Through a proxy that delays each direction by 5 ms.");
        page.append(times.markdown("ms, median (min–max)"));
    }

    private void herd() throws Exception {
        List<String> names = contestants(false);
        Table table = new Table(names);
        Path corpus = Corpus.everyday(work, 23);
        for (String name : names) {
            progress("herd, " + name);
            String database = server.database();
            List<Trial> herd = new ArrayList<>();
            try {
                for (int i = 0; i < HERD; i++) {
                    herd.add(trial(name, database, server.port(), corpus, 0));
                }
                for (Trial trial : herd) {
                    trial.ready();
                }
                for (Trial trial : herd) {
                    trial.go();
                }
                int failed = 0;
                double slowest = 0;
                for (Trial trial : herd) {
                    try {
                        slowest = Math.max(slowest, millis(trial.cold().coldNanos()));
                    } catch (IOException e) {
                        failed++;
                    }
                }
                table.add("failed", name, failed);
                table.add("slowest that did not fail, ms", name, slowest);
            } finally {
                herd.forEach(Trial::close);
                server.drop(database);
            }
        }
        section(
                HERD + " processes at once on an unmigrated database",
                "23 scripts; all processes are up before the first may begin.");
        page.append(table.markdown("one run"));
    }

    /** A database for each contestant in which all scripts count as applied. */
    private Map<String, String> adopted(List<String> names, Path corpus) throws Exception {
        Map<String, String> databases = new HashMap<>();
        for (String name : names) {
            progress("adopt, " + corpus.getFileName() + ", " + name);
            String database = server.database();
            server.execute(
                    database,
                    "SET search_path TO keopsdb",
                    "DO $$ BEGIN FOR i IN 1..20 LOOP EXECUTE pg_catalog.format("
                            + "'CREATE TABLE keopsdb.base_%s (id bigint PRIMARY KEY, name text)', i); END LOOP; END $$");
            try (Trial trial = name.equals(Contestants.ALEMBIC)
                    ? python(database, server.port(), corpus, "adopt", 0)
                    : Trial.java(name, server.url(database), corpus, "adopt", 0, "2g", 600)) {
                trial.done();
            }
            server.execute(database, "VACUUM ANALYZE");
            databases.put(name, database);
        }
        return databases;
    }

    private Trial trial(String name, @Nullable String database, int port, Path corpus, long warmMillis)
            throws IOException {
        String there = String.valueOf(database);
        return name.equals(Contestants.ALEMBIC)
                ? python(there, port, corpus, "migrate", warmMillis)
                : Trial.java(name, Server.url(port, there), corpus, "migrate", warmMillis, "1g", 600);
    }

    private Trial python(String database, int port, Path corpus, String mode, long warmMillis) throws IOException {
        return Trial.python(String.valueOf(python), Python.program(work), port, database, corpus, mode, warmMillis);
    }

    private void section(String title, String text) {
        section(page, title, text);
    }

    static void section(StringBuilder page, String title, String text) {
        page.append("\n## ").append(title).append("\n\n").append(text).append("\n\n");
        page.append(LocalDate.now()).append(", `").append(Description.command()).append("`\n\n");
    }

    static double millis(long nanos) {
        return nanos / 1e6;
    }

    static void progress(String what) {
        System.err.println(LocalDate.now() + " " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime()) + " " + what);
    }

    private static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (var files = Files.walk(directory)) {
            Path[] all = files.toArray(Path[]::new);
            for (int i = all.length - 1; i >= 0; i--) {
                Files.delete(all[i]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(Arrays.toString(e.getSuppressed()), e);
        }
    }
}
