package org.keops.bootstrap.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.bootstrap.testing.KeopsFixture;
import org.keops.bootstrap.testing.Revisions;
import org.keops.bootstrap.testing.Snapshot;

/** The six scenes of the demo, in the order in which one legacy database lives through them. */
final class Scenes {
    private static final String NEWER_BUILD = "f00dfeedcafe";
    private static final String SENTENCES = "SELECT count(*) FROM keopsdb.sentences";
    private static final String TASKS = "SELECT count(*) FROM keopsdb.tasks";
    private static final String FEEDBACK = "SELECT count(*) FROM keopsdb.feedback";
    private static final String GIVE_FEEDBACK =
            "INSERT INTO keopsdb.feedback (score, task_id, user_id) VALUES (5, 1, 1) RETURNING score";
    private static final Duration IMPATIENT = Duration.ofSeconds(25);

    private final Stage stage;
    private final Report report;

    Scenes(Stage stage) {
        this.stage = stage;
        this.report = stage.report();
    }

    void playAll() {
        try (TestDatabase legacy = stage.keops().legacy()) {
            introduce(legacy);
            offline(legacy);
            wrongPassword(legacy);
            unversioned(legacy);
            behind(legacy);
            revoked(legacy);
            ahead(legacy);
        }
    }

    private void introduce(TestDatabase legacy) {
        List<String> lines = Snapshot.of(legacy);
        report.line("PostgreSQL " + legacy.query("SHOW server_version").get(0) + ", every role needs its password.");
        report.line("A legacy KEOPS database: " + Snapshot.tables(lines) + " tables, " + Snapshot.rows(lines)
                + " rows, at revision " + Revisions.BASE + ".");
        report.line("This build has " + Revisions.LINE.size() + " revisions, the latest is " + Revisions.HEAD + ".");
    }

    private void offline(TestDatabase legacy) {
        report.scene("The database is offline");
        report.entry("given", "KEOPS_DB_PORT where nobody listens; patience of 1 s in place of KEOPS's 50 s");
        List<String> before = Snapshot.of(legacy);
        stage.boot(
                legacy,
                "scenario 1, /health 200, /ready 503, application pool down",
                "KEOPS_DB_PORT",
                String.valueOf(closedPort()),
                "KEOPS_DB_PATIENCE_SECONDS",
                "1");
        stage.version(legacy, Revisions.BASE);
        stage.asBefore(legacy, before);
    }

    private void wrongPassword(TestDatabase legacy) {
        report.scene("The server rejects the password");
        report.entry("given", "a wrong POSTGRESPASSWORD; KEOPS's patience of 50 s");
        List<String> before = Snapshot.of(legacy);
        long start = System.nanoTime();
        stage.boot(
                legacy,
                "scenario 2, /health 200, /ready 503, application pool up",
                "POSTGRESPASSWORD",
                "not-the-password",
                "KEOPS_DB_PATIENCE_SECONDS",
                "50");
        boolean atOnce = System.nanoTime() - start < IMPATIENT.toNanos();
        report.proof("not tried again, patience or not: that would lock the account", true, atOnce);
        stage.version(legacy, Revisions.BASE);
        stage.asBefore(legacy, before);
        stage.asKeops(legacy, SENTENCES, "294");
    }

    private void unversioned(TestDatabase legacy) {
        report.scene("No Alembic version is recorded");
        try (TestDatabase fresh = stage.keops().copy(legacy)) {
            KeopsFixture.upgradeOnly(fresh, Revisions.HEAD);
            fresh.execute("DROP TABLE public.alembic_version");
            report.entry("given", "another database, with the latest schema and no version table");
            List<String> before = Snapshot.of(fresh);
            stage.boot(fresh, "scenario 3, /health 200, /ready 200, application pool up");
            stage.version(fresh, Revisions.HEAD);
            List<String> others = withoutVersionTable(Snapshot.of(fresh));
            report.proof("nothing else is written: " + others.size() + " other lines are as before", before, others);
            stage.asKeops(fresh, SENTENCES, "588");
            stage.asKeops(fresh, FEEDBACK, "permission denied for table feedback");
            report.entry("note", "as with KEOPS's script, permissions are repaired from the next boot on");
        }
    }

    private void behind(TestDatabase legacy) {
        report.scene("The database is behind");
        report.entry("given", "the legacy database");
        stage.boot(legacy, "scenario 5, /health 200, /ready 200, application pool up");
        stage.version(legacy, Revisions.HEAD);
        List<String> now = Snapshot.of(legacy);
        report.proof(
                "byte for byte what KEOPS's own Alembic makes: " + now.size() + " lines, " + Snapshot.tables(now)
                        + " tables, " + Snapshot.rows(now) + " rows",
                Snapshot.granted(Snapshot.golden(Revisions.HEAD)),
                now);
        stage.asKeops(legacy, SENTENCES, "588");
        stage.asKeops(legacy, GIVE_FEEDBACK, "5");
        stage.asKeops(legacy, FEEDBACK, "1");
        stage.asKeops(legacy, "SELECT version_num FROM alembic_version", "permission denied for table alembic_version");
    }

    private void revoked(TestDatabase legacy) {
        report.scene("The database is at head, but somebody has revoked a privilege");
        List<String> before = Snapshot.of(legacy);
        legacy.execute("REVOKE SELECT, UPDATE ON keopsdb.tasks FROM keopsdb");
        report.entry("given", "REVOKE SELECT, UPDATE ON keopsdb.tasks FROM keopsdb");
        stage.asKeops(legacy, TASKS, "permission denied for table tasks");
        stage.boot(legacy, "scenario 4, /health 200, /ready 200, application pool up");
        stage.version(legacy, Revisions.HEAD);
        stage.asKeops(legacy, TASKS, "18");
        stage.asBefore(legacy, before);
    }

    private void ahead(TestDatabase legacy) {
        report.scene("The database is ahead: a newer build was here");
        legacy.execute("UPDATE public.alembic_version SET version_num = '" + NEWER_BUILD + "'");
        report.entry("given", "alembic_version records " + NEWER_BUILD + ", not among this build's scripts");
        List<String> before = Snapshot.of(legacy);
        stage.boot(legacy, "scenario 6, /health 200, /ready 200, application pool up");
        stage.version(legacy, NEWER_BUILD);
        stage.asBefore(legacy, before);
        stage.asKeops(legacy, SENTENCES, "588");
    }

    private static List<String> withoutVersionTable(List<String> lines) {
        List<String> others = new ArrayList<>(lines);
        others.removeIf(line -> line.contains("alembic_version") || line.startsWith("version "));
        return others;
    }

    private static int closedPort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
