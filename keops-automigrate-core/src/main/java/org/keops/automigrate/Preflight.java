package org.keops.automigrate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.decision.Planner;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.postgres.failure.StepFailedException;
import org.keops.automigrate.script.Dialect;
import org.keops.automigrate.script.ScriptCheck;
import org.keops.automigrate.script.Section;
import org.keops.automigrate.source.ScriptIndex;

/**
 * The plan of a decision, made with a look into the pending scripts: what has to run outside a transaction is known, and
 * so is what can not work, before anything runs; where an index vouches for the scripts, before each runs. To be closed once
 * the scripts have run.
 *
 * @param plan the plan
 * @param problems what is wrong with the scripts of the plan
 * @param scripts the scripts of the plan, as far as they are kept
 */
record Preflight(Plan plan, List<Problem> problems, ReadScripts scripts) implements AutoCloseable {

    /** Plans, and reads the scripts of the plan to their end. */
    static Preflight of(Configuration configuration, Decision decision, Dialect dialect) {
        return Objects.requireNonNull(of(configuration, decision, dialect, null), "nobody stops it");
    }

    /**
     * The same for somebody who may stop it: then null. Where an index vouches for the scripts, it is told the plan before they
     * are read: they may begin to run meanwhile, each when it was read.
     */
    static @Nullable Preflight of(
            Configuration configuration, Decision decision, Dialect dialect, @Nullable EarlyPreflight early) {
        Planner planner = new Planner(configuration.scripts().graph(), configuration.transactionPerRevision());
        Plan plan = planner.plan(decision, Set.of());
        ReadScripts scripts = new ReadScripts(configuration.scripts().bodies());
        Reading reading = new Reading(scripts, dialect, early);
        if (early != null && isVouchedFor(plan, configuration.scripts().bodies(), dialect)) {
            return vouchedFor(new Preflight(plan, List.of(), scripts), reading, early);
        }
        Preflight found = null;
        try {
            if (reading.of(plan)) {
                Set<RevisionId> refusing = reading.refusing;
                found = new Preflight(
                        refusing.isEmpty() ? plan : planner.plan(decision, refusing), reading.problems, scripts);
            }
            return found;
        } finally {
            if (found == null) {
                scripts.close();
            }
        }
    }

    private static Preflight vouchedFor(Preflight found, Reading reading, EarlyPreflight early) {
        found.scripts.readingBegins(reading.dialect, found.plan.steps());
        early.bring(found);
        try {
            reading.of(found.plan);
        } finally {
            found.scripts.readingEnds();
        }
        return found;
    }

    /**
     * Whether all that is to be run was looked into when the index was written, and not changed since; small enough to be read
     * ahead, and one transaction, so that nothing stays if an index vouches for what it should not.
     */
    private static boolean isVouchedFor(Plan plan, Bodies bodies, Dialect dialect) {
        Dialect looked = Dialect.STRICTEST;
        if (plan.groups().size() != 1
                || !dialect.standardConformingStrings()
                || dialect.serverMajorVersion() > looked.serverMajorVersion()) {
            return false;
        }
        long bytes = 0;
        for (Step step : plan.steps()) {
            ScriptIndex.Row row = step instanceof Step.Upgrade upgrade ? bodies.row(upgrade.revision()) : null;
            if (!(step instanceof Step.Stamp) && (row == null || !row.sound())) {
                return false;
            }
            bytes += row == null ? 0 : row.size();
        }
        return ReadScripts.keeps(bytes);
    }

    /** The problems as a failure of which nothing was attempted. */
    Failure failure() {
        StepFailedException unsound = StepFailedException.of(problems);
        return new Failure(
                unsound.where(), unsound.what(), null, unsound.particulars(), plan.from(), "nothing was attempted");
    }

    /** Keeps no archive open any longer. */
    @Override
    public void close() {
        scripts.close();
    }

    /** One look into all scripts of a plan. Used by one thread. */
    private static final class Reading {
        private final ReadScripts scripts;
        private final Dialect dialect;
        private final @Nullable EarlyPreflight early;
        private final List<Problem> problems = new ArrayList<>();
        private final Set<RevisionId> refusing = new HashSet<>();

        Reading(ReadScripts scripts, Dialect dialect, @Nullable EarlyPreflight early) {
            this.scripts = scripts;
            this.dialect = dialect;
            this.early = early;
        }

        /** False if it was stopped. */
        boolean of(Plan plan) {
            for (Step step : plan.steps()) {
                if (early != null && early.isStopped()) {
                    return false;
                }
                if (step instanceof Step.Upgrade upgrade) {
                    look(upgrade.revision(), Section.UPGRADE);
                } else if (step instanceof Step.Downgrade downgrade) {
                    look(downgrade.revision(), Section.DOWNGRADE);
                }
            }
            scripts.allRead();
            return true;
        }

        private void look(Revision revision, Section section) {
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
                problems.add(ReadScripts.unreadable(revision, e));
            }
        }
    }
}
