package org.keops.automigrate.postgres.probe;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.DatabaseState.Versioned;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.postgres.grants.QuickAudit;
import org.keops.automigrate.postgres.session.Answers;
import org.keops.automigrate.postgres.session.Asked;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.version.VersionRows;
import org.keops.automigrate.postgres.version.VersionTableFinder;
import org.keops.automigrate.postgres.version.VersionTableName;

/**
 * Looks at a database without changing or locking anything.
 *
 * <p>{@link #glance} is one round trip, outside any transaction, and enough for a boot at head. "Relation does not
 * exist" is not yet a database without a version: without USAGE on its schema PostgreSQL says the same. Only the catalog
 * tells, so {@link #look} asks it. Immutable and thread-safe.
 */
public final class Probe {
    private static final Set<String> NEEDS_A_LOOK = Set.of(
            "42P01", // no such relation, or not for this role
            "42501", // not permitted
            "42703", // no column version_num
            "42704", // a role that was dropped at this moment
            "42809", // an index, a type
            "3F000"); // no such schema

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
        Inaccessible engine = Engine.obstacle(session);
        if (engine != null) {
            return Seen.only(engine);
        }
        try {
            Seen seen = firstSight.look(session);
            if (seen == null) {
                seen = glanceExactly(session);
            }
            return seen == null ? look(session) : seen;
        } catch (SQLException e) {
            if (!NEEDS_A_LOOK.contains(String.valueOf(e.getSQLState()))) {
                throw e;
            }
            return look(session);
        }
    }

    /**
     * Looks properly: asks the catalog where the version table is, then reads it there.
     *
     * @param session the session
     * @return what is there, with the place of the version table
     * @throws SQLException if the connection fails
     */
    public Seen look(Session session) throws SQLException {
        Inaccessible engine = Engine.obstacle(session);
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
        VersionTableFinder finder = new VersionTableFinder(name);
        String[] questions = finder.questions();
        return new Asked<>(
                List.of(
                        Queries.filled(SessionFacts.sql(policy.get()), parameters(session)),
                        questions[0],
                        questions[1]),
                answers -> seen(session, finder, answers));
    }

    private static Seen seen(Session session, VersionTableFinder finder, Answers answers) throws SQLException {
        SessionFacts facts = answers.next(SessionFacts::readOnly);
        boolean pooled = session.isPooled(facts.backend());
        Inaccessible obstacle = facts.obstacle();
        if (obstacle != null) {
            return new Seen(obstacle, pooled, List.of(), null);
        }
        VersionTableFinder.Found found = finder.find(session.connection(), finder.read(answers), facts.lacks());
        return new Seen(found.state(), pooled, facts.findings(), found.table());
    }

    private @Nullable Seen glanceExactly(Session session) throws SQLException {
        try (Statement statement = session.connection().createStatement()) {
            statement.setEscapeProcessing(false);
            try (ResultSet rows = statement.executeQuery(exactly(session))) {
                return glanced(session, rows);
            }
        }
    }

    private String exactly(Session session) throws SQLException {
        String sql = "SELECT v.version_num, CAST(pg_catalog.pg_typeof(v.version_num) AS pg_catalog.text), f.* FROM ("
                + SessionFacts.sql(policy.get()) + ") f LEFT JOIN " + name.sql() + " v ON true";
        return Queries.filled(sql, parameters(session));
    }

    /** Null where the glance does not tell. */
    private @Nullable Seen glanced(Session session, ResultSet rows) throws SQLException {
        // version_num comes first, once for each row; the facts stand in every row, also where there is no version
        rows.next();
        SessionFacts facts = SessionFacts.read(rows);
        boolean pooled = session.isPooled(facts.backend());
        Inaccessible obstacle = facts.obstacle();
        if (obstacle != null) {
            return new Seen(obstacle, pooled, List.of(), null);
        }
        VersionRows versions = VersionRows.readFromCurrent(rows, rows.getString(2));
        if (versions.odd() != null || versions.ids().isEmpty()) {
            return null;
        }
        DatabaseState state = new Versioned(versions.ids(), facts.lacks());
        return new Seen(state, pooled, facts.findings(), null);
    }

    private String[] parameters(Session session) throws SQLException {
        return SessionFacts.parameters(policy.get(), name.table(), session.serverMajorVersion());
    }
}
