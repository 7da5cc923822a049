package org.keops.benchmarks;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.keops.automigrate.graph.RevisionGraph;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.TransactionMode;
import org.keops.automigrate.script.Header;
import org.keops.automigrate.script.HeaderParser;
import org.keops.automigrate.script.ScriptReader;
import org.keops.automigrate.script.Section;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** What needs no database: headers, graph, statements. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PureParts {
    private static final int MANY = 10_000;
    private static final byte[] HEADER = """
            -- Add feedback table
            --
            -- Revision ID: 84c03f89212d
            -- Revises: 64d08233eefa
            -- Create Date: 2019-09-19 08:38:49.937987

            CREATE TABLE keopsdb.feedback (id serial PRIMARY KEY);
            """.getBytes(StandardCharsets.UTF_8);
    private static final byte[] SCRIPT = script();

    private final List<Revision> history = history();

    static void run(StringBuilder page) throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include(PureParts.class.getSimpleName())
                        .shouldFailOnError(true)
                        .build())
                .run();
        Benchmarks.section(page, "Without a database", "JMH, one thread.");
        page.append("| | a second | |\n|---|---|---|\n");
        for (RunResult result : results) {
            double score = result.getPrimaryResult().getScore();
            String name = result.getPrimaryResult().getLabel();
            String megabytes = name.equals("statements") ? Samples.number(score * SCRIPT.length / 1e6) + " MB/s" : "";
            page.append(String.format(Locale.ROOT, "| %s | %s | %s |%n", name, Samples.number(score), megabytes));
        }
    }

    /** One script's header. */
    @Benchmark
    public Header header() throws IOException {
        return HeaderParser.parse(new ByteArrayInputStream(HEADER), "a.sql");
    }

    /** The graph of 10,000 revisions, proven sound. */
    @Benchmark
    public RevisionGraph graph() {
        return RevisionGraph.of(history);
    }

    /** One script of a megabyte, cut into statements. */
    @Benchmark
    public long statements() throws IOException {
        long pieces = 0;
        try (ScriptReader reader = ScriptReader.open(new ByteArrayInputStream(SCRIPT), "a.sql", Section.UPGRADE)) {
            while (reader.next() != null) {
                pieces++;
            }
        }
        return pieces;
    }

    private static List<Revision> history() {
        List<Revision> history = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            history.add(new Revision(
                    new RevisionId(Corpus.id(i)),
                    i == 0 ? List.of() : List.of(new RevisionId(Corpus.id(i - 1))),
                    List.of(),
                    List.of(),
                    "script",
                    TransactionMode.AUTOMATIC,
                    Location.of("a.sql")));
        }
        return history;
    }

    private static byte[] script() {
        StringBuilder text = new StringBuilder(1 << 20);
        for (int i = 0; text.length() < 1 << 20; i++) {
            text.append("INSERT INTO keopsdb.t (id, name, body) VALUES (")
                    .append(i)
                    .append(", 'a name', $$some longer text; with a semicolon$$); -- and a comment\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }
}
