package org.keops.automigrate.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

/** The second way to a server: runs wherever Docker answers. */
class DockerSmokeTest {

    @Test
    void aServerInAContainerAsksForPasswords() {
        assumeTrue(DockerServer.dockerAnswers(), "no Docker engine answers here: the container way is not tried");
        try (PostgresServer server = DockerServer.launch();
                TestDatabase database = server.database()) {
            assertThat(database.query("SELECT 1")).containsExactly("1");
        }
    }
}
