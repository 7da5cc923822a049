package org.keops.automigrate.postgres.probe;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.DatabaseState.Inaccessible;
import org.keops.automigrate.model.DatabaseState.Versioned;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.postgres.session.Answers;
import org.keops.automigrate.postgres.session.Asked;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.version.VersionRows;
import org.keops.automigrate.postgres.version.VersionTable;
import org.keops.automigrate.postgres.version.VersionTableFinder;
import org.keops.automigrate.postgres.version.VersionTableName;

/**
 * The questions of a {@link Probe} that a boot asks only where the first sight does not tell. Immutable and thread-safe.
 *
 * @param name where to look for the version table
 * @param policy whose permissions to look at
 */
record CloseLook(VersionTableName name, Supplier<PermissionPolicy> policy) {

    /** What is there, with the place of the version table, which the catalog tells. */
    Asked<Seen> question(Session session) throws SQLException {
        return question(session, Queries.filled(SessionFacts.sql(policy.get()), parameters(session)), null);
    }

    /**
     * The same before work that ends with a look at the permissions: they are taken to lack something.
     *
     * @param before what was seen before, or null
     */
    Asked<Seen> questionBeforeWork(Session session, @Nullable Seen before) {
        PermissionPolicy wanted = policy.get();
        return question(
                session,
                Queries.filled(SessionFacts.sqlBeforeWork(wanted), SessionFacts.parametersBeforeWork(wanted)),
                before == null ? null : tableOf(before));
    }

    /** The table that was there, as SQL names it. */
    private @Nullable String tableOf(Seen before) {
        VersionTable table = before.table();
        if (table == null) {
            return before.state() instanceof Versioned ? name.sql() : null;
        }
        return table.exists() ? table.sql() : null;
    }

    private Asked<Seen> question(Session session, String facts, @Nullable String table) {
        VersionTableFinder finder = new VersionTableFinder(name, table);
        List<String> questions = new ArrayList<>();
        questions.add(facts);
        questions.addAll(finder.questions());
        return new Asked<>(questions, answers -> seen(session, finder, answers));
    }

    private static Seen seen(Session session, VersionTableFinder finder, Answers answers) throws SQLException {
        SessionFacts facts = answers.next(SessionFacts::readOnly);
        boolean pooled = session.isPooled(facts.backend());
        Inaccessible obstacle = facts.obstacle();
        if (obstacle != null) {
            return new Seen(obstacle, pooled, List.of(), null, null);
        }
        VersionTableFinder.Found found = finder.find(session.connection(), finder.read(answers), facts.lacks());
        return new Seen(found.state(), pooled, facts.findings(), found.table(), found.comment());
    }

    /** In one round trip, where the version table is taken to be where it should; null where that does not tell. */
    @Nullable
    Seen atOnce(Session session) throws SQLException {
        try (Statement statement = session.connection().createStatement()) {
            statement.setEscapeProcessing(false);
            try (ResultSet rows = statement.executeQuery(atOnceSql(session))) {
                return seen(session, rows);
            }
        }
    }

    private String atOnceSql(Session session) throws SQLException {
        String sql = "SELECT v.version_num, CAST(pg_catalog.pg_typeof(v.version_num) AS pg_catalog.text), f.* FROM ("
                + SessionFacts.sql(policy.get()) + ") f LEFT JOIN " + name.sql() + " v ON true";
        return Queries.filled(sql, parameters(session));
    }

    private static @Nullable Seen seen(Session session, ResultSet rows) throws SQLException {
        // version_num comes first, once for each row; the facts stand in every row, also where there is no version
        rows.next();
        SessionFacts facts = SessionFacts.read(rows);
        boolean pooled = session.isPooled(facts.backend());
        Inaccessible obstacle = facts.obstacle();
        if (obstacle != null) {
            return new Seen(obstacle, pooled, List.of(), null, null);
        }
        VersionRows versions = VersionRows.readFromCurrent(rows, rows.getString(2));
        if (versions.odd() != null || versions.ids().isEmpty()) {
            return null;
        }
        DatabaseState state = new Versioned(versions.ids(), facts.lacks());
        return new Seen(state, pooled, facts.findings(), null, null);
    }

    private String[] parameters(Session session) throws SQLException {
        return SessionFacts.parameters(policy.get(), name.table(), session.serverMajorVersion());
    }
}
