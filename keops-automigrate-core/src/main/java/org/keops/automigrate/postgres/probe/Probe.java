package org.keops.automigrate.postgres.probe;

import java.sql.SQLException;
import java.util.List;
import java.util.SortedSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.DatabaseState.Unversioned;
import org.keops.automigrate.model.DatabaseState.Versioned;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.postgres.grants.QuickAudit;
import org.keops.automigrate.postgres.session.Asked;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Question;
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
    /** Or not for this role. */
    private static final String NO_SUCH_RELATION = "42P01";

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
        this.firstSight = new FirstSight(name.schema(), name.table(), audit);
    }

    /** What to ask before there is a session. */
    public FirstSight firstSight() {
        return firstSight;
    }

    /**
     * Looks once, in one round trip, which tells where all is as it should be; else asks what is not, and only where that
     * does not tell either, looks properly. Where there seems to be no version table it leaves that to the caller, who may
     * have something to do meanwhile.
     *
     * @param session the session, outside of a transaction
     * @return what is there; {@link Seen#isSure} tells whether to {@link #look}
     * @throws SQLException if the connection fails
     */
    public Seen glance(Session session) throws SQLException {
        Inaccessible engine = engine(session);
        if (engine != null) {
            return Seen.only(engine);
        }
        try {
            Seen seen = firstSight(session);
            if (seen == null) {
                seen = closeLook().atOnce(session);
            }
            return seen == null ? look(session) : seen;
        } catch (SQLException e) {
            String state = String.valueOf(e.getSQLState());
            if (NO_SUCH_RELATION.equals(state)) {
                return Seen.only(new Unversioned(false));
            }
            if (!needsALook(state)) {
                throw e;
            }
            return look(session);
        }
    }

    /** With the answer that has come before there was a session, or with one of its own; null if that does not tell. */
    private @Nullable Seen firstSight(Session session) throws SQLException {
        Question early = session.takeAnswer();
        Question answer = early == null ? firstSight.ask(session) : early;
        SQLException failure = answer.failure();
        if (failure != null) {
            throw failure;
        }
        SortedSet<RevisionId> ids = FirstSight.sound(answer);
        return ids == null
                ? null
                : new Seen(
                        new Versioned(ids, false), session.isPooled(FirstSight.backend(answer)), List.of(), null, null);
    }

    private static @Nullable Inaccessible engine(Session session) {
        return engine(session.told("server_version"), session.told("crdb_version"));
    }

    /**
     * Why this server is not worked on, or null.
     *
     * @param serverVersion the parameter of this name, null if it is not known
     * @param cockroachVersion what only CockroachDB says of itself
     */
    static @Nullable Inaccessible engine(@Nullable String serverVersion, @Nullable String cockroachVersion) {
        if (!FirstSight.isForeign(serverVersion, cockroachVersion)) {
            return null;
        }
        return cockroachVersion == null ? Engine.yugabyte() : Engine.cockroach();
    }

    private static boolean needsALook(String state) {
        return switch (state) {
            case "42501", // not permitted
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
        return engine == null
                ? Queries.together(session.connection(), closeLook().question(session))
                : Seen.only(engine);
    }

    /**
     * The same before work that ends with a look at the permissions: they are not asked about, and are taken to lack
     * something.
     *
     * @param session the session
     * @return what is there, with the place of the version table
     * @throws SQLException if the connection fails
     */
    public Seen lookBeforeWork(Session session) throws SQLException {
        Inaccessible engine = engine(session);
        return engine == null
                ? Queries.together(session.connection(), questionBeforeWork(session, null))
                : Seen.only(engine);
    }

    /**
     * What {@link #lookBeforeWork} asks, to travel with something else; of an engine on which a look has been had. If that look
     * has found a version table, its rows and its comment are asked for with the rest.
     *
     * @param session the session
     * @param before what was seen then, or null if nothing is known
     * @return the question
     */
    public Asked<Seen> questionBeforeWork(Session session, @Nullable Seen before) {
        return closeLook().questionBeforeWork(session, before);
    }

    private CloseLook closeLook() {
        return new CloseLook(name, policy);
    }
}
