package org.keops.automigrate.reliability;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;
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
    /** How many messages the driver sends for a statement: parse, bind, describe, execute, sync. */
    private static final int STATEMENT = 5;

    private static final int FEW = 3;

    @TempDir
    static Path directory;

    private static Stories stories;

    @BeforeAll
    static void prepare() {
        stories = Stories.on(
                PostgresServer.shared(),
                directory,
                "stamp",
                "data alone",
                "upgrade in one transaction",
                "upgrade by a newer build");
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
            int step = other.needsEveryStatement() ? STATEMENT : messages / FEW;
            for (int message = 1 + random.nextInt(step); message <= messages; message += step) {
                other.meanwhile(trial, message);
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
        SAME("data alone", "data alone"),
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

        /** The moment that tells a right order of lock, look and count from a wrong one is short. */
        boolean needsEveryStatement() {
            return this == SAME || this == LOCKLESS;
        }

        void meanwhile(Trial trial, int message) {
            Story last = stories.named(whole);
            Consumer<TestDatabase> other = this == LOCKLESS
                    ? OverlapTest::upgradeWithoutLock
                    : database -> last.tell(database.superuser(), Duration.ZERO);
            trial.overlap(
                    story(),
                    new Cut(Direction.TO_SERVER, message, Place.BEFORE, Way.STALL),
                    other,
                    last,
                    (report, database) -> requireGood(message, report, database));
        }

        private void requireGood(int message, BootReport report, TestDatabase database) {
            String what = this + " at message " + message;
            boolean passed = this == NEWER && report.scenario() == Scenario.AHEAD;
            Convergence.require(what, passed || Convergence.isDone(report), report.toString());
            if (this == SAME) {
                // who reads the version before it has the lock finds out too late, and has tried in vain
                String tries = database.query("SELECT last_value FROM tries").get(0);
                Convergence.require(what, tries.equals("1"), "tried " + tries + " times");
            }
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
