package org.keops.automigrate.reliability;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.keops.automigrate.model.BootReport;
import org.keops.automigrate.testing.Conditions;
import org.keops.automigrate.testing.CutProxy;
import org.keops.automigrate.testing.CutProxy.Cut;
import org.keops.automigrate.testing.CutProxy.Way;
import org.keops.automigrate.testing.TestDatabase;

/** Tells stories on lines that break, then once more on one that holds, and counts how they end. Used by one thread. */
final class Trial {
    private static final Duration BOUND = Duration.ofSeconds(60);

    private final BiFunction<Story, DataSource, BootReport> whenGone;
    private final List<AssertionError> failures = new ArrayList<>();
    private final long start = System.nanoTime();
    private int runs;
    private int cuts;

    Trial() {
        this(Story::tell);
    }

    /**
     * Prepares one.
     *
     * @param whenGone how a story is told on a line that nobody mends
     */
    Trial(BiFunction<Story, DataSource, BootReport> whenGone) {
        this.whenGone = whenGone;
    }

    /**
     * Breaks a story, once or several times in a row.
     *
     * @param cuts where; each is a telling
     * @return whether the last one was reached
     */
    boolean run(Story story, Cut... cuts) {
        runs++;
        AtomicBoolean reached = new AtomicBoolean();
        try (TestDatabase database = story.database()) {
            judge(story + ", " + List.of(cuts), database, story, () -> {
                for (Cut cut : cuts) {
                    reached.set(disturbed(story, database, cut));
                    this.cuts += reached.get() ? 1 : 0;
                }
            });
        }
        return reached.get();
    }

    /**
     * Stalls a story, lets somebody else do something meanwhile, and lets the story go on as if nothing had been.
     *
     * @param cut where it stalls
     * @param other does something to the database
     * @param whole the story that is told at last, by whom the database has to be as at its end
     * @param good demands that the stalled one has ended well
     */
    void overlap(
            Story story,
            Cut cut,
            Consumer<TestDatabase> other,
            Story whole,
            BiConsumer<BootReport, TestDatabase> good) {
        runs++;
        try (TestDatabase database = story.database();
                CutProxy proxy = CutProxy.before(story.server(), cut)) {
            judge(story + ", " + cut, database, whole, () -> {
                good.accept(whileStalled(story, database, proxy, () -> other.accept(database)), database);
            });
            cuts += proxy.hasCut() ? 1 : 0;
        }
    }

    /**
     * Stalls a story and kills somebody who takes part.
     *
     * @param cut where it stalls
     * @param kill tells it through the proxy, and kills when the line is silent
     */
    void killed(Story story, String name, Cut cut, BiConsumer<CutProxy, TestDatabase> kill) {
        runs++;
        try (TestDatabase database = story.database();
                CutProxy proxy = CutProxy.before(story.server(), cut)) {
            judge(story + ", " + name + ", " + cut, database, story, () -> kill.accept(proxy, database));
            cuts += proxy.hasCut() ? 1 : 0;
        }
    }

    /**
     * Tells a story undisturbed, and looks.
     *
     * @param before what may throw an AssertionError, too
     */
    private void judge(String what, TestDatabase database, Story story, Runnable before) {
        try {
            before.run();
            Convergence.requireDone(what, within(() -> story.tell(database.superuser())));
            Convergence.require(what, database, story.end());
        } catch (AssertionError e) {
            failures.add(new AssertionError(what + "; " + Convergence.sessions(database), e));
        }
    }

    private boolean disturbed(Story story, TestDatabase database, Cut cut) {
        try (CutProxy proxy = CutProxy.before(story.server(), cut)) {
            if (cut.way() == Way.STALL) {
                Runnable other = () -> within(() -> story.tellMeanwhile(database.superuser()));
                Convergence.requireDone(story + ", " + cut, whileStalled(story, database, proxy, other));
            } else {
                BiFunction<Story, DataSource, BootReport> telling = cut.way() == Way.GONE ? whenGone : Story::tell;
                within(() -> telling.apply(story, proxy.superuser(database)));
            }
            return proxy.hasCut();
        }
    }

    /** Tells a story through a proxy that stalls, and does something else as soon as the line is silent. */
    static BootReport whileStalled(Story story, TestDatabase database, CutProxy proxy, Runnable other) {
        CompletableFuture<BootReport> first =
                CompletableFuture.supplyAsync(() -> story.tell(proxy.superuser(database)), Trial::onThread);
        BooleanSupplier stalled = () -> proxy.hasCut() || first.isDone();
        Conditions.await("the line is silent or the story is told", stalled);
        other.run();
        proxy.resume();
        return within(first::get);
    }

    /** A boot that neither ends nor throws is the worst of all ends: it is not waited for. */
    static <T> T within(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        onThread(() -> {
            try {
                result.complete(task.call());
            } catch (Exception e) {
                result.completeExceptionally(e);
            }
        });
        try {
            return result.get(BOUND.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("it hangs", e);
        } catch (ExecutionException e) {
            throw new AssertionError("it threw", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    static void onThread(Runnable task) {
        Thread thread = new Thread(task, "boot");
        thread.setDaemon(true);
        thread.start();
    }

    /** Counts what another has tried as well. */
    void add(Trial other) {
        failures.addAll(other.failures);
        runs += other.runs;
        cuts += other.cuts;
    }

    /**
     * Prints the counts.
     *
     * @param what of what
     * @throws AssertionError if a run did not end as it has to
     */
    void conclude(String what) {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
        System.out.println(what + ": " + runs + " runs, " + cuts + " cuts, " + (runs - failures.size()) + " converged, "
                + seconds + " s");
        if (!failures.isEmpty()) {
            AssertionError first = failures.get(0);
            failures.subList(1, failures.size()).forEach(first::addSuppressed);
            throw first;
        }
        if (cuts == 0) {
            throw new AssertionError("nothing was cut");
        }
    }
}
