package org.keops.automigrate.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.CompletedStep;
import org.keops.automigrate.model.Failure;
import org.keops.automigrate.model.ListedRevision;
import org.keops.automigrate.model.Location;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.Particulars;
import org.keops.automigrate.model.PermissionVerification;
import org.keops.automigrate.model.Problem;
import org.keops.automigrate.model.Revision;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.SourceLine;
import org.keops.automigrate.model.Step;

/** The values of the API as the fields of {@code --json}; {@code docs/command-line.md} shows them. Stateless. */
final class Fields {

    private Fields() {}

    static Map<String, @Nullable Object> of(BootReport report, int exitCode) {
        Map<String, @Nullable Object> fields = of(report.outcome());
        fields.put("exitCode", exitCode);
        fields.put("steps", report.steps().stream().map(Fields::of).toList());
        fields.put("repaired", report.permissions().repaired());
        fields.put("findings", report.permissions().findings());
        fields.put("milliseconds", report.duration().toMillis());
        return fields;
    }

    static Map<String, @Nullable Object> of(PermissionVerification verification, int exitCode) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("exitCode", exitCode);
        fields.put("objects", verification.objects());
        fields.put("unusable", verification.unusable());
        fields.put("findings", verification.findings());
        return fields;
    }

    static Map<String, @Nullable Object> of(Outcome outcome) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("outcome", name(outcome));
        fields.put("scenario", outcome.scenario().number());
        fields.put("acceptable", outcome.acceptable());
        fields.put("message", Names.options(outcome.describe()));
        if (outcome instanceof Outcome.Upgraded upgraded) {
            moved(fields, upgraded.from(), upgraded.to());
        } else if (outcome instanceof Outcome.Downgraded downgraded) {
            moved(fields, downgraded.from(), downgraded.to());
        } else if (outcome instanceof Outcome.Recorded recorded) {
            moved(fields, recorded.from(), recorded.to());
        } else if (outcome instanceof Outcome.Stamped stamped) {
            fields.put("to", ids(stamped.revisions()));
        } else if (outcome instanceof Outcome.AtHead atHead) {
            fields.put("to", ids(atHead.revisions()));
        } else if (outcome instanceof Outcome.Unchanged unchanged) {
            fields.put("to", ids(unchanged.revisions()));
        } else if (outcome instanceof Outcome.PermissionsOnly only) {
            fields.put("to", ids(only.revisions()));
        } else if (outcome instanceof Outcome.Ahead ahead) {
            fields.put("unknown", ids(ahead.unknown()));
        } else if (outcome instanceof Outcome.Inaccessible inaccessible) {
            fields.put("reason", name(inaccessible.reason()));
        } else if (outcome instanceof Outcome.Failed failed) {
            failure(fields, failed.failure());
            fields.put("problems", failed.problems().stream().map(Fields::of).toList());
        } else if (outcome instanceof Outcome.Interrupted stopped && stopped.failure() != null) {
            failure(fields, stopped.failure());
        }
        return fields;
    }

    static Map<String, @Nullable Object> of(Step step) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        if (step instanceof Step.Upgrade upgrade) {
            fields.put("upgrade", upgrade.revision().id().value());
        } else if (step instanceof Step.Downgrade downgrade) {
            fields.put("downgrade", downgrade.revision().id().value());
        } else {
            fields.put("stamp", ids(step.rowsAfter()));
        }
        fields.put("rowsAfter", ids(step.rowsAfter()));
        return fields;
    }

    static Map<String, @Nullable Object> of(ListedRevision listed) {
        Revision revision = listed.revision();
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("revision", revision.id().value());
        fields.put("downRevisions", ids(revision.downRevisions()));
        fields.put("dependsOn", revision.dependsOn());
        fields.put("branchLabels", revision.branchLabels());
        fields.put("branches", listed.branchLabels());
        fields.put("revisedBy", ids(listed.revisedBy()));
        fields.put("head", listed.head());
        fields.put("branchPoint", listed.branchPoint());
        fields.put("mergePoint", listed.mergePoint());
        fields.put("message", revision.message());
        fields.put("file", revision.script().file());
        return fields;
    }

    static Map<String, @Nullable Object> of(Problem problem) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        place(fields, problem.where());
        fields.put("what", problem.what());
        line(fields, problem.line());
        return fields;
    }

    static List<String> ids(Collection<RevisionId> ids) {
        List<String> texts = new ArrayList<>(ids.size());
        for (RevisionId id : ids) {
            texts.add(id.value());
        }
        return texts;
    }

    private static Map<String, @Nullable Object> of(CompletedStep completed) {
        Map<String, @Nullable Object> fields = of(completed.step());
        fields.put("statements", completed.statements());
        fields.put("rowsCopied", completed.rowsCopied());
        fields.put("milliseconds", completed.duration().toMillis());
        return fields;
    }

    private static void moved(
            Map<String, @Nullable Object> fields, Collection<RevisionId> from, Collection<RevisionId> to) {
        fields.put("from", ids(from));
        fields.put("to", ids(to));
    }

    private static void failure(Map<String, @Nullable Object> fields, Failure failure) {
        Map<String, @Nullable Object> details = new LinkedHashMap<>();
        Location where = failure.where();
        if (where != null) {
            place(details, where);
        }
        details.put("what", failure.message());
        details.put("sqlState", failure.sqlState());
        Particulars particulars = failure.particulars();
        details.put("detail", particulars.detail());
        details.put("hint", particulars.hint());
        details.put("context", particulars.context());
        line(details, particulars.line());
        if (particulars.statement() != null) {
            details.put("statement", particulars.statement());
        }
        details.put("consequence", failure.consequence());
        fields.put("to", ids(failure.revisions()));
        fields.put("failure", details);
    }

    private static void line(Map<String, @Nullable Object> fields, @Nullable SourceLine line) {
        if (line != null) {
            fields.put("sourceLine", line.text());
            fields.put("caret", line.caret());
        }
    }

    private static void place(Map<String, @Nullable Object> fields, Location where) {
        fields.put("file", where.file());
        fields.put("line", where.line());
        fields.put("column", where.column());
    }

    /** {@code AtHead} and {@code TOO_MANY_CONNECTIONS} as they are called in the documentation: at-head, too-many-connections. */
    private static String name(Object value) {
        return value instanceof Enum<?> constant
                ? Names.kebab(constant.name())
                : Names.kebab(value.getClass().getSimpleName());
    }
}
