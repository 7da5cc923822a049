package org.keops.automigrate.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.cli.AlembicOutput.Body;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;

/** Asks the {@code alembic} command of a Python project for the SQL of its revisions. It asks no database. For one import. */
final class AlembicCommand {
    private static final long MOST_SECONDS = 300;

    private final Path config;
    private final Map<String, Body> upgrades = new HashMap<>();
    private final Map<String, Body> downgrades = new HashMap<>();
    private String complaint = "";

    AlembicCommand(Path config) {
        this.config = config;
    }

    /** Asks for all at once, and where that fails, because one revision needs a database, for each by itself. */
    void ask(List<Revision> revisions, List<RevisionId> heads) throws IOException {
        Map<String, Body> all = run("upgrade", "heads");
        if (all == null && run("upgrade", "base:base") == null) {
            return; // not one of the revisions is to blame: nothing can be asked here
        }
        add(upgrades, all);
        for (RevisionId head : heads) {
            add(downgrades, run("downgrade", head + ":base"));
        }
        for (Revision revision : revisions) {
            String id = revision.id().value();
            for (String below : below(revision)) {
                if (!upgrades.containsKey(id)) {
                    keep(upgrades, id, run("upgrade", below + ":" + id));
                }
                if (!downgrades.containsKey(id)) {
                    keep(downgrades, id, run("downgrade", id + ":" + below));
                }
            }
        }
    }

    /** A merge may be reached from one parent only: the way from another leads through what needs a database. */
    private static List<String> below(Revision revision) {
        return revision.downRevisions().isEmpty()
                ? List.of("base")
                : revision.downRevisions().stream().map(RevisionId::value).toList();
    }

    /** The last words of a run that failed, or nothing. */
    String complaint() {
        return complaint;
    }

    @Nullable
    Body upgrade(RevisionId id) {
        return upgrades.get(id.value());
    }

    @Nullable
    Body downgrade(RevisionId id) {
        return downgrades.get(id.value());
    }

    private static void add(Map<String, Body> bodies, @Nullable Map<String, Body> found) {
        if (found != null) {
            bodies.putAll(found);
        }
    }

    private static void keep(Map<String, Body> bodies, String id, @Nullable Map<String, Body> found) {
        Body body = found == null ? null : found.get(id);
        if (body != null) {
            bodies.put(id, body);
        }
    }

    /** The bodies, or null if the command failed: what it wrote before may be half of a revision. */
    private @Nullable Map<String, Body> run(String verb, String range) throws IOException {
        Path out = Files.createTempFile("alembic", ".sql");
        Path err = Files.createTempFile("alembic", ".log");
        try {
            Process process = new ProcessBuilder("alembic", "-c", config.toString(), verb, range, "--sql")
                    .directory(config.toAbsolutePath().resolveSibling(".").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(MOST_SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            if (ended && process.exitValue() == 0) {
                return AlembicOutput.bodies(Files.readString(out, StandardCharsets.UTF_8));
            }
            complaint = new String(Files.readAllBytes(err), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .reduce("no answer within " + MOST_SECONDS + " s", (before, last) -> last);
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** Whether there is such a command. */
    static boolean isThere() {
        List<String> places = new ArrayList<>();
        String path = System.getenv("PATH");
        places.addAll(List.of(path == null ? new String[0] : path.split(File.pathSeparator)));
        return places.stream().anyMatch(place -> Files.isExecutable(Path.of(place, "alembic")));
    }
}
