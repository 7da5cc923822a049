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
import org.keops.automigrate.model.RevisionIds;
import org.keops.automigrate.model.Step;
import org.keops.automigrate.model.WhenUnversioned;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the boot does by itself, and what it would do. */
abstract class BootVerb extends PermissionVerb {
    @Option(names = "--leave-permissions-alone", description = "Neither look at permissions nor repair them.")
    private boolean leavePermissionsAlone;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli makes it
    private RunOptions running;

    @Option(
            names = "--when-unversioned",
            paramLabel = "WHAT",
            defaultValue = "stamp-head",
            description =
                    "stamp-head (the default), upgrade-from-base, refuse, or the id of a revision to stamp first.")
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
            return answer(migrator().run(dataSource()));
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
            if (planned.decision() instanceof Decision.LeaveAlone leaveAlone) {
                return answer(leaveAlone.outcome());
            }
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            fields.put("exitCode", ExitCode.OK);
            fields.put("decision", Names.kebab(planned.decision().getClass().getSimpleName()));
            fields.put("from", Fields.ids(planned.plan().from()));
            fields.put("to", Fields.ids(planned.plan().to()));
            fields.put(
                    "groups",
                    planned.plan().groups().stream().map(Planned::group).toList());
            print(lines(planned), fields);
            return ExitCode.OK;
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
                lines.add("at head " + RevisionIds.show(atHead.rows())
                        + (atHead.repairPermissions() ? "; permissions would be repaired" : "; nothing would be done"));
            }
            for (Plan.Group group : planned.plan().groups()) {
                lines.add(group instanceof Plan.OutsideTransaction ? "outside a transaction:" : "in one transaction:");
                for (Step step : group.steps()) {
                    lines.add("  " + line(step));
                }
            }
            return lines;
        }

        private static String line(Step step) {
            return step instanceof Step.Upgrade upgrade
                    ? "upgrade " + RevisionIds.show(upgrade.revision().downRevisions()) + " -> "
                            + upgrade.revision().id() + ", "
                            + upgrade.revision().message()
                    : "stamp " + RevisionIds.show(step.rowsAfter());
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
