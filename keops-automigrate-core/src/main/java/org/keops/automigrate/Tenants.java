package org.keops.automigrate;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.keops.automigrate.decision.DecisionTable;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.model.DatabaseState;
import org.keops.automigrate.model.Decision;
import org.keops.automigrate.model.TenantsReport;
import org.keops.automigrate.postgres.errand.Worker;
import org.keops.automigrate.postgres.failure.FailureClassifier;

/** Many boots by few threads: each takes the next tenant until none is left. For one call. */
final class Tenants {
    private final List<Tenant> tenants;
    private final AtomicReferenceArray<BootReport> reports;
    private final AtomicInteger next = new AtomicInteger();
    private volatile boolean interrupted;

    Tenants(List<Tenant> tenants) {
        this.tenants = List.copyOf(tenants);
        this.reports = new AtomicReferenceArray<>(this.tenants.size());
        Set<String> names = new HashSet<>();
        for (Tenant tenant : this.tenants) {
            if (!names.add(tenant.name())) {
                throw new IllegalArgumentException("two tenants are called " + tenant.name());
            }
        }
    }

    TenantsReport run(int parallelism) {
        if (parallelism < 1) {
            throw new IllegalArgumentException("parallelism is " + parallelism + "; it has to be 1 or more");
        }
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Math.min(parallelism, tenants.size()); i++) {
            Thread thread = new Thread(this::work, Worker.NAME + "-tenants-" + (i + 1));
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        threads.forEach(thread -> join(thread, threads));
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        Map<String, BootReport> byName = new LinkedHashMap<>();
        for (int i = 0; i < tenants.size(); i++) {
            byName.put(tenants.get(i).name(), reports.get(i));
        }
        return new TenantsReport(byName, Duration.ofNanos(System.nanoTime() - start));
    }

    /** An interrupt of the caller is one of all that are at work; the rest does not begin. */
    private void join(Thread thread, List<Thread> all) {
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
                all.forEach(Thread::interrupt);
            }
        }
    }

    private void work() {
        for (int i = next.getAndIncrement(); i < tenants.size(); i = next.getAndIncrement()) {
            reports.set(i, interrupted ? notBegun() : run(tenants.get(i)));
        }
    }

    /** A boot does not throw because of a database; whatever else it may throw must not be the end of the others. */
    private static BootReport run(Tenant tenant) {
        long start = System.nanoTime();
        // what the log says of this boot comes from this thread and from the one that works for it, which takes its
        // name
        Thread.currentThread().setName(Worker.NAME + "-" + tenant.name());
        try {
            return tenant.migrator().run(tenant.dataSource());
        } catch (RuntimeException | LinkageError e) {
            DatabaseState state = FailureClassifier.classify(e);
            return untouched(state, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private static BootReport notBegun() {
        return untouched(
                new DatabaseState.Offline("not looked at: the caller was interrupted before its turn"), Duration.ZERO);
    }

    private static BootReport untouched(DatabaseState state, Duration duration) {
        return Result.untouched(new Decision.LeaveAlone(DecisionTable.untouched(state)))
                .report(duration);
    }
}
