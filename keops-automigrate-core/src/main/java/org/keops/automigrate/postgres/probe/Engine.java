package org.keops.automigrate.postgres.probe;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.Obstacle;
import org.keops.automigrate.postgres.session.Session;

/**
 * Engines that speak PostgreSQL's protocol and break what we rest on: that a transaction takes DDL back, and that an advisory
 * lock excludes. Recognised by what they say when a connection is made, which costs no round trip; see
 * {@code docs/scale.md}. Stateless.
 */
final class Engine {

    private Engine() {}

    /** Why this server is not worked on, or null. */
    static @Nullable Inaccessible obstacle(Session session) throws SQLException {
        return obstacle(session.told("server_version"), session.told("crdb_version"));
    }

    /**
     * Why not.
     *
     * @param serverVersion the parameter of this name, null if it is not known
     * @param cockroachVersion what only CockroachDB says of itself
     */
    static @Nullable Inaccessible obstacle(@Nullable String serverVersion, @Nullable String cockroachVersion) {
        if (cockroachVersion != null) {
            return refused(
                    "CockroachDB, where advisory locks exclude nobody and schema changes outlive their transaction");
        }
        if (serverVersion != null && serverVersion.contains("-YB-")) {
            return refused("YugabyteDB, where by default a transaction does not take DDL back");
        }
        return null;
    }

    private static Inaccessible refused(String what) {
        return new Inaccessible(
                Obstacle.ENGINE, "this is " + what + ": an upgrade that fails would be half done; use PostgreSQL");
    }
}
