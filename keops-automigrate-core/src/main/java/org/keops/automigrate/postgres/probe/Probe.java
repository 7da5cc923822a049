package org.keops.automigrate.postgres.probe;

import java.sql.SQLException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.postgres.grants.QuickAudit;
import org.keops.automigrate.postgres.session.Asked;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.version.VersionTableName;

/**
 * Looks at a database without changing or locking anything.
 *
 * <p>{@link #glance} is one round trip, outside any transaction, and enough for a boot at head. "Relation does not
 * exist" is not yet a database without a version: without USAGE on its schema PostgreSQL says the same. Only the catalog
 * tells, so {@link #look} asks it. Immutable and thread-safe.
 */
public final class Probe {
    private final VersionTableName name;
    private final Supplier<PermissionPolicy> policy;
    private final FirstSight firstSight;

    /**
     * Prepares a probe.
     *
     * @param name where to look for the version table
     * @param audit whether anything surely lacks nobody of the policy
     * @param policy whose permissions to look at, asked only where that is not sure
     */
    public Probe(VersionTableName name, QuickAudit audit, Supplier<PermissionPolicy> policy) {
        this.name = name;
        this.policy = policy;
        this.firstSight = new FirstSight(name, audit);
    }

    /**
     * Looks once, in one round trip, which tells where all is as it should be; else asks what is not, and only where that
     * does not tell either, looks properly.
     *
     * @param session the session, outside of a transaction
     * @return what is there
     * @throws SQLException if the connection fails
     */
    public Seen glance(Session session) throws SQLException {
        Inaccessible engine = engine(session);
        if (engine != null) {
            return Seen.only(engine);
        }
        try {
            Seen seen = firstSight.look(session);
            if (seen == null) {
                seen = closeLook().atOnce(session);
            }
            return seen == null ? look(session) : seen;
        } catch (SQLException e) {
            if (!needsALook(String.valueOf(e.getSQLState()))) {
                throw e;
            }
            return look(session);
        }
    }

    private static @Nullable Inaccessible engine(Session session) {
        return engine(session.told("server_version"), session.told("crdb_version"));
    }

    /**
     * Why this server is not worked on, or null. It says so when a connection is made, which costs no round trip.
     *
     * @param serverVersion the parameter of this name, null if it is not known
     * @param cockroachVersion what only CockroachDB says of itself
     */
    static @Nullable Inaccessible engine(@Nullable String serverVersion, @Nullable String cockroachVersion) {
        if (cockroachVersion != null) {
            return Engine.cockroach();
        }
        return serverVersion != null && serverVersion.contains("-YB-") ? Engine.yugabyte() : null;
    }

    private static boolean needsALook(String state) {
        return switch (state) {
            case "42P01", // no such relation, or not for this role
                    "42501", // not permitted
                    "42703", // no column version_num
                    "42704", // a role that was dropped at this moment
                    "42809", // an index, a type
                    "3F000" // no such schema
            -> true;
            default -> false;
        };
    }

    /**
     * Looks properly: asks the catalog where the version table is, then reads it there.
     *
     * @param session the session
     * @return what is there, with the place of the version table
     * @throws SQLException if the connection fails
     */
    public Seen look(Session session) throws SQLException {
        Inaccessible engine = engine(session);
        return engine == null ? Queries.together(session.connection(), question(session)) : Seen.only(engine);
    }

    /**
     * What {@link #look} asks, to travel with something else; of an engine on which a look has been had.
     *
     * @param session the session
     * @return the question
     * @throws SQLException if the connection is closed
     */
    public Asked<Seen> question(Session session) throws SQLException {
        return closeLook().question(session);
    }

    private CloseLook closeLook() {
        return new CloseLook(name, policy);
    }
}
