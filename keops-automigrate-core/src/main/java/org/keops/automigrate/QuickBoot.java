package org.keops.automigrate;

import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.Outcome;
import org.keops.automigrate.model.PermissionReport;
import org.keops.automigrate.model.RevisionId;
import org.keops.automigrate.postgres.errand.Worker;
import org.keops.automigrate.postgres.probe.FirstSight;
import org.keops.automigrate.postgres.session.Question;

/**
 * The usual boot, which finds nothing to do, in a lane of its own: in a process that has just begun, loading what could do
 * more takes longer than looking. Whatever is not so is left to {@link Boot}, which goes on with the same connection and
 * the same answer. See {@code docs/decisions/0025-a-lane-for-the-usual-boot.md}. For one thread.
 */
final class QuickBoot {
    /** Many times what it takes; whoever is slower is watched by the clocks of an errand. */
    private static final Duration PATIENCE = Duration.ofMillis(200);

    private QuickBoot() {}

    /**
     * Boots, if the database is at the heads and lacks nothing.
     *
     * @param worker on its way, with {@link FirstSight} to ask; or back already, where it has asked on this thread
     * @param scripts read here, mostly while the database is asked
     * @param start when the boot began, as {@link System#nanoTime} tells it
     * @param deadline how long it may take since
     * @return the report; null if it is another boot
     */
    static @Nullable BootReport run(Worker worker, ScriptCatalog scripts, long start, Duration deadline) {
        scripts.read();
        // gone through while the server thinks: its classes are there when the answer comes
        BootLog.prepare(report(new TreeSet<>(), start));
        Duration left = deadline.minusNanos(System.nanoTime() - start);
        Question answer = worker.looked(left.compareTo(PATIENCE) < 0 ? left : PATIENCE);
        SortedSet<RevisionId> rows = answer == null ? null : FirstSight.sound(answer);
        if (rows == null || !scripts.isAtHeads(rows)) {
            return null;
        }
        worker.giveBack(deadline.minusNanos(System.nanoTime() - start));
        BootReport report = report(rows, start);
        BootLog.write(report);
        return report;
    }

    private static BootReport report(SortedSet<RevisionId> rows, long start) {
        return new BootReport(
                new Outcome.AtHead(RevisionId.copyOf(rows)),
                List.of(),
                PermissionReport.NOTHING,
                Duration.ofNanos(System.nanoTime() - start));
    }
}
