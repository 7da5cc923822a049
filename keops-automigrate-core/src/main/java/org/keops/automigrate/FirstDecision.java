package org.keops.automigrate;

import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.postgres.grants.PermissionAudit;
import org.keops.automigrate.postgres.probe.Probe;
import org.keops.automigrate.postgres.probe.Seen;
import org.keops.automigrate.postgres.session.Deadline;
import org.keops.automigrate.postgres.session.Session;

/**
 * What follows from a first look that has found something to do or to tell. Work looks and decides again, under its lock.
 *
 * @param configuration what the user wants
 * @param probe how to look again
 * @param session the session that has looked
 * @param deadline when all has to be over
 */
record FirstDecision(Configuration configuration, Probe probe, Session session, Deadline deadline) {

    /**
     * Reads scripts meanwhile, if there are likely to be some to run.
     *
     * @param glanced what was seen at first, perhaps not for sure
     */
    Result of(Seen glanced) throws SQLException {
        try (EarlyPreflight early = EarlyPreflight.begin(configuration, glanced.state(), session.dialect())) {
            return of(glanced.isSure() ? glanced : probe.lookBeforeWork(session), early);
        }
    }

    private Result of(Seen seen, @Nullable EarlyPreflight early) throws SQLException {
        Decision decision = configuration.decide(seen.state());
        Fingerprinting fingerprinting = configuration.fingerprinting();
        if (fingerprinting != null) {
            decision = fingerprinting.heeded(decision, seen.state(), session);
        }
        if (!decision.needsWork()) {
            return Result.untouched(decision, seen.findings());
        }
        if (decision instanceof Decision.AtHead) {
            List<String> beyondRepair = audit().beyondRepair(session);
            if (beyondRepair != null) {
                // what this role may not repair is only told: that needs no lock, at this boot or the next
                return Result.untouched(decision, seen.findings()).withFindings(beyondRepair);
            }
        }
        Work work = new Work(configuration, probe, session, fingerprinting, early, seen.pooled(), deadline);
        Result result = work.run();
        String other = work.waitedFor();
        return other != null
                        && !(decision instanceof Decision.AtHead)
                        && result.outcome() instanceof Outcome.AtHead atHead
                ? result.with(new Outcome.AtHead(atHead.revisions(), other))
                : result;
    }

    private PermissionAudit audit() {
        return new PermissionAudit(
                configuration.permissions(), configuration.versionTable().table());
    }
}
