package org.keops.automigrate.testing;

import java.util.Properties;
import org.postgresql.Driver;

/** A server that runs already. */
final class GivenServer extends PostgresServer {

    private GivenServer(String host, int port, String user, String password) {
        super(host, port, user, password);
    }

    static PostgresServer at(String url) {
        Properties parts = Driver.parseURL(url, null);
        if (parts == null) {
            throw new IllegalArgumentException("-Dpostgres.server is not a URL of PostgreSQL's");
        }
        return new GivenServer(
                parts.getProperty("PGHOST"),
                Integer.parseInt(parts.getProperty("PGPORT")),
                parts.getProperty("user", "postgres"),
                parts.getProperty("password", ""));
    }

    @Override
    public void close() {
        // it is not ours to stop
    }
}
