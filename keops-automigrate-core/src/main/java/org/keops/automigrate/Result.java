package org.keops.automigrate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.decision.Conclusion;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.CompletedStep;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.PermissionReport;
import org.keops.automigrate.model.Plan;

/**
 * What came of one attempt; with the time it took, the report.
 *
 * @param outcome how it ended
 * @param steps what was committed
 * @param permissions what was done for the application's role
 * @param unsettled what is not known yet, or null
 */
record Result(
        Outcome outcome,
        List<CompletedStep> steps,
        PermissionReport permissions,
        @Nullable Unsettled unsettled) {
    /** The plan of a decision that runs and records nothing. */
    static Plan nothing() {
        return new Plan(new TreeSet<>(), new TreeSet<>(), List.of());
    }

    Result(Outcome outcome, List<CompletedStep> steps, PermissionReport permissions) {
        this(outcome, steps, permissions, null);
    }

    /** The end of an attempt that wrote nothing. */
    static Result untouched(Decision decision) {
        return new Result(Conclusion.of(decision, nothing(), null), List.of(), PermissionReport.NOTHING);
    }

    /** The end of an attempt that wrote nothing; findings on the permissions are of interest only where they are ours. */
    static Result untouched(Decision decision, List<String> findings) {
        return decision instanceof Decision.AtHead
                ? untouched(decision).with(new PermissionReport(List.of(), findings))
                : untouched(decision);
    }

    Result with(List<CompletedStep> committed) {
        return new Result(outcome, committed, permissions, unsettled);
    }

    Result with(Outcome otherwise) {
        return new Result(otherwise, steps, permissions, unsettled);
    }

    Result with(PermissionReport report) {
        return new Result(outcome, steps, report, unsettled);
    }

    Result withFindings(List<String> more) {
        List<String> findings = new ArrayList<>(permissions.findings());
        findings.addAll(more);
        return with(new PermissionReport(permissions.repaired(), findings));
    }

    BootReport report(Duration duration) {
        return new BootReport(outcome, steps, permissions, duration);
    }
}
