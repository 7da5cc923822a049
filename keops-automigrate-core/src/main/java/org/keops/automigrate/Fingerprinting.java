package org.keops.automigrate;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.keops.automigrate.decision.DecisionTable;
import org.keops.automigrate.graph.RevisionGraph;
import org.keops.automigrate.model.Command;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.WhenChanged;
import org.keops.automigrate.postgres.failure.Redaction;
import org.keops.automigrate.postgres.session.Session;
import org.keops.automigrate.postgres.version.FingerprintRecord;
import org.keops.automigrate.script.AppliedFingerprints;
import org.keops.automigrate.script.Fingerprint;

/**
 * Notices scripts that were changed after they were applied, and says what is to be recorded of those that are applied
 * now. Made only where somebody asked for it. Used by one thread, for one attempt: what is wrong is logged once.
 */
final class Fingerprinting {
    private final Configuration configuration;
    private final WhenChanged policy;
    private final Set<Problem> told = new HashSet<>();

    Fingerprinting(Configuration configuration, WhenChanged policy) {
        this.configuration = configuration;
        this.policy = policy;
    }

    /** A decision in the light of the scripts that were applied; one round trip, and what the scripts or their index take. */
    Decision heeded(Decision decision, DatabaseState state, Session session) throws SQLException {
        Command command = configuration.command();
        // stamp, downgrade and repair are the ways out
        boolean heeds = command == null || command instanceof Command.Upgrade;
        if (!heeds || DecisionTable.isSettled(decision) || !(state instanceof DatabaseState.Versioned versioned)) {
            return decision;
        }
        AppliedFingerprints recorded = FingerprintRecord.read(session, configuration.versionTable());
        List<Problem> changed = changed(recorded, graph().applied(versioned.rows()));
        for (Problem problem : changed) {
            if (told.add(problem)) {
                WorkLog.changed(problem);
            }
        }
        return DecisionTable.heeding(decision, changed, policy);
    }

    private List<Problem> changed(AppliedFingerprints recorded, Set<RevisionId> applied) {
        List<Problem> problems = new ArrayList<>();
        for (Revision revision : graph().revisions()) {
            RevisionId id = revision.id();
            if (!applied.contains(id)
                    || !recorded.isComparable(id)
                    || configuration.scripts().bodies().isCode(revision)) {
                continue;
            }
            try {
                if (recorded.changed(id, configuration.scripts().bodies().fingerprint(revision))) {
                    problems.add(new Problem(
                            revision.script(),
                            "was changed after revision " + id
                                    + " was applied: put it back as it was and write a new revision for the change; or, if"
                                    + " the database is as the script says now, stamp its recorded revision again"));
                }
            } catch (IOException e) {
                problems.add(new Problem(
                        revision.script(),
                        "can not be read, so nobody knows whether it was changed after revision " + id
                                + " was applied: " + Redaction.ofUserInfo(e.getMessage())));
            }
        }
        return problems;
    }

    /** What each step of a plan makes of what is recorded; the scripts are read now, and not in the transaction. */
    BiFunction<AppliedFingerprints, Step, AppliedFingerprints> of(Plan plan) {
        Map<RevisionId, Fingerprint> now = new HashMap<>();
        for (Step step : plan.steps()) {
            if (step instanceof Step.Upgrade upgrade) {
                put(upgrade.revision().id(), now);
            } else if (step instanceof Step.Stamp stamp) {
                graph().applied(stamp.rowsAfter()).forEach(id -> put(id, now));
            }
        }
        return (recorded, step) -> after(recorded, step, now);
    }

    private AppliedFingerprints after(AppliedFingerprints recorded, Step step, Map<RevisionId, Fingerprint> now) {
        if (step instanceof Step.Upgrade upgrade) {
            RevisionId id = upgrade.revision().id();
            return recorded.with(id, now.get(id));
        }
        if (step instanceof Step.Downgrade downgrade) {
            return recorded.with(downgrade.revision().id(), null);
        }
        Map<RevisionId, Fingerprint> applied = new HashMap<>(now);
        applied.keySet().retainAll(graph().applied(step.rowsAfter()));
        return recorded.replacedBy(applied);
    }

    private void put(RevisionId id, Map<RevisionId, Fingerprint> now) {
        Revision revision = graph().find(id).orElseThrow();
        try {
            Fingerprint fingerprint = configuration.scripts().bodies().fingerprint(revision);
            if (fingerprint != null) {
                now.put(id, fingerprint);
            }
        } catch (IOException e) {
            WorkLog.changed(new Problem(
                    revision.script(),
                    "can not be read, so no fingerprint of it is recorded: " + Redaction.ofUserInfo(e.getMessage())));
        }
    }

    private RevisionGraph graph() {
        return configuration.scripts().graph();
    }

    /** With fingerprints a stamp of what is recorded already is not without effect: the scripts are taken as they are. */
    static Decision recordingAnew(Decision decision, Command command) {
        return command instanceof Command.Stamp
                        && decision instanceof Decision.LeaveAlone leaveAlone
                        && leaveAlone.outcome() instanceof Outcome.Unchanged unchanged
                        && !unchanged.revisions().isEmpty()
                ? new Decision.Perform(unchanged.revisions(), List.of(new Step.Stamp(List.of(), unchanged.revisions())))
                : decision;
    }
}
