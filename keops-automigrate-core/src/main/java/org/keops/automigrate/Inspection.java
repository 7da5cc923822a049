package org.keops.automigrate;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.PermissionVerification;
import org.keops.automigrate.model.PlannedBoot;
import org.keops.automigrate.postgres.errand.Errand;
import org.keops.automigrate.postgres.grants.PermissionAudit;
import org.keops.automigrate.postgres.probe.Seen;
import org.keops.automigrate.postgres.rehearsal.Rehearsal;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.Session;

/**
 * What a database tells while nothing in it is changed. Thread-safe.
 *
 * @param boot whose way of connecting and looking it is
 * @param configuration what the user wants
 */
record Inspection(Boot boot, Configuration configuration) {

    PlannedBoot plan(DataSource dataSource) {
        return read(dataSource, new Errand.Task<PlannedBoot>() {
            @Override
            public PlannedBoot in(Session session, Deadline deadline) throws SQLException {
                return look(session);
            }

            @Override
            public PlannedBoot without(DatabaseState state) {
                return new PlannedBoot(configuration.decide(state), Result.nothing(), List.of(), List.of());
            }
        });
    }

    /** What is there; nothing is decided. */
    DatabaseState state(DataSource dataSource) {
        return read(dataSource, new Errand.Task<DatabaseState>() {
            @Override
            public DatabaseState in(Session session, Deadline deadline) throws SQLException {
                return boot.probe().look(session).state();
            }

            @Override
            public DatabaseState without(DatabaseState state) {
                return state;
            }
        });
    }

    PermissionVerification verify(DataSource dataSource) {
        return read(dataSource, new Errand.Task<PermissionVerification>() {
            @Override
            public PermissionVerification in(Session session, Deadline deadline) throws SQLException {
                return new Rehearsal(
                                session,
                                configuration.permissions(),
                                configuration.versionTable().table())
                        .verify();
            }

            @Override
            public PermissionVerification without(DatabaseState state) {
                String why = boot.without(state).outcome().describe();
                return new PermissionVerification(0, List.of(), List.of(why));
            }
        });
    }

    private PlannedBoot look(Session session) throws SQLException {
        Seen seen = boot.probe().look(session);
        Decision decision = configuration.decide(seen.state());
        Fingerprinting fingerprinting = configuration.fingerprinting();
        if (fingerprinting != null) {
            decision = fingerprinting.heeded(decision, seen.state(), session);
        }
        try (Preflight preflight = Preflight.of(configuration, decision, session.dialect())) {
            return new PlannedBoot(decision, preflight.plan(), preflight.problems(), findings(decision, seen, session));
        }
    }

    /** What a run would say of the permissions, as far as it can be known before it. */
    private List<String> findings(Decision decision, Seen seen, Session session) throws SQLException {
        boolean untouched = decision instanceof Decision.LeaveAlone
                || (decision instanceof Decision.Stamp
                        && !configuration.permissions().alsoAfterStamp());
        if (untouched) {
            return List.of();
        }
        List<String> findings = new ArrayList<>(seen.findings());
        if (decision instanceof Decision.AtHead atHead && atHead.repairPermissions()) {
            PermissionAudit audit = new PermissionAudit(
                    configuration.permissions(), configuration.versionTable().table());
            findings.addAll(audit.compare(session).findings());
        }
        return findings;
    }

    /** What a session tells; where there is none, or it is stopped, what that means. */
    private <T> T read(DataSource dataSource, Errand.Task<T> visit) {
        T told = new Errand<>(boot.worker(dataSource), boot.deadline(), configuration.ownerRole(), visit).run();
        return told == null
                ? visit.without(new DatabaseState.Offline("no answer, and the connection could not be ended"))
                : told;
    }
}
