package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.FakePeer;
import org.keops.automigrate.testing.Style;

/** A run leaves no thread behind, or one that hangs where nobody can end it. Beside others nobody could tell whose it is. */
class ThreadsLeftTest extends OnADatabase {

    @Test
    void aSilentServerKeepsOneThreadHoweverOftenItIsTried() throws Exception {
        script();
        try (FakePeer silent = FakePeer.that(FakePeer::silent)) {
            DataSource dataSource =
                    Style.PLAIN.of("jdbc:postgresql://127.0.0.1:" + silent.port() + "/d?sslmode=disable");
            Set<Thread> before = ours();
            BootReport report = fromBase()
                    .connectWithin(Duration.ofMillis(200))
                    .waitForDatabase(Duration.ofSeconds(4))
                    .run(dataSource);
            assertThat(report.scenario()).isEqualTo(Scenario.OFFLINE);
            assertThat(report.toString()).contains("an earlier attempt to connect still hangs");
            Set<Thread> stranded = ours();
            stranded.removeAll(before);
            assertThat(stranded).hasSize(1);
        }
    }

    @Test
    void noThreadIsLeft() throws Exception {
        Set<Thread> before = ours();
        script();
        fromBase().run(database.superuser());
        fromBase().run(database.superuser());
        Conditions.await("they end", () -> before.containsAll(ours()));
    }

    /** The one that watches over who asks on their own thread; it has nothing of theirs. */
    @Test
    void norIsTheWatch() throws Exception {
        script();
        // that of a class that was tested before would be taken along
        Conditions.await("there is none", () -> watches(ours()).isEmpty());
        Set<Thread> before = ours();
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setDataSource(database.superuser());
            for (int i = 0; i < 4; i++) {
                fromBase().run(pool).orElseThrow();
            }
            assertThat(watches(ours()))
                    .hasSize(1)
                    .allMatch(thread -> thread.isDaemon() && thread.getContextClassLoader() == null);
        }
        Conditions.await("it ends", () -> before.containsAll(ours()));
    }

    private static Set<Thread> watches(Set<Thread> threads) {
        threads.removeIf(thread -> !thread.getName().endsWith("-watch"));
        return threads;
    }

    private static Set<Thread> ours() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("keops-automigrate"))
                .collect(Collectors.toSet());
    }

    private void script() {
        scripts.add("a", "", "SELECT 1;");
    }
}
