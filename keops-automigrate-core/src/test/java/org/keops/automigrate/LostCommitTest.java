package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.automigrate.testing.Wrapper;

/** The answer to a COMMIT is lost: the report tells all the same what is committed, and the rest is done. */
class LostCommitTest extends OnADatabase {
    @BeforeEach
    void prepare() {
        database.execute("CREATE TABLE trace (what text)");
        scripts.add("a", "", "INSERT INTO trace VALUES ('a');")
                .add("b", "a", "INSERT INTO trace VALUES ('b');")
                .add("c", "b", "INSERT INTO trace VALUES ('c');");
    }

    @ParameterizedTest
    @EnumSource
    void theReportTellsWhatBecameOfIt(Loss loss) {
        BootReport report = fromBase().run(losing(1, loss));
        assertUpgradedOnce(report);
    }

    @ParameterizedTest
    @EnumSource
    void theRestIsDone(Loss loss) {
        BootReport report = fromBase().transactionPerRevision().run(losing(2, loss));
        assertUpgradedOnce(report);
    }

    /** As long as something is committed each time, it goes on: there are no more losses than revisions. */
    @ParameterizedTest
    @EnumSource
    void eachRevisionMayLoseItsAnswer(Loss loss) {
        AtomicInteger connections = new AtomicInteger();
        BootReport report = fromBase().transactionPerRevision().run(losingOn(connections, 3, 1, loss));
        if (!loss.afterIt()) {
            // the first revision was lost in vain three times: it would go on like that
            assertThat(report.scenario()).as("%s", report).isEqualTo(Scenario.FAILED);
            assertThat(report.toString()).contains("3 times", "a was not committed", "recorded now: <base>");
            assertThat(report.steps()).isEmpty();
            assertThat(database.query("SELECT what FROM trace")).isEmpty();
            assertThat(connections).hasValue(4);
            assertUpgradedOnce(fromBase().run(database.superuser()));
        } else {
            assertUpgradedOnce(report);
        }
    }

    @ParameterizedTest
    @EnumSource
    void soMayTheTryThatGoesOn(Loss loss) {
        BootReport report = fromBase().run(losingOn(new AtomicInteger(), 2, 1, loss));
        assertUpgradedOnce(report);
    }

    @ParameterizedTest
    @EnumSource
    void aPoolOfOneConnectionIsEnough(Loss loss) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(losing(1, loss));
        config.setMaximumPoolSize(1);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            assertUpgradedOnce(fromBase().run(pool));
        }
    }

    /** "+1" again would be one more. */
    @ParameterizedTest
    @EnumSource
    void aCommandIsNotCarriedOutTwice(Loss loss) {
        BootReport report = fromBase().build().upgrade(losing(1, loss), "+1");
        boolean committed = !database.query("SELECT what FROM trace").isEmpty();
        assertThat(committed).isEqualTo(loss.afterIt());
        assertThat(report.scenario()).as("%s", report).isEqualTo(committed ? Scenario.BEHIND : Scenario.FAILED);
        assertThat(report.steps()).hasSize(committed ? 1 : 0);
        assertThat(database.query("SELECT what FROM trace")).hasSize(committed ? 1 : 0);
    }

    @ParameterizedTest
    @EnumSource
    void whereNobodyAnswersAnyMoreTheReportSaysThatItIsNotKnown(Loss loss) {
        AtomicInteger connections = new AtomicInteger();
        DataSource once = losing(1, loss);
        BootReport report = fromBase().run(Wrapper.that(() -> {
            if (connections.incrementAndGet() > 1) {
                throw new SQLException("wrong", "28P01");
            }
            return once.getConnection();
        }));
        assertThat(report.scenario()).isEqualTo(Scenario.FAILED);
        assertThat(report.toString()).contains("the answer to COMMIT was lost");
    }

    /** What is committed there is recorded with it, so that the next boot goes on behind it, whatever the last one knew. */
    @ParameterizedTest
    @EnumSource
    void outsideOfATransactionNothingIsDoneTwiceEither(Loss loss) {
        scripts.add("d", "c", "-- Transactional: no", "INSERT INTO trace VALUES ('d');\nVACUUM trace;\n".repeat(3));
        AtomicInteger commits = new AtomicInteger();
        for (int commit = 1; commit <= 1 + commits.get(); commit++) {
            try (TestDatabase copy = PostgresServer.shared().database()) {
                copy.execute("CREATE TABLE trace (what text)");
                fromBase().build().upgrade(copy.superuser(), "c");
                BootReport report = fromBase().run(losingOn(copy, new AtomicInteger(), 1, commits, commit, loss));
                String what = "commit " + commit + ": " + report;
                if (!report.outcome().acceptable()) {
                    assertThat(report.toString()).as(what).contains("the answer to COMMIT was lost");
                }
                assertThat(fromBase().run(copy.superuser()).outcome().acceptable())
                        .as(what)
                        .isTrue();
                assertThat(copy.query("SELECT what FROM trace ORDER BY what"))
                        .as(what)
                        .containsExactly("a", "b", "c", "d", "d", "d");
                assertThat(copy.query("SELECT version_num FROM alembic_version"))
                        .as(what)
                        .containsExactly("d");
                assertThat(copy.query("SELECT obj_description('alembic_version'::regclass)")
                                .get(0))
                        .as(what)
                        .isNull();
            }
        }
    }

    private void assertUpgradedOnce(BootReport report) {
        assertThat(report.outcome()).as("%s", report).isInstanceOf(Outcome.Upgraded.class);
        Outcome.Upgraded upgraded = (Outcome.Upgraded) report.outcome();
        assertThat(RevisionId.show(upgraded.from())).isEqualTo("<base>");
        assertThat(RevisionId.show(upgraded.to())).isEqualTo("c");
        assertThat(upgraded.revisions()).isEqualTo(3);
        assertThat(report.steps()).hasSize(3);
        assertThat(database.query("SELECT what FROM trace ORDER BY what")).containsExactly("a", "b", "c");
        assertThat(database.query("SELECT version_num FROM alembic_version")).containsExactly("c");
    }

    /** A data source whose first connection is lost at a COMMIT; later ones are sound. */
    private DataSource losing(int commit, Loss loss) {
        return losingOn(new AtomicInteger(), 1, commit, loss);
    }

    /** A data source whose first connections are each lost at a COMMIT. */
    private DataSource losingOn(AtomicInteger connections, int many, int commit, Loss loss) {
        return losingOn(database, connections, many, new AtomicInteger(), commit, loss);
    }

    private static DataSource losingOn(
            TestDatabase where, AtomicInteger connections, int many, AtomicInteger commits, int commit, Loss loss) {
        return Wrapper.of(where.superuser(), connection -> {
            if (connections.incrementAndGet() > many) {
                return connection;
            }
            commits.set(0);
            return Wrapper.of(connection, (method, arguments) -> {
                if (method.equals("commit") && commits.incrementAndGet() == commit) {
                    loss.at(connection);
                }
            });
        });
    }

    private enum Loss {
        BEFORE {
            @Override
            void at(Connection connection) throws SQLException {
                connection.abort(Runnable::run);
            }
        },
        AFTER {
            @Override
            void at(Connection connection) throws SQLException {
                connection.commit();
                connection.abort(Runnable::run);
            }
        },
        WRAPPER_THROWS_BEFORE {
            @Override
            void at(Connection connection) {
                throw new IllegalStateException("something of the wrapper's");
            }
        },
        WRAPPER_THROWS {
            @Override
            void at(Connection connection) throws SQLException {
                connection.commit();
                throw new IllegalStateException("something of the wrapper's");
            }
        };

        abstract void at(Connection connection) throws SQLException;

        boolean afterIt() {
            return this == AFTER || this == WRAPPER_THROWS;
        }
    }
}
