package org.keops.automigrate.testing;

import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** A server in a container. */
final class DockerServer extends PostgresServer {
    private final PostgreSQLContainer container;

    private DockerServer(PostgreSQLContainer container) {
        super(container.getHost(), container.getMappedPort(5432), "postgres", SUPERUSER_PASSWORD);
        this.container = container;
    }

    static boolean dockerAnswers() {
        return DockerClientFactory.instance().isDockerAvailable();
    }

    static PostgresServer launch() {
        String version = System.getProperty("postgres.version", "18");
        String major = version.contains(".") ? version.substring(0, version.indexOf('.')) : version;
        @SuppressWarnings("resource") // closed by close()
        PostgreSQLContainer container = new PostgreSQLContainer("postgres:" + major)
                .withUsername("postgres")
                .withPassword(SUPERUSER_PASSWORD);
        container.start();
        return new DockerServer(container);
    }

    @Override
    public void close() {
        container.stop();
    }
}
