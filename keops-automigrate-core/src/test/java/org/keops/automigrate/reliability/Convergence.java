package org.keops.automigrate.reliability;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.Catalog;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.TestDatabase;

/** Whether a database is as it has to be: told by what is in it, never by what somebody says of it. */
final class Convergence {
    private static final Set<Scenario> DONE =
            Set.of(Scenario.UNVERSIONED, Scenario.AT_HEAD, Scenario.BEHIND, Scenario.BY_HAND);
    private static final String SESSIONS =
            "SELECT pid || ' ' || coalesce(application_name, '') || ' ' || coalesce(state, '')"
                    + " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    + " AND backend_type = 'client backend'";
    private static final String DOING = SESSIONS.replace(
            " FROM pg_stat_activity",
            " || ' ' || coalesce(wait_event, '') || ' ' || left(query, 80) FROM pg_stat_activity");

    private Convergence() {}

    /**
     * Demands that a database is as after an undisturbed boot, and that nothing is left of the disturbed ones.
     *
     * @param what for the message
     * @param database the database
     * @param end the catalog as it has to be
     */
    static void require(String what, TestDatabase database, List<String> end) {
        awaitNobody(database);
        requireNothingLeft(what, database);
        assertThat(catalog(database))
                .as(what + "; journal " + journal(database))
                .isEqualTo(end);
    }

    /** What a database is like, but for the number of tries. */
    static List<String> catalog(TestDatabase database) {
        return Catalog.of(database).stream()
                .filter(line -> !line.startsWith("sequence public.tries "))
                .toList();
    }

    /** Demands that no lock is held, nothing is prepared and nothing is invalid. */
    static void requireNothingLeft(String what, TestDatabase database) {
        assertThat(database.query("""
                        SELECT 'lock ' || objid FROM pg_locks
                         WHERE locktype = 'advisory'
                           AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                        UNION ALL SELECT 'prepared ' || gid FROM pg_prepared_xacts WHERE database = current_database()
                        UNION ALL SELECT 'invalid ' || indexrelid::regclass FROM pg_index WHERE NOT indisvalid
                        """)).as(what).isEmpty();
    }

    /** Waits until nobody is connected: a server may need a moment to notice that somebody has gone. */
    static void awaitNobody(TestDatabase database) {
        try {
            Conditions.await(
                    "nobody is connected", () -> database.query(SESSIONS).isEmpty());
        } catch (AssertionError e) {
            throw new AssertionError("a session is left: " + database.query(SESSIONS), e);
        }
    }

    /** Who is connected, and what they do or wait for. */
    static List<String> sessions(TestDatabase database) {
        return database.query(DOING);
    }

    /** Demands that what was to be done is done. */
    static void requireDone(String what, BootReport report) {
        require(what, isDone(report), report.toString());
    }

    /** Whether a report says that the database is as this build wants it. */
    static boolean isDone(BootReport report) {
        return report.outcome().acceptable() && DONE.contains(report.scenario());
    }

    static void require(String what, boolean condition, String otherwise) {
        assertThat(condition).as(what + ": " + otherwise).isTrue();
    }

    /** What scripts did, in their order. */
    static List<String> journal(TestDatabase database) {
        return database.query("SELECT what FROM journal ORDER BY place, what");
    }
}
