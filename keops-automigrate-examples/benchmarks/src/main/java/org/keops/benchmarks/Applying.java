package org.keops.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Measures upgrades: many small scripts, one big script, COPY. For one run. */
final class Applying {
    private static final long BIG = 54_000_000;
    private static final int SMALL_HEAP_SECONDS = 600;
    private static final String SERVER_MEMORY = "MB of the server's process beyond what it shares, at most";

    private final Server server;
    private final Path work;
    private final int rounds;
    private final @Nullable String python;
    private final @Nullable Path psql;
    private final StringBuilder page;

    Applying(Server server, Path work, int rounds, @Nullable String python, @Nullable Path psql, StringBuilder page) {
        this.server = server;
        this.work = work;
        this.rounds = rounds;
        this.python = python;
        this.psql = psql;
        this.page = page;
    }

    void scripts() throws Exception {
        List<String> all = new ArrayList<>(Contestants.IN_JAVA);
        all.set(all.indexOf(Contestants.RAW), Contestants.JOINED);
        all.add(all.indexOf(Contestants.OURS) + 1, Contestants.OURS_PER_REVISION);
        if (python != null) {
            all.add(Contestants.ALEMBIC);
        }
        List<String> names = withPsql(all);
        Table times = new Table(names);
        Table trips = new Table(names);
        Path thousand = Corpus.everyday(work, 1_000);
        Path some = Corpus.everyday(work, 200);
        try (DelayingProxy counting = new DelayingProxy(server.port(), 0);
                DelayingProxy slow = new DelayingProxy(server.port(), Benchmarks.SLOW_WIRE_MILLIS)) {
            for (int round = 0; round < rounds; round++) {
                for (String name : names) {
                    Benchmarks.progress("apply, " + name);
                    times.add("1,000 scripts", name, applied(name, thousand, server.port(), null));
                    times.add("200 scripts at 10 ms round-trip time", name, applied(name, some, slow.port(), null));
                    if (round == 0 && !name.equals(Contestants.PSQL)) {
                        trips.add("round trips of 200 scripts", name, applied(name, some, counting.port(), counting));
                    }
                }
            }
        }
        Benchmarks.section(
                page,
                "Applying scripts of everyday size",
                "Onto an empty schema, cold; `psql -1` is timed with the start of its process, and does not record versions."
                        + " `raw-joined` is no tool: it joins statements into messages of 256 KiB.");
        page.append(times.markdown("ms, median (min–max)")).append('\n');
        page.append(trips.markdown("on the wire"));
    }

    /** Milliseconds, or round trips where there is a proxy that counts them. */
    private double applied(String name, Path corpus, int port, @Nullable DelayingProxy counting) throws Exception {
        String database = server.database();
        try {
            if (name.equals(Contestants.PSQL)) {
                return psql(corpus, port, database);
            }
            try (Trial trial = trial(name, database, port, corpus)) {
                trial.ready();
                long before = counting == null ? 0 : counting.counts().roundTrips();
                trial.go();
                Trial.Figures cold = trial.cold();
                return counting == null
                        ? Benchmarks.millis(cold.coldNanos())
                        : counting.counts().roundTrips() - before;
            }
        } finally {
            server.drop(database);
        }
    }

    private Trial trial(String name, String database, int port, Path corpus) throws IOException {
        return name.equals(Contestants.ALEMBIC)
                ? Trial.python(String.valueOf(python), Python.program(work), port, database, corpus, "migrate", 0)
                : Trial.java(name, Server.url(port, database), corpus, "migrate", 0, "1g", 600);
    }

    private double psql(Path corpus, int port, String database) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(
                        String.valueOf(psql),
                        "-q",
                        "-X",
                        "-1",
                        "-v",
                        "ON_ERROR_STOP=1",
                        "-h",
                        "localhost",
                        "-p",
                        String.valueOf(port),
                        "-U",
                        "postgres",
                        "-d",
                        database,
                        "-f",
                        corpus.resolve("all.sql").toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() != 0) {
            throw new IOException("psql failed");
        }
        return Benchmarks.millis(System.nanoTime() - start);
    }

    void big() throws Exception {
        List<String> names = withPsql(List.of(
                Contestants.JOINED, Contestants.OURS, Contestants.MYBATIS, Contestants.FLYWAY, Contestants.LIQUIBASE));
        Table times = new Table(names);
        Table memory = new Table(names);
        for (int statements : new int[] {500, 500_000}) {
            Path corpus = Corpus.big(work, statements, BIG);
            for (int round = 0; round < Math.max(1, rounds / 2); round++) {
                for (String name : names) {
                    String heap = name.equals(Contestants.LIQUIBASE)
                            ? "2g"
                            : name.equals(Contestants.FLYWAY) ? "512m" : "48m";
                    Benchmarks.progress("54 MB in " + statements + ", " + name);
                    big(times, memory, statements + " statements", name, corpus, heap, 120);
                }
            }
        }
        Benchmarks.section(
                page,
                "54 MB in one script",
                "Heaps: 48 MB, Flyway 512 MB, Liquibase 2 GB. A dash: not within 120 s, or failed. `raw-joined` streams the text"
                        + " in messages of 64 KiB.");
        page.append(times.markdown("s, median (min–max)")).append('\n');
        page.append(memory.markdown(SERVER_MEMORY)).append('\n');
        page.append(heaps(names).markdown("smallest heap of 12, 16, 24, 32, 48, 64, 96, 128, 192 … MB"));
    }

    private Table heaps(List<String> names) throws IOException {
        Table heaps = new Table(names);
        Path corpus = Corpus.big(work, 500, BIG);
        for (String name : names) {
            if (!name.equals(Contestants.PSQL)) {
                heaps.add("500 statements", name, SmallestHeap.megabytes(server, name, corpus));
            }
        }
        return heaps;
    }

    void copy() throws Exception {
        int rows = Integer.getInteger("benchmarks.rows", 10_000_000);
        List<String> names = withPsql(List.of(Contestants.JOINED, Contestants.OURS));
        Table times = new Table(names);
        Table memory = new Table(names);
        Path corpus = Corpus.copy(work, rows);
        for (int round = 0; round < Math.max(1, rounds / 2); round++) {
            for (String name : names) {
                Benchmarks.progress("COPY, " + name);
                big(times, memory, rows + " rows", name, corpus, "64m", SMALL_HEAP_SECONDS);
            }
        }
        Benchmarks.section(
                page,
                "COPY … FROM STDIN with its data in the script",
                "Heaps: 64 MB. `raw-joined` gives the bytes of the file to the driver.");
        page.append(times.markdown("s, median (min–max)")).append('\n');
        page.append(memory.markdown(SERVER_MEMORY));
    }

    private void big(Table times, Table memory, String row, String name, Path corpus, String heap, int mostSeconds) {
        String database = server.database();
        try (ServerMemory server = new ServerMemory(this.server, database)) {
            if (name.equals(Contestants.PSQL)) {
                times.add(row, name, psql(corpus, this.server.port(), database) / 1e3);
            } else {
                try (Trial trial =
                        Trial.java(name, this.server.url(database), corpus, "migrate", 0, heap, mostSeconds)) {
                    trial.ready().go();
                    times.add(row, name, trial.cold().coldNanos() / 1e9);
                }
            }
            if (server.most() > 0) {
                memory.add(row, name, server.most() / 1e6);
            }
        } catch (IOException | InterruptedException e) {
            Benchmarks.progress("… failed: " + e.getMessage());
        } finally {
            server.drop(database);
        }
    }

    private List<String> withPsql(List<String> others) {
        List<String> names = new ArrayList<>(others);
        if (psql != null) {
            names.add(0, Contestants.PSQL);
        }
        return Contestants.wanted(names);
    }
}
