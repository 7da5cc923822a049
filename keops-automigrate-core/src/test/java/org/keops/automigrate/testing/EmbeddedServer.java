package org.keops.automigrate.testing;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

/** A server from the binaries on Maven Central: needs neither an installation nor Docker, works as root. */
final class EmbeddedServer extends PostgresServer {
    private final EmbeddedPostgres postgres;

    private EmbeddedServer(EmbeddedPostgres postgres) {
        super("127.0.0.1", postgres.getPort(), "postgres", SUPERUSER_PASSWORD);
        this.postgres = postgres;
    }

    static PostgresServer launch() {
        try {
            Path data = InMemory.directory();
            EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    // what it has written is deleted sooner
                    .setServerConfig("max_wal_size", "256MB")
                    .setServerConfig("password_encryption", "scram-sha-256")
                    .setServerConfig("max_prepared_transactions", "4")
                    .start();
            run(postgres.getPostgresDatabase(), "ALTER ROLE postgres PASSWORD '" + SUPERUSER_PASSWORD + "'");
            requirePasswords(data.resolve("pg_hba.conf"));
            // it takes locks and transaction numbers when no test expects them; who wants it awake wakes it
            run(postgres.getPostgresDatabase(), "ALTER SYSTEM SET autovacuum = off");
            run(postgres.getPostgresDatabase(), "SELECT pg_reload_conf()");
            EmbeddedServer server = new EmbeddedServer(postgres);
            server.awaitPasswords();
            return server;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private static void requirePasswords(Path file) throws IOException {
        Files.writeString(file, """
                local all all scram-sha-256
                host all all 127.0.0.1/32 scram-sha-256
                host all all ::1/128 scram-sha-256
                """);
    }

    /** The server reads its files when it gets to it; until then any password would do. */
    private void awaitPasswords() {
        Conditions.await("the server asks for passwords", () -> {
            try {
                dataSource("postgres", "postgres", "wrong").getConnection().close();
                return false;
            } catch (SQLException e) {
                return "28P01".equals(e.getSQLState());
            }
        });
    }

    @Override
    public void close() {
        try {
            postgres.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
