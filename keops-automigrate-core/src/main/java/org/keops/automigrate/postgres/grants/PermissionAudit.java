package org.keops.automigrate.postgres.grants;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.permissions.MissingGrants;
import org.keops.automigrate.permissions.Observed;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.postgres.session.Answers;
import org.keops.automigrate.postgres.session.Asked;
import org.keops.automigrate.postgres.session.Pipeline;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Reply;
import org.keops.automigrate.postgres.session.Session;
import org.postgresql.core.Tuple;

/** Compares the catalog with a policy. Locks nothing, writes nothing. Immutable and thread-safe. */
public final class PermissionAudit {
    /** Names of routines and of their arguments have to mean the same wherever a statement is run. */
    static final String QUALIFY_NAMES = "SET LOCAL search_path TO pg_catalog, pg_temp";

    private final PermissionPolicy policy;
    private final PermissionCatalog catalog;

    /**
     * Prepares an audit.
     *
     * @param policy what is wanted, not nothing
     * @param versionTable the version table's name
     */
    public PermissionAudit(PermissionPolicy policy, String versionTable) {
        this.policy = policy;
        this.catalog = new PermissionCatalog(policy, versionTable);
    }

    /**
     * Looks whether there is anything that this role could repair, in a transaction of its own.
     *
     * @param session the session, outside of a transaction
     * @return what only others can repair; null if this role could repair something
     * @throws SQLException if the connection fails
     */
    public @Nullable List<String> beyondRepair(Session session) throws SQLException {
        session.begin();
        Queries.execute(session.connection(), QUALIFY_NAMES);
        int version = session.serverMajorVersion();
        List<Observed> lacking = catalog.lackingUntil(
                session,
                objects -> !difference(version, List.of(objects)).repairs().isEmpty());
        session.commit();
        MissingGrants missing = difference(version, lacking);
        return missing.repairs().isEmpty() ? missing.findings() : null;
    }

    /**
     * Compares, in a transaction of its own.
     *
     * @param session the session, outside of a transaction
     * @return what lacks
     * @throws SQLException if the connection fails
     */
    public MissingGrants compare(Session session) throws SQLException {
        session.begin();
        return committing(session);
    }

    /** Compares, and ends the transaction that is open, in one round trip. */
    MissingGrants committing(Session session) throws SQLException {
        Answers.Reader<List<Observed>> reader = answers -> answers.next(PermissionCatalog::read);
        List<Observed> lacking = Queries.together(
                session.connection(), reader, QUALIFY_NAMES, catalog.question(session), Session.COMMIT);
        session.commit();
        return MissingGrants.of(policy, session.serverMajorVersion(), lacking);
    }

    /** What {@link #compare} asks, to travel behind the end of a transaction, in one of its own. */
    Asked<MissingGrants> asked(Session session) throws SQLException {
        int version = session.serverMajorVersion();
        return new Asked<>(
                List.of(Session.BEGIN, QUALIFY_NAMES, catalog.question(session), Session.COMMIT),
                answers -> difference(version, answers.next(PermissionCatalog::read)));
    }

    /** The same behind what a pipeline ends a transaction with; told when it is answered. */
    void behind(Session session, Pipeline pipeline, Consumer<MissingGrants> told)
            throws SQLException, StepFailedException {
        int version = session.serverMajorVersion();
        pipeline.send(Session.BEGIN);
        pipeline.send(QUALIFY_NAMES);
        pipeline.send(catalog.question(session), new Reply() {
            private final List<Observed> lacking = new ArrayList<>();

            @Override
            public void rows(List<Tuple> rows) {
                rows.forEach(row -> lacking.add(PermissionCatalog.observed(row)));
            }

            @Override
            public void done(long rows) {
                told.accept(difference(version, lacking));
            }
        });
        pipeline.send(Session.COMMIT);
    }

    /** Compares, in the transaction that is open. */
    public MissingGrants within(Session session) throws SQLException {
        Answers.Reader<List<Observed>> reader = answers -> answers.next(PermissionCatalog::read);
        return difference(
                session.serverMajorVersion(),
                Queries.together(session.connection(), reader, QUALIFY_NAMES, catalog.question(session)));
    }

    private MissingGrants difference(int serverMajorVersion, List<Observed> lacking) {
        return MissingGrants.of(policy, serverMajorVersion, lacking);
    }
}
