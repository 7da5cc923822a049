package org.keops.automigrate.postgres.errand;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.automigrate.testing.Wrapper;

/** Who reads an answer on their own thread is watched by another. */
class WatchTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    /** Longer than whoever waits for it does where closing hangs. */
    private static final Duration LATE = Duration.ofSeconds(2);

    /** Else it goes back to the pool as it is, and is aborted when it is somebody else's. */
    @Test
    void nobodyGoesOnWithAConnectionThatIsStillToBeAborted() throws Exception {
        try (TestDatabase database = PostgresServer.shared().database();
                Connection connection = database.superuser().getConnection()) {
            AtomicBoolean aborting = new AtomicBoolean();
            Connection late = Wrapper.of(connection, (method, arguments) -> {
                if (method.equals("abort")) {
                    aborting.set(true);
                    long since = System.nanoTime();
                    Conditions.await("some time passes", () -> System.nanoTime() - since > LATE.toNanos());
                }
            });
            Watch watch = Watch.begin(late, Duration.ZERO);
            Conditions.await("it is to be aborted", aborting::get);
            watch.end(null);
            assertThat(connection.isClosed()).isTrue();
        }
    }

    /** As all threads of a group may be at once, by who runs the application. */
    @Test
    void theOneThatWatchesGoesOnAtItsPaceWhenItIsInterrupted() throws Exception {
        try (TestDatabase database = PostgresServer.shared().database();
                Connection connection = database.superuser().getConnection()) {
            Watch watch = Watch.begin(connection, LONG);
            Thread watching = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("keops-automigrate-watch"))
                    .findAny()
                    .orElseThrow();
            watching.interrupt();
            long since = System.nanoTime();
            Conditions.await("some time passes", () -> System.nanoTime() - since > LATE.toNanos());
            long nanos = ManagementFactory.getThreadMXBean().getThreadCpuTime(watching.getId());
            // of a thread that has ended there would be no figure
            assertThat(watching.isAlive()).isTrue();
            watch.end(null);
            assertThat(Duration.ofNanos(nanos)).isLessThan(LATE.dividedBy(4));
        }
    }
}
