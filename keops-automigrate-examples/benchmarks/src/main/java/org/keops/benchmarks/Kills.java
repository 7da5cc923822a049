package org.keops.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Kills each contestant in the middle of an upgrade, as {@code kill -9} does, and runs it again. For one run. */
final class Kills {
    static final int SCRIPTS = 200;
    static final int KILLS = 8;
    static final int MOST_SECONDS = 30;

    private final Server server;
    private final Path work;
    private final Path corpus;
    private final @Nullable String python;

    Kills(Server server, Path work, @Nullable String python) throws IOException {
        this.server = server;
        this.work = work;
        this.corpus = Corpus.everyday(work, SCRIPTS);
        this.python = python;
    }

    String run(List<String> names) throws Exception {
        Table table = new Table(names);
        for (String name : names) {
            double whole = undisturbed(name);
            int failed = 0;
            double slowest = 0;
            for (int kill = 0; kill < KILLS; kill++) {
                Benchmarks.progress("kill " + (kill + 1) + " of " + KILLS + ", " + name);
                double rerun = rerun(name, (long) (whole * (kill + 0.5) / KILLS));
                failed += rerun < 0 ? 1 : 0;
                slowest = Math.max(slowest, rerun);
            }
            table.add("reruns that fail", name, failed);
            table.add("slowest rerun that did not fail, ms", name, slowest);
        }
        return table.markdown("of " + KILLS + " kills");
    }

    private double undisturbed(String name) throws Exception {
        String database = server.database();
        try {
            return cold(name, database);
        } finally {
            server.drop(database);
        }
    }

    /** Milliseconds that the run after the killed one took; less than zero if it failed. */
    private double rerun(String name, long killAfterMillis) throws Exception {
        String database = server.database();
        try {
            try (Trial killed = trial(name, database)) {
                killed.ready().go();
                Thread.sleep(killAfterMillis);
                killed.kill();
            }
            return cold(name, database);
        } catch (IOException e) {
            return -1;
        } finally {
            server.drop(database);
        }
    }

    private double cold(String name, String database) throws IOException {
        try (Trial trial = trial(name, database)) {
            trial.ready().go();
            return Benchmarks.millis(trial.cold().coldNanos());
        }
    }

    private Trial trial(String name, String database) throws IOException {
        return name.equals(Contestants.ALEMBIC)
                ? Trial.python(
                        String.valueOf(python), Python.program(work), server.port(), database, corpus, "migrate", 0)
                : Trial.java(name, server.url(database), corpus, "migrate", 0, "1g", MOST_SECONDS);
    }
}
