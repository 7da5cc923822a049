package org.keops.automigrate.reliability;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.testing.Pgbouncer;
import org.keops.automigrate.testing.PostgresServer;
import org.keops.automigrate.testing.Style;
import org.keops.automigrate.testing.TestDatabase;

/** Many instances boot at once through a pooler that has fewer sessions than there are instances. */
class ManyBehindPgbouncerTest {
    private static final int INSTANCES = 10;

    @TempDir
    Path scripts;

    @TempDir
    Path pooler;

    @ParameterizedTest
    @CsvSource({"session, upgrade from nothing", "transaction, upgrade in a transaction each"})
    void theWorkIsDoneOnce(String mode, String name) throws Exception {
        Assumptions.assumeTrue(Pgbouncer.isInstalled(), "pgbouncer is not on the PATH");
        PostgresServer server = PostgresServer.shared();
        try (Stories stories = Stories.on(server, scripts, name)) {
            Story story = stories.all().get(0);
            try (TestDatabase database = story.database()) {
                atOnce(mode, story, database);
                Convergence.requireDone(name, story.tell(database.superuser()));
                Convergence.require(name + ", " + mode, database, story.end());
            }
        }
    }

    private void atOnce(String mode, Story story, TestDatabase database) throws Exception {
        PostgresServer server = database.server();
        String address = "shop = host=" + server.host() + " port=" + server.port() + " dbname=" + database.name();
        // a pooler's list of users has no escapes, so a role with a plain password stands in for the superuser
        server.role("crowd_owner", "owner");
        server.execute("postgres", "ALTER ROLE crowd_owner SUPERUSER", "ALTER ROLE crowd_owner SET role = postgres");
        try (Pgbouncer bouncer = Pgbouncer.start(pooler, mode, Map.of("crowd_owner", "owner"), address, 30, 3)) {
            DataSource pooled = Style.PLAIN.of(bouncer.url("shop", "crowd_owner", "owner"));
            List<CompletableFuture<BootReport>> boots = new ArrayList<>();
            for (int i = 0; i < INSTANCES; i++) {
                boots.add(CompletableFuture.supplyAsync(() -> story.tell(pooled), Trial::onThread));
            }
            for (CompletableFuture<BootReport> boot : boots) {
                Convergence.requireDone(mode, Trial.within(boot::get));
            }
        }
    }
}
