package org.keops.automigrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.keops.automigrate.model.Scenario;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Scripts;
import org.keops.automigrate.testing.TestDatabase;
import org.keops.automigrate.testing.Wrapper;

/** A data source may choose the database by what a thread has inherited: each boot asks that of its caller. */
class InheritedTenantTest {
    private static final InheritableThreadLocal<DataSource> TENANT = new InheritableThreadLocal<>();

    @TempDir
    Path directory;

    @Test
    void aMigratorThatIsKeptLooksAtTheDatabaseOfEachCall() throws Exception {
        new Scripts(directory).add("a1", "", "SELECT 1;");
        Migrator migrator = AutoMigrator.configure()
                .scripts(directory.toString())
                .leavePermissionsAlone()
                .build();
        DataSource chosen = Wrapper.that(() -> TENANT.get().getConnection());
        for (int tenant = 0; tenant < 3; tenant++) {
            try (TestDatabase database = PostgresServer.shared().database()) {
                TENANT.set(database.superuser());
                assertThat(migrator.run(chosen).scenario()).isEqualTo(Scenario.UNVERSIONED);
                assertThat(migrator.run(chosen).scenario()).isEqualTo(Scenario.AT_HEAD);
                assertThat(migrator.run(chosen).scenario()).isEqualTo(Scenario.AT_HEAD);
            } finally {
                TENANT.remove();
            }
        }
    }
}
