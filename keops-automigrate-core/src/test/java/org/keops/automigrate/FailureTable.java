package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.testing.Style;

/**
 * A table of conditions, each met through {@code run} with data sources of several styles, and what is to be reported.
 *
 * <p>That {@code run} returns and does not throw, within a bound and without the password, is checked for every row.
 */
final class FailureTable {
    /** Stands for a password wherever one is needed that is not the point of the row. */
    static final String CANARY = "kanarienvogel";

    static final Style[] STYLES = {Style.PLAIN, Style.HIKARI_LAZY, Style.HIKARI_MINUS_ONE};

    private static final Duration WITHIN = Duration.ofSeconds(10);
    private static final Duration BRIEFLY = Duration.ofSeconds(1);

    /** For a machine that does other things too. */
    private static final Duration SLACK = Duration.ofSeconds(6);

    private final List<Row> rows = new ArrayList<>();

    /**
     * What a row is to end as.
     *
     * @param outcome the kind of outcome
     * @param obstacle the reason, where it is inaccessible
     * @param retried whether waiting for the database makes sense
     */
    record Expected(
            Class<? extends Outcome> outcome, @Nullable Obstacle obstacle, boolean retried) {}

    static final Expected OFFLINE = new Expected(Outcome.Offline.class, null, true);
    static final Expected REJECTED = new Expected(Outcome.CredentialsRejected.class, null, false);

    static Expected inaccessible(Obstacle obstacle, boolean retried) {
        return new Expected(Outcome.Inaccessible.class, obstacle, retried);
    }

    static Expected inaccessible(Obstacle obstacle) {
        return inaccessible(obstacle, false);
    }

    private record Row(String name, DataSource dataSource, Duration within, Expected expected, String says) {}

    /** A condition that every style of data source meets. */
    FailureTable row(String condition, String url, Expected expected, String says) {
        return row(condition, url, expected, says, STYLES);
    }

    FailureTable row(String condition, String url, Expected expected, String says, Style... styles) {
        for (Style style : styles) {
            rows.add(new Row(condition + " · " + style, style.of(url), WITHIN, expected, says));
        }
        return this;
    }

    /** A condition in which nobody says anything, so that only our own bound ends it. */
    FailureTable silent(String condition, String url, String says, Style... styles) {
        for (Style style : styles) {
            rows.add(new Row(condition + " · " + style, style.of(url), BRIEFLY, OFFLINE, says));
        }
        return this;
    }

    FailureTable row(String condition, DataSource dataSource, Expected expected, String says) {
        rows.add(new Row(condition, dataSource, WITHIN, expected, says));
        return this;
    }

    /** Runs all rows side by side, because they mostly wait, and makes a test of each. */
    Stream<DynamicTest> tests(Path scripts) throws Exception {
        someScript(scripts);
        ExecutorService threads = Executors.newFixedThreadPool(40);
        List<DynamicTest> tests = new ArrayList<>();
        for (Row row : rows) {
            Future<BootReport> report = threads.submit(() -> run(row, scripts));
            tests.add(dynamicTest(row.name(), () -> check(row, report.get())));
        }
        threads.shutdown();
        return tests.stream();
    }

    /** One revision that does nothing. */
    static Path someScript(Path directory) throws IOException {
        Files.writeString(directory.resolve("a1.sql"), "-- a1\n--\n-- Revision ID: a1\n-- Revises:\n\nSELECT 1;\n");
        return directory;
    }

    static Migrator migrator(Path scripts, Duration within) {
        return AutoMigrator.configure()
                .scripts(scripts.toString())
                .leavePermissionsAlone()
                .connectWithin(within)
                .build();
    }

    private static BootReport run(Row row, Path scripts) throws Exception {
        BootReport report = migrator(scripts, row.within()).run(row.dataSource());
        if (row.dataSource() instanceof AutoCloseable pool) {
            pool.close();
        }
        return report;
    }

    private static void check(Row row, BootReport report) {
        Outcome outcome = report.outcome();
        assertThat(outcome).as("%s", report).isInstanceOf(row.expected().outcome());
        boolean retried = outcome instanceof Outcome.Offline;
        if (outcome instanceof Outcome.Inaccessible inaccessible) {
            assertThat(inaccessible.reason())
                    .as("%s", report)
                    .isEqualTo(row.expected().obstacle());
            retried = inaccessible.reason().mayPass();
        }
        assertThat(retried).as("worth another try").isEqualTo(row.expected().retried());
        assertThat(report.toString()).contains(row.says()).doesNotContain(CANARY);
        // one bound for the connection or the pool's own if that is longer, one for the answer to the first query
        Duration pool = Duration.ofMillis(Style.CONNECTION_TIMEOUT_MILLIS).plusSeconds(1);
        Duration connect = row.within().compareTo(pool) > 0 ? row.within() : pool;
        assertThat(report.duration()).isLessThan(connect.plus(row.within()).plus(SLACK));
    }
}
