package org.keops.bootstrap.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.bootstrap.KeopsApplication;
import org.keops.bootstrap.testing.KeopsClient;
import org.keops.bootstrap.testing.KeopsClient.Answer;
import org.keops.bootstrap.testing.KeopsFixture;
import org.keops.bootstrap.testing.Snapshot;

/**
 * What every scene does: boot KEOPS, and prove something.
 *
 * @param keops the databases
 * @param report where it is printed
 */
record Stage(KeopsFixture keops, Report report) {

    /** Boots KEOPS, waits until it has come to terms with its database, tells what it says, and ends it. */
    void boot(TestDatabase database, String expected, String... variables) {
        try (KeopsApplication application = KeopsApplication.start(keops.environment(database, variables))) {
            KeopsClient client = new KeopsClient(application.port());
            Answer health = client.settled();
            String scenario = health.field("scenario") + ", "
                    + health.field("scenarioName").replace('_', ' ').toLowerCase(Locale.ROOT);
            report.entry("found", scenario);
            report.entry("done", health.field("report"));
            health.list("permissionsRepaired").forEach(statement -> report.entry("", statement.replace("\"", "")));
            String seen = "scenario " + health.field("scenario") + ", /health " + health.status() + ", /ready "
                    + client.get("/ready").status() + ", application pool " + health.field("applicationPool");
            report.proof("over HTTP: " + seen, expected, seen);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void version(TestDatabase database, String expected) {
        String read = String.join(", ", database.query("SELECT version_num FROM public.alembic_version ORDER BY 1"));
        report.proof("alembic_version: " + read, expected, read);
    }

    void asBefore(TestDatabase database, List<String> before) {
        List<String> now = Snapshot.of(database);
        report.proof(
                "the database is as before: " + now.size() + " lines of catalog, privileges and row digests",
                before,
                now);
    }

    /** Logs in as the application's role, with its password, and tries. */
    void asKeops(TestDatabase database, String sql, String expected) {
        String read = tried(database, sql);
        report.proof("as keopsdb: " + sql + ": " + read, expected, read);
    }

    private static String tried(TestDatabase database, String sql) {
        try {
            return TestDatabase.query(database.as(KeopsFixture.ROLE, KeopsFixture.PASSWORD), sql)
                    .get(0);
        } catch (IllegalStateException e) {
            return String.valueOf(e.getCause().getMessage()).replace("ERROR: ", "");
        }
    }
}
