package org.keops.automigrate.permissions;

import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.testing.PostgresServer;

/** Roles for tests: they belong to the server, and outlive the database of a test. */
final class Roles {
    static final String PASSWORD = "app";

    private Roles() {}

    static void make(String... roles) {
        for (String role : roles) {
            PostgresServer.shared()
                    .execute(
                            "postgres",
                            "DO $$ BEGIN CREATE ROLE " + SqlNames.identifier(role) + " LOGIN PASSWORD '" + PASSWORD
                                    + "'; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$");
        }
    }

    static void grant(String role, String to) {
        PostgresServer.shared()
                .execute("postgres", "GRANT " + SqlNames.identifier(role) + " TO " + SqlNames.identifier(to));
    }
}
