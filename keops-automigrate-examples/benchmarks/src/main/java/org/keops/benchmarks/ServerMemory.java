package org.keops.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Watches how much memory of its own the server's processes of one database take, where the system tells (Linux). */
final class ServerMemory implements AutoCloseable {
    private static final long MILLIS = 20;

    private final Server server;
    private final String database;
    private final Thread watcher;
    private volatile long most;
    private volatile boolean over;

    ServerMemory(Server server, String database) {
        this.server = server;
        this.database = database;
        this.watcher = new Thread(this::watch, "memory");
        watcher.setDaemon(true);
        watcher.start();
    }

    /** Bytes, 0 where nothing is known. */
    long most() {
        return most;
    }

    @Override
    public void close() {
        over = true;
    }

    private void watch() {
        try {
            while (!over) {
                List<Path> processes = new ArrayList<>();
                for (String pid : server.processes(database)) {
                    processes.add(Path.of("/proc", pid, "status"));
                }
                // who is there is asked for once a second; how large it is, often
                for (int i = 0; i < 1000 / MILLIS && !over; i++) {
                    for (Path process : processes) {
                        most = Math.max(most, own(process));
                    }
                    Thread.sleep(processes.isEmpty() ? MILLIS / 4 : MILLIS);
                    if (processes.isEmpty()) {
                        break;
                    }
                }
            }
        } catch (InterruptedException | IllegalStateException e) {
            return;
        }
    }

    private static long own(Path status) {
        if (!Files.isReadable(status)) {
            return 0;
        }
        try {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("RssAnon:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
                }
            }
        } catch (IOException | UncheckedIOException e) {
            return 0; // it has ended
        }
        return 0;
    }
}
