package org.keops.automigrate.testing;

import java.util.Arrays;
import org.keops.automigrate.model.SqlNames;
import org.postgresql.ds.PGSimpleDataSource;

/** Who migrates in tests of permissions. */
public enum MigratingRole {
    /** May do everything. */
    SUPERUSER,
    /**
     * A login without any attribute of its own, neither superuser nor CREATEROLE, that the database and what it makes in it
     * belong to: what a managed server gives to its customers.
     */
    OWNER;

    private static final String OWNERS_NAME = "Plain \"owner";
    private static final String OWNERS_PASSWORD = "owner";

    /**
     * Makes an empty database that belongs to this role.
     *
     * @param speaksFor roles that it may act as, besides
     * @return the database; close it to drop it
     */
    public TestDatabase database(String... speaksFor) {
        TestDatabase database = PostgresServer.shared().database();
        if (this == OWNER) {
            make();
            database.execute("ALTER DATABASE " + database.name() + " OWNER TO " + quoted());
            database.execute(Arrays.stream(speaksFor)
                    .map(role -> "GRANT " + SqlNames.identifier(role) + " TO " + quoted())
                    .toArray(String[]::new));
        }
        return database;
    }

    /** Makes the role unless it exists. */
    public void make() {
        PostgresServer.shared()
                .execute(
                        "postgres",
                        "DO $$ BEGIN CREATE ROLE " + quoted() + " LOGIN PASSWORD '" + OWNERS_PASSWORD
                                + "'; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$");
    }

    /**
     * Its plain data source.
     *
     * @param database the database
     * @return a new data source
     */
    public PGSimpleDataSource of(TestDatabase database) {
        return this == OWNER ? database.as(OWNERS_NAME, OWNERS_PASSWORD) : database.superuser();
    }

    /**
     * Runs statements as this role.
     *
     * @param database where
     * @param statements what
     */
    public void execute(TestDatabase database, String... statements) {
        PostgresServer.run(of(database), statements);
    }

    /**
     * Its name.
     *
     * @return as it is written in SQL
     */
    public String quoted() {
        return SqlNames.identifier(
                this == OWNER ? OWNERS_NAME : PostgresServer.shared().superuser());
    }
}
