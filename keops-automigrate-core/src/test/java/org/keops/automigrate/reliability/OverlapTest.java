package org.keops.automigrate.reliability;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.CutProxy.Cut;
import org.keops.automigrate.testing.CutProxy.Direction;
import org.keops.automigrate.testing.CutProxy.Place;
import org.keops.automigrate.testing.CutProxy.Way;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Seeds;
import org.keops.automigrate.testing.TestDatabase;

/** While an instance is held up before one of its messages, somebody else boots; then it goes on. */
class OverlapTest {
    private static final int EACH = Integer.getInteger("overlap.each", 3);

    @TempDir
    static Path directory;

    private static Stories stories;

    @BeforeAll
    static void prepare() {
        stories = Stories.on(PostgresServer.shared(), directory);
    }

    @AfterAll
    static void drop() {
        stories.close();
    }

    @Test
    void aSample() {
        Random random = new Random(Seeds.seed());
        Trial trial = new Trial();
        for (Other other : Other.values()) {
            int messages = other.story().messages(Direction.TO_SERVER);
            for (int i = 0; i < EACH; i++) {
                other.meanwhile(trial, 1 + random.nextInt(messages));
            }
        }
        trial.conclude("overlaps, a sample");
    }

    @Test
    @Tag("soak")
    void atEveryMessage() {
        Trial trial = new Trial();
        for (Other other : Other.values()) {
            for (int message = 1; message <= other.story().messages(Direction.TO_SERVER); message++) {
                other.meanwhile(trial, message);
            }
        }
        trial.conclude("overlaps");
    }

    /** Who is faster. */
    private enum Other {
        /** Another instance of the same build, stamping. */
        SAME_STAMP("stamp", "stamp"),
        /** Another instance of the same build. */
        SAME("upgrade in one transaction", "upgrade in one transaction"),
        /** A build with one revision more. */
        NEWER("upgrade in one transaction", "upgrade by a newer build"),
        /** As Python Alembic: no lock, but it counts the rows that it updates. */
        LOCKLESS("data alone", "data alone");

        private final String stalled;
        private final String whole;

        Other(String stalled, String whole) {
            this.stalled = stalled;
            this.whole = whole;
        }

        Story story() {
            return stories.named(stalled);
        }

        void meanwhile(Trial trial, int message) {
            Story last = stories.named(whole);
            Consumer<TestDatabase> other = this == LOCKLESS
                    ? OverlapTest::upgradeWithoutLock
                    : database -> last.tell(database.superuser(), Duration.ZERO);
            Predicate<BootReport> good =
                    report -> Convergence.isDone(report) || (this == NEWER && report.scenario() == Scenario.AHEAD);
            trial.overlap(story(), new Cut(Direction.TO_SERVER, message, Place.BEFORE, Way.STALL), other, last, good);
        }
    }

    private static void upgradeWithoutLock(TestDatabase database) {
        try (Connection connection = database.superuser().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = '100ms'");
            connection.setAutoCommit(false);
            if (version(statement).equals("r1")) {
                statement.execute(Stories.mark("r2"));
                statement.execute(Stories.mark("r3"));
                int rows = statement.executeUpdate(
                        "UPDATE alembic_version SET version_num = 'r3' WHERE version_num = 'r1'");
                if (rows == 1) {
                    connection.commit();
                }
            }
            connection.rollback();
        } catch (SQLException e) {
            // it would have had to wait for us: it gives up, and all of it is rolled back
            Convergence.require("without lock", "55P03".equals(e.getSQLState()), e.toString());
        }
    }

    private static String version(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SELECT version_num FROM alembic_version")) {
            rows.next();
            return rows.getString(1);
        }
    }
}
