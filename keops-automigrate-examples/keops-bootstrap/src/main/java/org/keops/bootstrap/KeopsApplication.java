package org.keops.bootstrap;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * KEOPS's boot. It serves first and goes on serving whatever the database does; in the background it brings the schema
 * up to date, then opens the application's own connections.
 *
 * <p>Thread-safe. Close it to stop it.
 */
public final class KeopsApplication implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeopsApplication.class);
    private static final int SECONDS_BETWEEN_CHECKS = 2;
    private static final int SECONDS_TO_END = 5;

    private final Settings settings;
    private final Migration migration;
    private final ApplicationPool pool;
    private final HttpEndpoint endpoint;
    private final Thread background = Threads.daemon("keops-database").newThread(this::lookAfterDatabase);

    private KeopsApplication(Settings settings) throws IOException {
        this.settings = settings;
        this.migration = new Migration(settings.migration());
        this.pool = new ApplicationPool(settings.application());
        this.endpoint = HttpEndpoint.open(settings.httpPort(), this::health);
    }

    /**
     * Boots KEOPS as the environment says, until a signal ends it.
     *
     * @param arguments none
     * @throws IOException if the port to serve on can not be had
     */
    public static void main(String[] arguments) throws IOException {
        KeopsApplication application = start(System.getenv());
        Runtime.getRuntime().addShutdownHook(new Thread(application::close, "keops-shutdown"));
    }

    /**
     * Boots KEOPS. Returns at once, serving; the database comes later.
     *
     * @param environment the variables; {@code README.md} lists them
     * @return the running application
     * @throws IOException if the port to serve on can not be had: without it there is nothing to run
     */
    public static KeopsApplication start(Map<String, String> environment) throws IOException {
        Settings settings = Environment.read(environment);
        KeopsApplication application = new KeopsApplication(settings);
        LOG.info("KEOPS serves on http://localhost:{}/health", application.port());
        settings.problems().forEach(LOG::warn);
        application.migration.start(application.background::start);
        return application;
    }

    /** After the schema the pool, whatever came of the schema: KEOPS works with an old one rather than not at all. */
    private void lookAfterDatabase() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                pool.check();
                TimeUnit.SECONDS.sleep(SECONDS_BETWEEN_CHECKS);
            }
        } catch (InterruptedException e) {
            LOG.debug("no more checks: KEOPS ends");
        }
    }

    private Health health() {
        return new Health(settings.problems(), migration.state(), pool.state());
    }

    /**
     * Where it serves.
     *
     * @return the port
     */
    public int port() {
        return endpoint.port();
    }

    /**
     * Stops serving, then lets go of the database: a migration that still runs is cancelled and rolled back.
     */
    @Override
    public void close() {
        endpoint.close();
        migration.close();
        background.interrupt();
        try {
            background.join(TimeUnit.SECONDS.toMillis(SECONDS_TO_END));
            if (background.isAlive()) {
                LOG.warn("the checks of the database have not ended within {} s, leaving them", SECONDS_TO_END);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        pool.close();
    }
}
