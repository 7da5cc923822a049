package org.keops.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;

/** One process that measures one contestant; it waits until it is told to go. For one thread. */
final class Trial implements AutoCloseable {
    /**
     * What a process has measured.
     *
     * @param coldNanos the first call
     * @param warmNanos a call in a process that has made many
     * @param keptNanos the same where the caller keeps what may be kept
     * @param classes loaded by the first call
     * @param bytes allocated by the first call, by whichever thread; negative if that can not be told
     * @param peakHeap bytes, when the first call had returned
     */
    record Figures(long coldNanos, long warmNanos, long keptNanos, long classes, long bytes, long peakHeap) {}

    private final Process process;
    private final BufferedReader out;
    private final Timer killer = new Timer(true);

    private Trial(List<String> command, long limitSeconds) throws IOException {
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        killer.schedule(
                new TimerTask() {
                    @Override
                    public void run() {
                        process.destroyForcibly();
                    }
                },
                limitSeconds * 1000);
    }

    static Trial java(
            String contestant, String url, Path corpus, String mode, long warmMillis, String heap, long limitSeconds)
            throws IOException {
        List<String> options = List.of("-Xmx" + heap);
        return new Trial(command(options, contestant, url, corpus, mode, warmMillis), limitSeconds);
    }

    /** Not to be timed: each object is counted where it is made, and none is collected as long as there is room. */
    static Trial counting(String contestant, String url, Path corpus) throws IOException {
        List<String> options = List.of("-XX:+UseSerialGC", "-XX:-UseTLAB", "-Xms2g", "-Xmx2g", "-Xmn1800m");
        return new Trial(command(options, contestant, url, corpus, "migrate", 0), 600);
    }

    private static List<String> command(
            List<String> options, String contestant, String url, Path corpus, String mode, long warmMillis) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("-cp");
        command.add(
                Contestants.classPath(contestant, Corpus.jar(corpus, contestant).toString()));
        command.add("org.keops.benchmarks.Worker");
        command.addAll(List.of(contestant, url, corpus.toString(), mode, String.valueOf(warmMillis)));
        return command;
    }

    static Trial python(
            String interpreter, Path program, int port, String database, Path corpus, String mode, long warmMillis)
            throws IOException {
        String url = "postgresql://postgres@localhost:" + port + "/" + database + "?sslmode=disable";
        return new Trial(
                List.of(interpreter, program.toString(), url, corpus.toString(), mode, String.valueOf(warmMillis)),
                600);
    }

    /** Waits until the process is ready to measure. */
    Trial ready() throws IOException {
        await("READY");
        return this;
    }

    /** Waits until the process has adopted its scripts. */
    void done() throws IOException {
        await("DONE");
    }

    /** Lets the first call begin; it is under way when this returns. */
    void go() throws IOException {
        OutputStream in = process.getOutputStream();
        in.write('\n');
        in.flush();
    }

    /** Waits for the first call; what comes after it is zero. */
    Figures cold() throws IOException {
        String[] cold = await("COLD").split(" ", -1);
        return new Figures(
                Long.parseLong(cold[1]),
                0,
                0,
                Long.parseLong(cold[2]),
                Long.parseLong(cold[3]),
                Long.parseLong(cold[4]));
    }

    /** Lets the other calls begin and waits for them. */
    Figures warm(Figures cold) throws IOException {
        go();
        long warm = Long.parseLong(await("WARM").split(" ", -1)[1]);
        long kept = Long.parseLong(await("KEPT").split(" ", -1)[1]);
        return new Figures(cold.coldNanos(), warm, kept, cold.classes(), cold.bytes(), cold.peakHeap());
    }

    private String await(String word) throws IOException {
        StringBuilder said = new StringBuilder();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(word)) {
                return line;
            }
            if (said.length() < 2_000) {
                said.append(line).append('\n');
            }
        }
        throw new IOException("ended before " + word + ": " + said);
    }

    /** As {@code kill -9} does; the process is gone when this returns. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        killer.cancel();
        process.destroyForcibly();
    }
}
