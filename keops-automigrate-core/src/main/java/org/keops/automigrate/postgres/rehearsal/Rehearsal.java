package org.keops.automigrate.postgres.rehearsal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.keops.automigrate.model.Entitlement;
import org.keops.automigrate.model.PermissionPolicy;
import org.keops.automigrate.model.PermissionVerification;
import org.keops.automigrate.model.SqlNames;
import org.keops.automigrate.permissions.MissingGrants;
import org.keops.automigrate.postgres.grants.PermissionAudit;
import org.keops.automigrate.postgres.probe.SessionFacts;
import org.keops.automigrate.postgres.session.Queries;
import org.keops.automigrate.postgres.session.Session;

/**
 * The proof: acts as each role of the policy and lets the planner check what the role may do with each object. Privileges
 * are checked before a plan is shown, those behind a view included, and nothing is executed: everything happens in a
 * read-only transaction that is rolled back. Used by one thread.
 */
public final class Rehearsal {
    private final Session session;
    private final PermissionPolicy policy;
    private final String versionTable;
    private final List<String> unusable = new ArrayList<>();
    private final List<String> findings = new ArrayList<>();
    private int objects;

    /**
     * Prepares a rehearsal.
     *
     * @param session a session that may act as the roles, outside of a transaction
     * @param policy what is wanted
     * @param versionTable the version table's name
     */
    public Rehearsal(Session session, PermissionPolicy policy, String versionTable) {
        this.session = session;
        this.policy = policy;
        this.versionTable = versionTable;
    }

    /**
     * Tries everything.
     *
     * @return what can not be used
     * @throws SQLException if the connection fails
     */
    public PermissionVerification verify() throws SQLException {
        session.begin();
        try {
            Queries.execute(session.connection(), "SET TRANSACTION READ ONLY");
            List<String> rolesMissing = lookForMissingGrants();
            for (Entitlement entitlement : policy.entitlements()) {
                if (!rolesMissing.contains(entitlement.role())) {
                    rehearse(entitlement);
                }
            }
            return new PermissionVerification(objects, unusable, findings);
        } finally {
            session.rollback();
        }
    }

    /** What the catalog says; tells which roles do not exist, so that nobody can act as them. */
    private List<String> lookForMissingGrants() throws SQLException {
        if (policy.isNone()) {
            findings.add("the policy names no role: there is nothing to verify");
            return List.of();
        }
        SessionFacts facts = facts();
        unusable.addAll(facts.findings());
        MissingGrants missing = new PermissionAudit(policy, versionTable).within(session);
        missing.repairs()
                .forEach(repair -> findings.add("permission lacks; the next repair will run: " + repair.sql()));
        findings.addAll(missing.findings());
        return facts.rolesMissing();
    }

    private SessionFacts facts() throws SQLException {
        return Queries.query(
                session.connection(),
                SessionFacts.sql(policy),
                row -> {
                    row.next();
                    return SessionFacts.read(row);
                },
                SessionFacts.parameters(policy, versionTable, session.serverMajorVersion()));
    }

    private void rehearse(Entitlement entitlement) throws SQLException {
        Connection connection = session.connection();
        List<RehearsedObject> all = RehearsedObject.all(connection, entitlement, versionTable);
        String role = SqlNames.identifier(entitlement.role());
        Attempt attempt = new Attempt(connection);
        boolean acting = attempt.succeeds("SET LOCAL ROLE " + role);
        if (!acting) {
            findings.add("could not act as " + role + ", so that only the catalog was asked: " + attempt.message());
        }
        for (RehearsedObject object : all) {
            objects++;
            if (!holds(object, entitlement.role())) {
                unusable.add(object + " by " + role + ": permission denied");
            } else if (acting && object.probe() != null && !attempt.succeeds(object.probe())) {
                note(object + " by " + role, attempt);
            }
        }
        if (acting) {
            Queries.execute(connection, "RESET ROLE");
        }
    }

    private boolean holds(RehearsedObject object, String role) throws SQLException {
        return Queries.query(session.connection(), object.question(), rows -> rows.next() && rows.getBoolean(1), role);
    }

    /** What the planner denies lies behind the object: a view's tables, the function of a default. */
    private void note(String what, Attempt attempt) {
        if (attempt.isDenied()) {
            unusable.add(what + ": " + attempt.message());
        } else if (!attempt.isGeneratedOnly()) {
            findings.add(what + " could not be tried: " + attempt.message());
        }
    }
}
