package org.keops.automigrate;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.WhenUnversioned;
import org.keops.automigrate.postgres.grants.PermissionAudit;
import org.keops.automigrate.postgres.lock.MigrationLock;
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
            if (glanced.isSure()) {
                return of(glanced, early);
            }
            return mayLockAtOnce() ? lookUnderLock(early) : of(probe.lookBeforeWork(session), early);
        }
    }

    /** Whether there most probably is work to do: then the look that tells for sure travels with the lock for it. */
    private boolean mayLockAtOnce() {
        return configuration.command() == null
                && configuration.whenChanged() == null
                && !(configuration.whenUnversioned() instanceof WhenUnversioned.Refuse)
                && session.knowsItsBackend();
    }

    private Result lookUnderLock(@Nullable EarlyPreflight early) throws SQLException {
        Duration patience = deadline.atMost(configuration.patience().forLock());
        try (MigrationLock lock = new MigrationLock(session, false, patience)) {
            Seen seen = lock.tryAnd(probe.questionBeforeWork(session, null));
            if (seen != null && lock.isHeld() && seen.state() instanceof DatabaseState.Unversioned) {
                return new Work(configuration, probe, session, null, early, seen, deadline).run(lock, seen);
            }
            lock.release();
            return of(seen == null ? probe.lookBeforeWork(session) : seen, early);
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
        Work work = new Work(configuration, probe, session, fingerprinting, early, seen, deadline);
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
