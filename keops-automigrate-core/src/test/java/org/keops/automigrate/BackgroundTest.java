package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.Wrapper;

/** The application starts at once, and the database is migrated when it appears. */
class BackgroundTest extends OnADatabase {
    @Test
    void theDatabaseIsMigratedWhenItAppears() throws Exception {
        script("CREATE TABLE done ();");
        AtomicBoolean there = new AtomicBoolean();
        AtomicInteger tries = new AtomicInteger();
        AtomicBoolean told = new AtomicBoolean();
        try (BackgroundRun run = fromBase().runInBackground(appearing(there, tries))) {
            CompletableFuture<Void> teller = run.report().thenRun(() -> told.set(true));
            Conditions.await("it has tried", () -> tries.get() > 1);
            assertThat(run.report()).isNotDone();
            there.set(true);
            assertThat(end(run).scenario()).isEqualTo(Scenario.BEHIND);
            Conditions.await("it is told", () -> told.get() && teller.isDone());
        }
    }

    @Test
    void whatDoesNotPassEndsItAtOnce() throws Exception {
        script("SELECT 1;");
        try (BackgroundRun run = fromBase().runInBackground(database.as("nobody_at_all", "x"))) {
            assertThat(end(run).scenario()).isEqualTo(Scenario.CREDENTIALS_REJECTED);
        }
    }

    @Test
    void aBudgetEndsTheWaiting() throws Exception {
        script("SELECT 1;");
        try (BackgroundRun run = fromBase()
                .waitForDatabase(Duration.ofMillis(700))
                .runInBackground(appearing(new AtomicBoolean(), new AtomicInteger()))) {
            assertThat(end(run).scenario()).isEqualTo(Scenario.OFFLINE);
        }
    }

    @Test
    void aBudgetOfNothingIsOneTry() throws Exception {
        script("SELECT 1;");
        AtomicInteger tries = new AtomicInteger();
        try (BackgroundRun run =
                fromBase().waitForDatabase(Duration.ZERO).runInBackground(appearing(new AtomicBoolean(), tries))) {
            assertThat(end(run).scenario()).isEqualTo(Scenario.OFFLINE);
            assertThat(tries).hasValue(1);
        }
    }

    @Test
    void closingEndsTheWaiting() throws Exception {
        script("SELECT 1;");
        AtomicInteger tries = new AtomicInteger();
        BackgroundRun run = fromBase().runInBackground(appearing(new AtomicBoolean(), tries));
        Conditions.await("it has tried", () -> tries.get() > 0);
        run.close();
        assertThat(end(run).scenario()).isEqualTo(Scenario.INTERRUPTED);
        run.close();
    }

    @Test
    void closingCancelsWhatRuns() throws Exception {
        script("CREATE TABLE done (); SELECT pg_sleep(600);");
        BackgroundRun run = fromBase().runInBackground(database.superuser());
        Conditions.await("it sleeps", () -> !awake());
        run.close();
        assertThat(end(run).scenario()).isEqualTo(Scenario.INTERRUPTED);
        assertThat(awake()).isTrue();
        assertThat(database.query("SELECT to_regclass('done')").get(0)).isNull();
        assertThat(database.query("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND database ="
                        + " (SELECT oid FROM pg_database WHERE datname = current_database())"))
                .isEmpty();
    }

    @Test
    void whoHoldsTheReportCanNotChangeIt() throws Exception {
        script("SELECT 1;");
        try (BackgroundRun run = fromBase().runInBackground(database.superuser())) {
            assertThat(run.report().cancel(true)).isTrue();
            assertThat(end(run).scenario()).isEqualTo(Scenario.BEHIND);
        }
    }

    private boolean awake() {
        return database.query("SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname ="
                        + " current_database()")
                .isEmpty();
    }

    private DataSource appearing(AtomicBoolean there, AtomicInteger tries) {
        return Wrapper.that(() -> {
            tries.incrementAndGet();
            if (!there.get()) {
                throw new SQLException("refused", "08001");
            }
            return database.superuser().getConnection();
        });
    }

    private static BootReport end(BackgroundRun run) throws Exception {
        return run.report().get(120, TimeUnit.SECONDS);
    }

    private void script(String body) {
        scripts.add("a", "", body);
    }
}
