package org.keops.bootstrap.testing;

import java.util.HashMap;
import java.util.Map;
import org.keops.automigrate.AutoMigrator;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.TestDatabase;

/**
 * KEOPS's databases on a server: the legacy one with its rows, copies of it, and what an environment says of them.
 *
 * @param server the server
 */
public record KeopsFixture(PostgresServer server) {
    /** The application's role. */
    public static final String ROLE = "keopsdb";

    /** Its password: with everything that a URL or an ini file would take for something else. */
    public static final String PASSWORD = "keops/pass@%: #2";

    /** Makes the application's role where it is missing. */
    public KeopsFixture {
        server.role(ROLE, PASSWORD);
        server.execute("postgres", "ALTER ROLE " + ROLE + " PASSWORD '" + PASSWORD + "'");
    }

    /**
     * On the server of this JVM.
     *
     * @return the fixture
     */
    public static KeopsFixture shared() {
        return new KeopsFixture(PostgresServer.shared());
    }

    /**
     * A KEOPS database from before its first migration, in use: a few hundred rows.
     *
     * @return a new database at revision 39f0aae0582b; close it
     */
    public TestDatabase legacy() {
        TestDatabase database = server.database();
        database.execute(Resources.text("legacy.sql"), Resources.text("legacy-rows.sql"));
        return database;
    }

    /**
     * Copies a database.
     *
     * @param original nobody may be connected to it
     * @return a copy; close it
     */
    public TestDatabase copy(TestDatabase original) {
        TestDatabase copy = server.databaseLike(original.name());
        // these two are the server's, not the database's: CREATE DATABASE does not copy them
        copy.execute(
                "REVOKE CONNECT ON DATABASE " + copy.name() + " FROM PUBLIC",
                "GRANT CONNECT ON DATABASE " + copy.name() + " TO " + ROLE);
        return copy;
    }

    /**
     * Does what Alembic does, and not what KEOPS's permission file does.
     *
     * @param database an older one
     * @param revision the revision to upgrade to
     * @return what the library reports
     */
    public static BootReport upgradeOnly(TestDatabase database, String revision) {
        return AutoMigrator.configure()
                .scripts(Revisions.upTo(revision))
                .leavePermissionsAlone()
                .run(database.superuser())
                .orElseThrow();
    }

    /**
     * The variables of a KEOPS for a database.
     *
     * @param database which
     * @param others variables to add or to replace, name and value in turn
     * @return all right, impatient, and on any free port
     */
    public Map<String, String> environment(TestDatabase database, String... others) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "KEOPS_DB_HOST",
                server.host(),
                "KEOPS_DB_PORT",
                String.valueOf(server.port()),
                "KEOPS_DB_NAME",
                database.name(),
                "KEOPS_DB_USER",
                ROLE,
                "KEOPS_DB_PASS",
                PASSWORD,
                "POSTGRESPASSWORD",
                server.password(),
                "KEOPS_DB_PATIENCE_SECONDS",
                "0",
                "KEOPS_HTTP_PORT",
                "0"));
        for (int i = 0; i < others.length; i += 2) {
            environment.put(others[i], others[i + 1]);
        }
        return environment;
    }
}
