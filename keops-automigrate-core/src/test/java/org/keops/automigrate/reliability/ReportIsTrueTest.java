package org.keops.automigrate.reliability;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.automigrate.testing.Wrapper;

/**
 * Somebody's wrapper around the connection throws, at each of the calls that a boot makes: what the report says of the database
 * is what is in it, and the next boot finishes.
 */
class ReportIsTrueTest {
    private static final int STEP = 47;

    /** What a report says of what it does not know. */
    private static final List<String> NOT_KNOWN = List.of("may have happened or not", "not known");

    @TempDir
    static Path directory;

    private static Stories stories;

    private final List<AssertionError> failures = new ArrayList<>();
    private int runs;
    private int thrown;
    private int notKnown;

    @BeforeAll
    static void prepare() {
        stories = Stories.on(
                PostgresServer.shared(),
                directory,
                Stories.asked("upgrade in a transaction each", "upgrade and permissions", "outside a transaction"));
    }

    @AfterAll
    static void drop() {
        stories.close();
    }

    @Test
    void atSomeCalls() {
        atEach(STEP);
    }

    @Test
    @Tag("soak")
    void atEachCall() {
        atEach(1);
    }

    private void atEach(int step) {
        int turn = 0;
        for (Story story : stories.all()) {
            for (Fault fault : Fault.values()) {
                // not the same calls in each
                int call = 1 + turn++ % step;
                while (throwAt(story, fault, call)) {
                    call += step;
                }
            }
        }
        System.out.println("reports: " + runs + " runs, " + thrown + " calls failed, " + (runs - failures.size())
                + " told the truth, of which " + notKnown + " said that they did not know");
        if (!failures.isEmpty()) {
            AssertionError first = failures.remove(0);
            failures.forEach(first::addSuppressed);
            throw first;
        }
    }

    /** How a call fails. */
    private enum Fault {
        /** Nothing has been done. */
        BEFORE,
        /** It has been done. */
        AFTER,
        /** As BEFORE, and so do all later ones. */
        EVER_AFTER,
        /** As AFTER, and nobody gets another connection. */
        THE_LAST
    }

    /** Returns whether there are that many calls. */
    private boolean throwAt(Story story, Fault fault, int call) {
        runs++;
        FaultyOnce faulty = new FaultyOnce(fault, call);
        String what = story + ", " + fault + " call " + call;
        try (TestDatabase database = story.database()) {
            List<String> start = Convergence.catalog(database);
            BootReport report = Trial.within(() -> story.tell(faulty.around(database.superuser())));
            faulty.end();
            Convergence.awaitNobody(database);
            what += " (" + faulty.method + "): " + report;
            try {
                judge(what, report, start, database, story);
                Convergence.requireDone(what, Trial.within(() -> story.tell(database.superuser())));
                Convergence.require(what, database, story.end());
            } catch (AssertionError e) {
                failures.add(e);
                System.out.println("FALSE " + e.getMessage());
            }
        }
        thrown += faulty.reached() ? 1 : 0;
        return faulty.reached();
    }

    private void judge(String what, BootReport report, List<String> start, TestDatabase database, Story story) {
        Outcome outcome = report.outcome();
        if (outcome instanceof Outcome.Failed failed) {
            if (NOT_KNOWN.stream().anyMatch(report.toString()::contains)) {
                notKnown++;
                return;
            }
            Set<String> said = ids(failed.failure().revisions());
            Convergence.require(what, said.equals(rows(database)), "recorded is " + rows(database));
            boolean partly = failed.failure().consequence().contains("is committed, because it runs outside");
            Convergence.require(
                    what, partly || !isAheadOfItsRows(database), "done is " + Convergence.journal(database));
        } else if (outcome.acceptable()) {
            boolean asItHasToBe = Convergence.catalog(database).equals(story.end());
            Convergence.require(
                    what, asItHasToBe || !report.permissions().findings().isEmpty(), "it is not as it has to be");
        } else {
            Convergence.require(what, Convergence.catalog(database).equals(start), "it is not as it was");
        }
    }

    /** Whether a script is done, or a part of it, that is not recorded. */
    private static boolean isAheadOfItsRows(TestDatabase database) {
        Set<String> rows = rows(database);
        return Convergence.journal(database).stream()
                .map(what -> what.split(" ", 2)[0])
                .anyMatch(revision -> rows.stream().allMatch(row -> row.compareTo(revision) < 0));
    }

    private static Set<String> rows(TestDatabase database) {
        boolean none = database.query("SELECT to_regclass('alembic_version')").get(0) == null;
        return none ? Set.of() : new TreeSet<>(database.query("SELECT version_num FROM alembic_version"));
    }

    private static Set<String> ids(SortedSet<RevisionId> ids) {
        return ids.isEmpty()
                ? Set.of()
                : new TreeSet<>(List.of(RevisionId.show(ids).split(", ", -1)));
    }

    /** A data source whose first connection fails; later ones are sound, if there are any. */
    private static final class FaultyOnce {
        private final Fault fault;
        private final int at;
        private int calls;
        private int connections;
        private String method = "";
        private volatile Connection first;

        FaultyOnce(Fault fault, int at) {
            this.fault = fault;
            this.at = at;
        }

        boolean reached() {
            return calls >= at;
        }

        DataSource around(DataSource sound) {
            return Wrapper.that(() -> {
                if (++connections > 1) {
                    if (fault == Fault.THE_LAST) {
                        throw new SQLException("no more", "28P01");
                    }
                    // a wrapper that throws when it is closed keeps its session, and the lock, until the server's guard
                    // ends it half a minute later; here somebody does so earlier
                    CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS).execute(this::end);
                    return sound.getConnection();
                }
                first = sound.getConnection();
                return Wrapper.of(first, new Wrapper.Call() {
                    @Override
                    public void before(String name, Object[] arguments) {
                        calls++;
                        method = calls == at ? name : method;
                        if ((fault == Fault.BEFORE && calls == at) || (fault == Fault.EVER_AFTER && calls >= at)) {
                            throw new IllegalStateException("something of the wrapper's");
                        }
                    }

                    @Override
                    public void after(String name) {
                        if ((fault == Fault.AFTER || fault == Fault.THE_LAST) && calls == at) {
                            throw new IllegalStateException("something of the wrapper's");
                        }
                    }
                });
            });
        }

        /** What the wrapper has kept from being closed. */
        void end() {
            try {
                first.abort(Runnable::run);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
