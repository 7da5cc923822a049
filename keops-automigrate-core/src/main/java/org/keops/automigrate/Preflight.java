package org.keops.automigrate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.decision.Planner;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Particulars;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.postgres.failure.Redaction;
import org.keops.automigrate.script.Dialect;
import org.keops.automigrate.script.ScriptCheck;
import org.keops.automigrate.script.Section;

/**
 * The plan of a decision, made with a look into the pending scripts: what has to run outside a transaction is known, and
 * so is what can not work, before anything runs. To be closed once the scripts have run.
 *
 * @param plan the plan
 * @param problems what is wrong with the scripts of the plan
 * @param scripts the scripts of the plan, as far as they are kept
 */
record Preflight(Plan plan, List<Problem> problems, ReadScripts scripts) implements AutoCloseable {

    /** Plans, and reads the scripts of the plan to their end. */
    static Preflight of(Configuration configuration, Decision decision, Dialect dialect) {
        return Objects.requireNonNull(of(configuration, decision, dialect, new AtomicBoolean()), "nobody stops it");
    }

    /** The same; null if it was told to stop meanwhile. */
    static @Nullable Preflight of(
            Configuration configuration, Decision decision, Dialect dialect, AtomicBoolean stopped) {
        ReadScripts scripts = new ReadScripts(configuration.scripts().bodies());
        Preflight found = null;
        try {
            found = read(configuration, decision, dialect, stopped, scripts);
            return found;
        } finally {
            if (found == null) {
                scripts.close();
            }
        }
    }

    private static @Nullable Preflight read(
            Configuration configuration,
            Decision decision,
            Dialect dialect,
            AtomicBoolean stopped,
            ReadScripts scripts) {
        Planner planner = new Planner(configuration.scripts().graph(), configuration.transactionPerRevision());
        List<Problem> problems = new ArrayList<>();
        Set<RevisionId> refusing = new HashSet<>();
        Plan plan = planner.plan(decision, Set.of());
        for (Step step : plan.steps()) {
            if (stopped.get()) {
                return null;
            }
            if (step instanceof Step.Upgrade upgrade) {
                look(scripts, upgrade.revision(), Section.UPGRADE, dialect, problems, refusing);
            } else if (step instanceof Step.Downgrade downgrade) {
                look(scripts, downgrade.revision(), Section.DOWNGRADE, dialect, problems, refusing);
            }
        }
        return new Preflight(refusing.isEmpty() ? plan : planner.plan(decision, refusing), problems, scripts);
    }

    /** The problems as a failure of which nothing was attempted. */
    Failure failure() {
        Problem first = problems.get(0);
        String others = problems.size() == 1 ? "" : " (and " + (problems.size() - 1) + " more; check lists them)";
        Particulars particulars = new Particulars(null, null, null, first.line(), null);
        return new Failure(
                first.where(), first.what() + others, null, particulars, plan.from(), "nothing was attempted");
    }

    /** Keeps no archive open any longer. */
    @Override
    public void close() {
        scripts.close();
    }

    private static void look(
            ReadScripts scripts,
            Revision revision,
            Section section,
            Dialect dialect,
            List<Problem> problems,
            Set<RevisionId> refusing) {
        if (scripts.isCode(revision)) {
            return; // it runs in the transaction, whatever it does
        }
        try {
            ScriptCheck check = scripts.check(revision, section, dialect);
            problems.addAll(check.problems());
            if (check.refusesTransaction()) {
                refusing.add(revision.id());
            }
        } catch (IOException | UncheckedIOException e) {
            problems.add(new Problem(revision.script(), "can not be read: " + Redaction.ofUserInfo(e.getMessage())));
        }
    }
}
