package org.keops.automigrate;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;

/** A database and a directory for scripts, anew for each test. */
abstract class OnADatabase {
    @TempDir
    Path directory;

    Scripts scripts;
    TestDatabase database;

    @BeforeEach
    void makeDatabase() {
        scripts = new Scripts(directory);
        database = PostgresServer.shared().database();
    }

    @AfterEach
    void dropDatabase() {
        database.close();
    }

    MigratorBuilder configure() {
        return AutoMigrator.configure().scripts(directory.toString()).leavePermissionsAlone();
    }

    MigratorBuilder fromBase() {
        return configure().whenUnversioned(WhenUnversioned.upgradeFromBase());
    }

    /** What is recorded. */
    List<String> rows() {
        return database.query("SELECT version_num FROM alembic_version ORDER BY 1");
    }
}
