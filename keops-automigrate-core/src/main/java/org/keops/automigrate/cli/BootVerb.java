package org.keops.automigrate.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.MigratorBuilder;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.Plan;
import org.keops.automigrate.model.PlannedBoot;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.WhenUnversioned;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the boot does by itself, and what it would do. */
abstract class BootVerb extends PermissionVerb {
    static final String WHAT =
            "stamp-head (the default), upgrade-from-base, refuse, or the id of a revision to stamp first.";

    @Option(names = "--leave-permissions-alone", description = "Neither look at permissions nor repair them.")
    private boolean leavePermissionsAlone;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli makes it
    private RunOptions running;

    @Option(names = "--when-unversioned", paramLabel = "WHAT", defaultValue = "stamp-head", description = WHAT)
    private String whenUnversioned = "stamp-head";

    BootVerb(Terminal terminal) {
        super(terminal);
    }

    @Override
    MigratorBuilder configure() {
        if (leavePermissionsAlone && permissions.given()) {
            throw new UsageException("--leave-permissions-alone contradicts what is said of permissions; say one");
        }
        MigratorBuilder builder =
                leavePermissionsAlone ? reaching(scripts.configure().leavePermissionsAlone()) : super.configure();
        return running.configure(builder)
                .whenUnversioned(
                        switch (whenUnversioned) {
                            case "stamp-head" -> WhenUnversioned.stampHead();
                            case "upgrade-from-base" -> WhenUnversioned.upgradeFromBase();
                            case "refuse" -> WhenUnversioned.refuse();
                            case "" -> throw new UsageException("--when-unversioned is empty: " + WHAT);
                            default -> WhenUnversioned.stamp(whenUnversioned);
                        });
    }

    /** {@code run}. */
    @Command(name = "run", description = "Do what a boot of the application would do.")
    static final class Run extends BootVerb {
        Run(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() {
            return answer(watched(migrator -> migrator.run(dataSource())));
        }
    }

    /** {@code plan}. */
    @Command(name = "plan", description = "Say what run would do; reads only.")
    static final class Planned extends BootVerb {
        Planned(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() {
            PlannedBoot planned = migrator().plan(dataSource());
            Decision decision = planned.decision();
            if (decision instanceof Decision.LeaveAlone leaveAlone) {
                return answer(leaveAlone.outcome());
            }
            int code = code(planned);
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("exitCode", code);
            fields.put("decision", Names.kebab(decision.getClass().getSimpleName()));
            Decision.@Nullable AtHead atHead = decision instanceof Decision.AtHead at ? at : null;
            fields.put("from", Fields.ids(atHead == null ? planned.plan().from() : atHead.rows()));
            fields.put("to", Fields.ids(atHead == null ? planned.plan().to() : atHead.rows()));
            fields.put(
                    "groups",
                    planned.plan().groups().stream().map(Planned::group).toList());
            fields.put("problems", planned.problems().stream().map(Fields::of).toList());
            fields.put("findings", planned.findings());
            print(lines(planned), fields);
            return code;
        }

        /** What run would end with, as far as it can be known: a pending revision may make a role or a schema. */
        private static int code(PlannedBoot planned) {
            if (!planned.problems().isEmpty()) {
                return ExitCode.SCRIPTS_UNSOUND;
            }
            return planned.decision() instanceof Decision.AtHead
                            && !planned.findings().isEmpty()
                    ? ExitCode.PERMISSIONS_INCOMPLETE
                    : ExitCode.OK;
        }

        private static Map<String, @Nullable Object> group(Plan.Group group) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("transaction", group instanceof Plan.InOneTransaction);
            fields.put("steps", group.steps().stream().map(Fields::of).toList());
            return fields;
        }

        private static List<String> lines(PlannedBoot planned) {
            List<String> lines = new ArrayList<>();
            if (planned.decision() instanceof Decision.AtHead atHead) {
                lines.add("at head " + RevisionId.show(atHead.rows())
                        + (atHead.repairPermissions() ? "; permissions would be repaired" : "; nothing would be done"));
            }
            for (Plan.Group group : planned.plan().groups()) {
                lines.add(group instanceof Plan.OutsideTransaction ? "outside a transaction:" : "in one transaction:");
                for (Step step : group.steps()) {
                    lines.add("  " + line(step));
                }
            }
            planned.problems().forEach(problem -> lines.addAll(lines(problem)));
            String unless = planned.decision() instanceof Decision.AtHead ? "" : ", unless a revision makes it";
            planned.findings().forEach(finding -> lines.add(finding + unless));
            return lines;
        }

        private static String line(Step step) {
            return step instanceof Step.Upgrade upgrade
                    ? "upgrade " + RevisionId.show(upgrade.revision().downRevisions()) + " -> "
                            + upgrade.revision().id() + ", "
                            + upgrade.revision().message()
                    : "stamp " + RevisionId.show(step.rowsAfter());
        }
    }

    /** {@code fix-permissions}. */
    @Command(name = "fix-permissions", description = "Grant what the application's role lacks, and do nothing else.")
    static final class FixPermissions extends PermissionVerb {
        FixPermissions(Terminal terminal) {
            super(terminal);
        }

        @Override
        public Integer call() {
            return answer(migrator().repairPermissions(dataSource()));
        }
    }
}
